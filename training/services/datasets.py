"""Dataset versions: freezing what is labelled now, split by hash."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, QuerySet

from labeling.errors import Refused
from labeling.imaging.arrays import Pixels
from labeling.imaging.decode import UnreadableImage, decode_image
from labeling.models import Image, Project
from labeling.querysets import ImageQuerySet
from labeling.services.audit import Action, record
from labeling.services.images import stored_bytes
from training.models import DatasetItem, DatasetVersion, Split
from training.recognition.groups import group_keys
from training.recognition.task import ReadingTask, TextDoesNotFit

VALIDATION_SHARE = 0.1
TEST_SHARE = 0.1
# Fewer than these cannot fill three splits with anything that means something.
MIN_IMAGES = 10


@dataclass(frozen=True)
class Labelled:
    """What splitting needs to know of an image; see `training.recognition.groups.Groupable`."""

    pk: int
    sha256: str
    text: str
    fingerprint: bytes
    pinned_split: str = ""


def assign_splits(images: Iterable[Labelled]) -> dict[int, Split]:
    """Split images by the hash of their content, near-duplicates together; return image id -> split.

    An image stays in its split in every later version, whatever is added, so nothing that was tested on is ever
    trained on. Near-duplicates can only be images with the same text, which keeps the search for them small; a
    group's split is decided by its smallest content hash. Images that came with a split keep it, and their
    near-duplicates without one follow them.
    """
    images = list(images)
    groups = list(zip(images, group_keys(images), strict=True))
    by_hash = sorted(groups, key=lambda group: group[0].sha256, reverse=True)
    # Of several in a group, the one with the smallest hash leads: it comes last and so stays.
    leading = {key: image.pinned_split for image, key in by_hash if image.pinned_split}
    splits = {}
    for image, key in groups:
        pinned = image.pinned_split or leading.get(key)
        splits[image.pk] = Split(pinned) if pinned else split_of(key)
    # Where a split would be empty, images that were not pinned make room first.
    return _without_empty_splits(splits, {image.pk: (image.pinned_split, image.sha256) for image in images})


def split_of(sha256: str) -> Split:
    """Return the split that an image's content decides, where nothing else does."""
    # Hashed once more, so that the share is fair even where somebody chose images by their SHA-256.
    share = int.from_bytes(hashlib.sha256(f"split {sha256}".encode()).digest()[:8]) / 2**64
    if share < TEST_SHARE:
        return Split.TEST
    return Split.VALIDATION if share < TEST_SHARE + VALIDATION_SHARE else Split.TRAIN


