"""`digits4`, four fifths to train on and one to test: the default on real captchas of four digits, 3,061 in all."""

from collections.abc import Iterator

from benchmarks.accuracy import images
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import COLOUR, DIGITS, Training, task_of
from benchmarks.accuracy.splits import hold_out
from benchmarks.common import sized

RECIPE = COLOUR
TASK = task_of(DIGITS, 4, 4, RECIPE)
MINUTES = sized(8.0, 0.1)
EPOCHS = sized(100, 2)


def cells() -> Iterator[Cell]:
    training = Training("slots", TASK, MINUTES, max_epochs=EPOCHS)
    yield Cell(
        row="digits4",
        label="`digits4`, 80/20, `slots`",
        name="slots",
        unit="whole-string",
        target=0.985,
        settings=training.settings() | {"part": 0, "parts": 5},
        measure=lambda: training.run(*hold_out(images.digits4(), 0, 5)),
    )
