"""The letters of `wilhelmy`, five folds: `letter_cnn` beside `random_forest` on the same slices."""

from collections.abc import Iterator
from typing import Any

from benchmarks.accuracy import images
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import Training, per_character, task_of
from benchmarks.accuracy.splits import hold_out
from benchmarks.accuracy.wilhelmy import ALPHABET, FOLDS
from benchmarks.common import sized
from labeling.imaging.recipe import Recipe
from labeling.imaging.slicing import Projection
from labeling.imaging.steps import Autocontrast, Channel

RECIPE = Recipe((Channel("grey"), Autocontrast()), Projection())
TASK = task_of(ALPHABET, 5, 5, RECIPE)
MINUTES = sized(5.0, 0.1)


def cells() -> Iterator[Cell]:
    for architecture, target in (("letter_cnn", 0.956), ("random_forest", None)):
        for fold in range(FOLDS)[: sized(None, 1)]:
            training = Training(architecture, TASK, MINUTES)
            yield Cell(
                row="letters",
                label=f"Letters of `wilhelmy`, 5 folds, `{architecture}` on projection slices",
                name=f"{architecture}-fold{fold}",
                unit="per letter",
                target=target,
                settings=training.settings() | {"fold": fold, "folds": FOLDS},
                measure=lambda training=training, fold=fold: _measure(training, fold),
            )


def _measure(training: Training, fold: int) -> dict[str, Any]:
    return per_character(training.run(*hold_out(images.wilhelmy(), fold, FOLDS)))