def _without_empty_splits(splits: dict[int, Split], order: dict[int, tuple[str, str]]) -> dict[int, Split]:
    """Tiny sets may leave a split empty by chance: then the training images that are first in an order fill it."""
    for needed in (Split.VALIDATION, Split.TEST):
        if needed not in splits.values():
            training = sorted(
                (pk for pk, split in splits.items() if split == Split.TRAIN),
                key=order.__getitem__,
            )
            splits.update((pk, needed) for pk in training[: max(1, len(splits) // 10)])
    return splits


def check_labels(*, project: Project, task: ReadingTask) -> None:
    """Look whether every label can be a text of the project.

    Raises:
        Refused: one cannot; it says which image's.
    """
    labelled = _labelled(project)
    for text in labelled.order_by("text").values_list("text", flat=True).distinct():
        try:
            task.encode(text)
        except TextDoesNotFit as error:
            name = labelled.filter(text=text).values_list("name", flat=True).first()
            raise Refused(
                f"The label of “{name}” does not fit: {error} Correct it, then try again."
            ) from None


def splits_of_labelled(project: Project) -> dict[int, Split]:
    """Return image id -> split of every image that has a text, as a dataset frozen now would have them."""
    return assign_splits(_splittable(project))


def freeze_dataset(*, project: Project, least: int = MIN_IMAGES) -> DatasetVersion:
    """Freeze every labelled image with its text and split; the same content again gives the same version.

    A version loses images that are deleted, and has them again once they are back.

    Args:
        least: with fewer labels there is no version. A training without labels takes what there is, even nothing.

    Raises:
        Refused: too few images are labelled, or some were deleted this very moment.
    """
    images = _splittable(project)
    if len(images) < least:
        raise Refused(
            f"“{project.name}” has {len(images)} labelled images; training needs at least {least}. "
            "Label more on the Label page, or import images with their labels."
        )
    splits = assign_splits(images)
    digest = dataset_hash((image.sha256, image.text, splits[image.pk]) for image in images)
    try:
        with transaction.atomic():
            Project.objects.select_for_update().get(pk=project.pk)
            dataset = _version_of(project, digest, Counter(splits.values()))
            if dataset.items.count() < len(images):
                _fill(dataset, images, splits)
    except IntegrityError:
        raise Refused("Images were deleted this very moment. Try again: they are left out then.") from None
    return dataset


def freeze_by_hand(*, project: Project, user: Any) -> DatasetVersion:
    """Freeze what is labelled now because somebody wants it so, and write down who did.

    Raises:
        Refused: as `freeze_dataset` does.
    """
    dataset = freeze_dataset(project=project)
    record(project=project, user=user, action=Action.DATASET_FROZEN, target=str(dataset))
    return dataset


def _version_of(project: Project, digest: str, counts: Mapping[Split, int]) -> DatasetVersion:
    existing: DatasetVersion | None = project.dataset_versions.filter(hash=digest).first()
    return existing or DatasetVersion.objects.create(
        project=project,
        number=(project.dataset_versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        hash=digest,
        train_count=counts[Split.TRAIN],
        validation_count=counts[Split.VALIDATION],
        test_count=counts[Split.TEST],
    )


def _fill(dataset: DatasetVersion, images: Iterable[Labelled], splits: Mapping[int, Split]) -> None:
    DatasetItem.objects.bulk_create(
        (
            DatasetItem(dataset=dataset, image_id=image.pk, text=image.text, split=splits[image.pk])
            for image in images
        ),
        batch_size=2000,
        # Of a version that has lost images, the others are there.
        ignore_conflicts=True,
    )


def dataset_hash(items: Iterable[tuple[str, str, str]]) -> str:
    """Return the SHA-256 (hex) over sorted (image SHA-256, text, split): independent of order and of this database."""
    lines = sorted(f"{sha256}\t{text}\t{split}" for sha256, text, split in items)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _labelled(project: Project) -> ImageQuerySet:
    return Image.objects.labelled().filter(project=project).order_by("id")


def _splittable(project: Project) -> list[Labelled]:
    rows = _labelled(project).values_list("pk", "sha256", "text", "fingerprint", "pinned_split")
    # PostgreSQL gives memoryviews.
    return [
        Labelled(pk, sha256, text, bytes(fingerprint), pinned_split)
        for pk, sha256, text, fingerprint, pinned_split in rows
    ]


@dataclass(frozen=True)
class SplitOutlook:
    """How many labelled images a run started now would use for what."""

    train: int
    validation: int
    test: int

    @property
    def total(self) -> int:
        return self.train + self.validation + self.test


def split_outlook(project: Project) -> SplitOutlook:
    """Estimate the splits of a run started now, from the shares of all that is not pinned: no image is looked at."""
    rows = _labelled(project).exclude(pinned_split="").order_by()
    pinned = Counter(dict(rows.values_list("pinned_split").annotate(Count("id"))))
    total = project.counts.labelled
    free = total - pinned.total()
    test = round(free * TEST_SHARE) + pinned[Split.TEST]
    validation = round(free * VALIDATION_SHARE) + pinned[Split.VALIDATION]
    return SplitOutlook(train=total - test - validation, validation=validation, test=test)


def decoded_split(dataset: DatasetVersion, split: Split) -> Iterator[tuple[Pixels, str]]:
    """Yield (RGBA pixels uint8 (h, w, 4), text) of a split, in a fixed order."""
    return decoded_items(dataset.items.filter(split=split))


def decoded_items(items: QuerySet[DatasetItem]) -> Iterator[tuple[Pixels, str]]:
    """Yield (RGBA pixels uint8 (h, w, 4), text) of items, in the order of their ids.

    Raises:
        Refused: an image's file is missing or damaged, or it was deleted this very moment.
    """
    for item, pixels in items_with_pixels(items):
        yield pixels, item.text


def items_with_pixels(items: QuerySet[DatasetItem]) -> Iterator[tuple[DatasetItem, Pixels]]:
    """Yield items with their images, as `decoded_items` does."""
    for item in items.select_related("image").order_by("id").iterator(chunk_size=500):
        try:
            pixels = decode_image(stored_bytes(item.image)).pixels
        except UnreadableImage as error:
            raise Refused(f"“{item.image.name}” cannot be read any more. {error}") from None
        yield item, pixels
