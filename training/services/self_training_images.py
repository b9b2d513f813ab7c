"""Unlabelled images that a run may learn from: those whose content says "train", and no twin of a held-out image."""

from collections.abc import Iterator

import numpy as np
from django.db.models import Max
from numpy.typing import NDArray

from labeling.errors import Refused
from labeling.imaging.arrays import Pixels
from labeling.imaging.decode import UnreadableImage, decode_image
from labeling.imaging.similarity import near_any
from labeling.models import Image, ImageStatus, Project
from labeling.services.images import stored_bytes
from training.leftovers import run_folder
from training.models import Run, Split
from training.recognition.architectures import Architecture
from training.recognition.data import build_pictures, open_samples
from training.recognition.task import ReadingTask
from training.services.datasets import TEST_SHARE, VALIDATION_SHARE, split_of

# More of them would each be seen only a few times in the minutes that a run takes on processors.
MOST = 5000
# With fewer, a round finds hardly anything that the labels have not taught.
FEWEST = 200
CHUNK = 500


def unlabelled_outlook(project: Project) -> int:
    """Estimate how many unlabelled images a run started now could learn from: no image is looked at."""
    unlabelled = project.counts.unlabelled
    if not unlabelled:
        return 0
    rows = Image.objects.unlabelled().filter(project=project).exclude(pinned_split="")
    pinned = list(rows.values_list("pinned_split", flat=True))
    free = round((unlabelled - len(pinned)) * (1 - VALIDATION_SHARE - TEST_SHARE))
    return min(MOST, max(free, 0) + pinned.count(Split.TRAIN))


def newest_image(project: Project) -> int:
    """Return the id up to which a run started now knows the project's images; 0 where there is none."""
    newest = Image.objects.filter(project=project).aggregate(newest=Max("pk"))["newest"]
    return int(newest or 0)


def unlabelled_images(run: Run) -> list[int]:
    """Return the ids of the images that a run learns from without labels, at most MOST, in the order of their hashes.

    They are those that were there when the run was made and are no part of its dataset, whatever was labelled since,
    so an interrupted run finds the same. Whoever skipped an image found that it cannot be read.
    """
    rows = (
        Image.objects.filter(project=run.project_id, pk__lte=run.unlabelled_until or 0)
        .exclude(status=ImageStatus.SKIPPED)
        .exclude(pk__in=run.dataset.items.values("image"))
        .order_by("sha256")
        .values_list("pk", "sha256", "pinned_split", "fingerprint")
    )
    chosen: list[tuple[int, bytes]] = []
    for pk, sha256, pinned, fingerprint in rows.iterator(chunk_size=2000):
        if (pinned or split_of(sha256)) == Split.TRAIN:
            chosen.append((pk, bytes(fingerprint)))
        if len(chosen) == MOST:
            break
    held_out = run.dataset.items.exclude(split=Split.TRAIN).values_list("image__fingerprint", flat=True)
    twins = near_any([fingerprint for _, fingerprint in chosen], [bytes(each) for each in held_out])
    return [pk for (pk, _), is_twin in zip(chosen, twins, strict=True) if not is_twin]


def unlabelled_pictures(run: Run, task: ReadingTask, architecture: Architecture) -> NDArray[np.uint8]:
    """Return a run's unlabelled images as its network sees them, uint8 (n, parts, height, width, channels).

    They are decoded once and kept until the run is done. Files that cannot be read are left out.
    """
    folder = run_folder(run.pk) / "unlabelled"
    try:
        return open_samples(folder).pictures
    except FileNotFoundError:
        return build_pictures(
            _pixels(unlabelled_images(run)), task, architecture, run.hyperparameters, folder
        )


def _pixels(ids: list[int]) -> Iterator[Pixels]:
    for start in range(0, len(ids), CHUNK):
        found = Image.objects.in_bulk(ids[start : start + CHUNK])
        for pk in ids[start : start + CHUNK]:
            # One that was deleted since is left out.
            if pk in found:
                try:
                    yield decode_image(stored_bytes(found[pk])).pixels
                except (UnreadableImage, Refused):
                    continue
