"""Few labels of a real set to learn from, and many further images to measure on.

Both come from the training side of the comparison's first part: what `benchmarks.accuracy` tests on is never
looked at here, so that nothing is chosen by it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.accuracy import digits4, images, wilhelmy
from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import hold_out
from benchmarks.common import sized
from training.recognition.groups import group_keys
from training.recognition.task import ReadingTask

PARTS = 5

MEASURED = sized(500, 30)
"""Images to measure on, at most."""


@dataclass(frozen=True)
class FewLabels:
    """So many labels of a set, a tenth of which validates, and how many epochs a training on them takes."""

    name: str
    images: Callable[[], list[Labelled]]
    task: ReadingTask
    labels: int
    epochs: int

    def split(self) -> tuple[list[Labelled], list[Labelled]]:
        """The labelled images, and those to measure on."""
        return _split(self)


SETS = {
    each.name: each
    for each in (
        FewLabels("wilhelmy", images.wilhelmy, wilhelmy.TASK, sized(150, 40), sized(50, 2)),
        FewLabels("digits4", images.digits4, digits4.TASK, sized(300, 40), sized(30, 2)),
    )
}


@lru_cache(maxsize=len(SETS))
def _split(few: FewLabels) -> tuple[list[Labelled], list[Labelled]]:
    return split(hold_out(few.images(), 0, PARTS)[0], few.labels, MEASURED)


def split(candidates: list[Labelled], labels: int, measured: int) -> tuple[list[Labelled], list[Labelled]]:
    """By content: about `labels` images, and up to `measured` others; near-duplicates are never apart."""
    # Other digits of the hash than `hold_out` and `training_and_validation` use.
    keyed = [key[16:] for key in group_keys(candidates)]
    order = sorted(range(len(candidates)), key=lambda index: (keyed[index], candidates[index].sha256))
    last = keyed[order[labels - 1]]
    learnt = [candidates[index] for index in order if keyed[index] <= last]
    others = [candidates[index] for index in order if keyed[index] > last]
    return learnt, others[:measured]


def digest(chosen: list[Labelled]) -> str:
    """Tells whether two results were measured on the same images in the same order: 16 hex digits."""
    return hashlib.sha256("".join(image.sha256 for image in chosen).encode()).hexdigest()[:16]
