"""Few labelled images of a real set, further ones without their labels, and the test part of `benchmarks.accuracy`."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.accuracy import digits4, images, varlen, wilhelmy
from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import hold_out
from benchmarks.common import sized
from training.recognition.groups import group_keys
from training.recognition.task import ReadingTask

PART, PARTS = 0, 5
ALL = "all"
LABELS: tuple[int | str, ...] = sized((0, 25, 50, 100, 200, ALL), (0, 40, ALL))
SEEDS = sized(5, 1)


@dataclass(frozen=True)
class LabelSet:
    """A set, and how its texts are read."""

    name: str
    images: Callable[[], list[Labelled]]
    task: ReadingTask


SETS = {
    each.name: each
    for each in (
        LabelSet("wilhelmy", images.wilhelmy, wilhelmy.TASK),
        LabelSet("digits4", images.digits4, digits4.TASK),
        LabelSet("varlen", varlen.readable, varlen.TASK),
    )
}


@dataclass(frozen=True)
class Parts:
    """Images to learn from with their labels, others to learn from without, and those that measure."""

    labelled: list[Labelled]
    unlabelled: list[Labelled]
    test: list[Labelled]


def chosen_labels() -> list[int | str]:
    """The numbers of labels to measure, fewest first."""
    wanted = os.environ.get("LABELS", "")
    return [each for each in LABELS if not wanted or str(each) in wanted.split(",")]


def chosen_seeds() -> range:
    return range(int(os.environ.get("SEEDS", SEEDS)))


def parts(chosen: LabelSet, labels: int | str, seed: int) -> Parts:
    """The test part is the same for all; which other images are labelled is drawn by the seed, and fewer labels are
    among the more."""
    pool, test = _pool_and_test(chosen)
    return Parts(*drawn(pool, len(pool) if labels == ALL else int(labels), seed), test)


@lru_cache(maxsize=1)
def _pool_and_test(chosen: LabelSet) -> tuple[list[Labelled], list[Labelled]]:
    return hold_out(chosen.images(), PART, PARTS)


def drawn(pool: Sequence[Labelled], labels: int, seed: int) -> tuple[list[Labelled], list[Labelled]]:
    """About so many labelled images, and the others; near-duplicates are never apart."""
    if not labels:
        return [], list(pool)
    keys = group_keys(pool)
    hashes = [hashlib.sha256(f"labels {seed} {key}".encode()).hexdigest() for key in keys]
    order = sorted(range(len(pool)), key=lambda index: (hashes[index], pool[index].sha256))
    last = hashes[order[min(labels, len(pool)) - 1]]
    labelled = [pool[index] for index in order if hashes[index] <= last]
    return labelled, [pool[index] for index in order if hashes[index] > last]
