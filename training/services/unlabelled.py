"""The images that a training without labels learns from, and those that it must never see."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from labeling.errors import ImageGone, Refused
from labeling.imaging.arrays import Pixels
from labeling.imaging.decode import UnreadableImage, decode_image
from labeling.models import Image, ImageStatus, Project
from labeling.services.images import stored_bytes
from training.models import Run, Split
from training.recognition.family import ENOUGH
from training.services.datasets import TEST_SHARE, VALIDATION_SHARE, split_of

LEAST_PICTURES = 50
"""Fewer images to learn from say too little about what all have in common."""
MOST_PICTURES = 10_000
"""As many are looked at; of a larger project, a part that is drawn by chance."""
CHUNK = 500
HELD_OUT_SHARE = VALIDATION_SHARE + TEST_SHARE


@dataclass(frozen=True)
class Outlook:
    """About how many images a training without labels would learn from, and how many it would leave for measuring."""

    learnt: int
    held_out: int

    @property
    def is_enough(self) -> bool:
        return self.learnt >= LEAST_PICTURES

    @property
    def missing(self) -> int:
        """About how many more images it takes."""
        return max(0, math.ceil((LEAST_PICTURES - self.learnt) / (1 - HELD_OUT_SHARE)))


def outlook_of(project: Project) -> Outlook:
    """Estimate from the shares of the splits: no image is looked at."""
    held_out = round(project.counts.total * HELD_OUT_SHARE)
    return Outlook(project.counts.total - held_out, held_out)


def learnt_images(run: Run) -> list[int]:
    """Return the ids of the images that a run learns from without their texts, in an order drawn by its seed.

    They are those whose content puts them into the training split. What a dataset version of the run says otherwise
    counts more: its images that are validated or tested with are left out.
    """
    other = run.dataset.items.exclude(split=Split.TRAIN).values_list("image", flat=True)
    kept_apart = set(other)
    images = [pk for pk, split in _splits(run.project) if split == Split.TRAIN and pk not in kept_apart]
    Random(run.seed).shuffle(images)
    return images[:MOST_PICTURES]


def held_out_images(run: Run) -> list[int]:
    """Return the ids of the images without a text that a run does not learn from, in the order of their ids."""
    waiting = Image.objects.filter(project=run.project, status=ImageStatus.UNLABELLED)
    there = set(waiting.values_list("pk", flat=True))
    return [pk for pk, split in _splits(run.project) if split != Split.TRAIN and pk in there]


def unlabelled_family(run: Run) -> Iterator[Pixels]:
    """Yield images (RGBA uint8 (h, w, 4)) that tell what a run's family looks like, as `family_pictures` does for runs
    with labels."""
    yield from decoded_images(learnt_images(run)[:ENOUGH])


def check_enough(project: Project) -> None:
    """Look whether there are images enough to learn from without labels.

    Raises:
        Refused: there are not; it says how many are needed.
    """
    splits = [split for _, split in _splits(project)]
    learnt = splits.count(Split.TRAIN)
    if learnt < LEAST_PICTURES:
        raise Refused(
            f"“{project.name}” has {len(splits)} images, of which {learnt} may be learnt from: a fifth is kept apart "
            f"to measure honestly. Reading without labels needs at least {LEAST_PICTURES} to learn from, so about "
            f"{math.ceil(LEAST_PICTURES / (1 - HELD_OUT_SHARE))} in all. Import more."
        )


def decoded_images(ids: list[int]) -> Iterator[Pixels]:
    """Yield images as RGBA pixels uint8 (h, w, 4), in the order of their ids; those deleted meanwhile are left out.

    Raises:
        Refused: an image's file is missing or damaged.
    """
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield from _decoded(ordered[start : start + CHUNK])


def _decoded(ids: list[int]) -> Iterator[Pixels]:
    for image in Image.objects.filter(pk__in=ids).order_by("pk"):
        try:
            yield decode_image(stored_bytes(image)).pixels
        except ImageGone:
            continue
        except UnreadableImage as error:
            raise Refused(f"“{image.name}” cannot be read any more. {error}") from None


def _splits(project: Project) -> Iterator[tuple[int, Split]]:
    rows = Image.objects.filter(project=project).order_by("pk").values_list("pk", "sha256", "pinned_split")
    for pk, sha256, pinned in rows.iterator(chunk_size=2000):
        yield pk, Split(pinned) if pinned else split_of(sha256)
