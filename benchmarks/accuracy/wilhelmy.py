"""`wilhelmy`, five folds: the default on real captchas of five characters, 869 in all."""

from collections.abc import Iterator

from benchmarks.accuracy import images
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import GREY, Training, task_of
from benchmarks.accuracy.splits import hold_out
from benchmarks.common import sized

ALPHABET = "2345678bcdefgmnpwxy"
TASK = task_of(ALPHABET, 5, 5, GREY)
FOLDS = 5
MINUTES = sized(6.0, 0.1)


def cells() -> Iterator[Cell]:
    for fold in range(FOLDS)[: sized(None, 1)]:
        training = Training("slots", TASK, MINUTES)
        yield Cell(
            row="wilhelmy",
            label="`wilhelmy`, 5 folds, `slots`",
            name=f"slots-fold{fold}",
            unit="whole-string",
            target=0.98,
            settings=training.settings() | {"fold": fold, "folds": FOLDS},
            measure=lambda fold=fold, training=training: training.run(
                *hold_out(images.wilhelmy(), fold, FOLDS)
            ),
        )
