"""The letters of `wilhelmy`, five folds: `letter_cnn` beside `random_forest` on the same slices.

The text always stands in the same place, so a crop and equal parts cut best: of nine ways, tried on training images
alone, they gave the forest the most letters right.
"""

from collections.abc import Iterator
from typing import Any

from benchmarks.accuracy import images
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import Training, per_character, task_of
from benchmarks.accuracy.splits import hold_out
from benchmarks.accuracy.wilhelmy import ALPHABET, FOLDS
from benchmarks.common import sized
from labeling.imaging.recipe import Recipe
from labeling.imaging.slicing import EqualParts
from labeling.imaging.steps import Channel, Crop

RECIPE = Recipe((Channel("grey"), Crop(left=24, top=6, right=50, bottom=4)), EqualParts())
TASK = task_of(ALPHABET, 5, 5, RECIPE)
MINUTES = sized(1.0, 0.1)
MINUTES_WITH_AUGMENTATION = sized(2.5, 0.1)
MOVED = {"shift": 0.08, "rotation": 5, "scale": 0.1, "shear": 8, "warp": 0.03, "brightness": 0.1}
"""The network's published recipe has no augmentation; what a user may add on the Train page."""


def cells() -> Iterator[Cell]:
    kinds = (
        ("letter_cnn", "as published", {}, MINUTES, None),
        ("letter_cnn", "with augmentation", MOVED, MINUTES_WITH_AUGMENTATION, 0.956),
        ("random_forest", "its baseline", {}, MINUTES, None),
    )
    for architecture, how, hyperparameters, minutes, target in kinds:
        for fold in range(FOLDS)[: sized(None, 1)]:
            training = Training(architecture, TASK, minutes, hyperparameters=hyperparameters)
            yield Cell(
                row="letters",
                label=f"Letters of `wilhelmy`, 5 folds, `{architecture}` {how}, on equal slices",
                name=f"{architecture}-{how.replace(' ', '-')}-fold{fold}",
                unit="per letter",
                target=target,
                settings=training.settings() | {"fold": fold, "folds": FOLDS},
                measure=lambda training=training, fold=fold: _measure(training, fold),
            )


def _measure(training: Training, fold: int) -> dict[str, Any]:
    return per_character(training.run(*hold_out(images.wilhelmy(), fold, FOLDS)))
