"""`varlen`, four fifths to train on and one to test: four to eight characters in many fonts, compared without case.

Images that no one can read (see `varlen_unreadable.txt`) take part neither in training nor in the count; they are
counted beside it.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from benchmarks.accuracy import images
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import COLOUR_TEXT_BOX, DIGITS, LETTERS, Training, task_of
from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import hold_out
from benchmarks.common import sized

# What the project's own proposal gives for these images (`manage.py propose_preparation`).
RECIPE = COLOUR_TEXT_BOX
TASK = task_of(DIGITS + LETTERS, 4, 8, RECIPE, case_sensitive=False)
MINUTES = sized(20.0, 0.1)
PART, PARTS = 0, 5


def readable() -> list[Labelled]:
    unreadable = images.unreadable()
    return [image for image in images.varlen() if image.sha256[:16] not in unreadable]


def cells() -> Iterator[Cell]:
    training = Training("ctc", TASK, MINUTES)
    unreadable = images.unreadable()

    def measure() -> dict[str, Any]:
        excluded = [image for image in images.varlen() if image.sha256[:16] in unreadable]
        kinds = Counter(unreadable[image.sha256[:16]] for image in excluded)
        return training.run(*hold_out(readable(), PART, PARTS)) | {
            "unreadable_excluded": dict(sorted(kinds.items())),
            "unreadable_of_the_test_part": len(hold_out(excluded, PART, PARTS)[1]),
        }

    yield Cell(
        row="varlen",
        label="`varlen` without case, 80/20, `ctc`",
        name="ctc",
        unit="whole-string",
        target=0.85,
        settings=training.settings() | {"part": PART, "parts": PARTS, "unreadable": sorted(unreadable)},
        measure=measure,
    )
