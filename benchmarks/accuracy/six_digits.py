"""Six digits drawn by `generators.six_digits` at 120x40: one CNN per position beside the default, on the same images
and for the same minutes."""

from collections.abc import Iterator
from typing import Any

from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import DIGITS, GREY, Training, task_of
from benchmarks.accuracy.generators import six_digits
from benchmarks.common import sized

TASK = task_of(DIGITS, 6, 6, GREY)
TRAIN_IMAGES, TEST_IMAGES = sized((5000, 1000), (200, 50))
MINUTES = sized(5.0, 0.1)


def cells() -> Iterator[Cell]:
    for architecture in ("position_ensemble", "slots"):
        training = Training(architecture, TASK, MINUTES)
        yield Cell(
            row="six_digits",
            label=f"Six drawn digits, `{architecture}`",
            name=architecture,
            unit="whole-string",
            target=0.995,
            settings=training.settings() | {"images": TRAIN_IMAGES, "test_images": TEST_IMAGES},
            measure=lambda training=training: _measure(training),
        )


def _measure(training: Training) -> dict[str, Any]:
    return training.run(six_digits(TRAIN_IMAGES, seed=3), six_digits(TEST_IMAGES, seed=4))
