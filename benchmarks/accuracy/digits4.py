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
PATIENT = {"patience": 400}
"""On a further part of the training images, ten minutes without an early end read 97.7 % where the default, which ended
after two, read 96.9 %."""
PATIENT_MINUTES = sized(10.0, 0.1)
PATIENT_EPOCHS = sized(400, 2)


def cells() -> Iterator[Cell]:
    kinds = (
        ("slots", "`slots`", Training("slots", TASK, MINUTES, max_epochs=EPOCHS)),
        (
            "slots-patient",
            "`slots` without early stopping",
            Training("slots", TASK, PATIENT_MINUTES, max_epochs=PATIENT_EPOCHS, hyperparameters=PATIENT),
        ),
    )
    for name, how, training in kinds:
        yield Cell(
            row="digits4",
            label=f"`digits4`, 80/20, {how}",
            name=name,
            unit="whole-string",
            target=0.985,
            settings=training.settings() | {"part": 0, "parts": 5},
            measure=lambda training=training: training.run(*hold_out(images.digits4(), 0, 5)),
        )
