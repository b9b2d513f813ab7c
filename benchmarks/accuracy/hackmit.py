"""`hackmit` without a single label: drawn pictures alone, and what fitting, refining and self-training add to them.

Some of the bundled fonts were chosen after a look at unlabelled images of this set, which favours it. The 119 images
with labels are looked at once, at the end: nothing is trained on them, with or without their texts.

The six minutes with self-training were measured while it began after two fifths of the time. They are why training on
drawn pictures has LEAST_TRAINING seconds first now, which leaves no time for it: measured anew, they equal those
without.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.accuracy import images
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import DIGITS, GREY_WHOLE, LETTERS, beginning, count, task_of
from benchmarks.common import sized
from training.recognition.architectures import get_architecture
from training.recognition.backend import load_keras
from training.recognition.export import export_reader
from training.recognition.label_free import (
    LEAST_TRAINING,
    LabelFreeOptions,
    SilentLabelFreeListener,
    train_without_labels,
)
from training.recognition.reader import Reader
from training.recognition.self_training import Round
from training.recognition.synthesis.fitting import FittedStyle
from training.recognition.synthesis.fonts import find_fonts
from training.recognition.synthesis.style import BROAD

TASK = task_of(DIGITS + LETTERS, 4, 4, GREY_WHOLE)
ARCHITECTURE = "slots"
MINUTES = sized(6.0, 0.2)
"""For each choice of ingredients, everything together."""
PATIENT_MINUTES = sized(30.0, 0.3)
"""For the ingredients that the page begins with; half of what was set as the longest."""
SEEDS = sized((0,), (0,))
PICTURES = sized(None, 120)


@dataclass(frozen=True)
class Ingredients:
    """What is done beside drawing and training."""

    fit: bool
    refine: bool
    self_train: bool

    @property
    def title(self) -> str:
        added = [
            title
            for wanted, title in (
                (self.fit, "fitted"),
                (self.refine, "SimGAN"),
                (self.self_train, "self-training"),
            )
            if wanted
        ]
        return " + ".join(["drawn pictures", *added])

    @property
    def name(self) -> str:
        return "-".join(
            ["drawn", *(name for name, wanted in vars(self).items() if wanted)],
        )


EVERYTHING = [
    Ingredients(*chosen) for chosen in sorted(product((False, True), repeat=3), key=lambda each: sum(each))
]

DEFAULT = Ingredients(fit=True, refine=False, self_train=True)


def cells() -> Iterator[Cell]:
    for ingredients in EVERYTHING:
        for seed in SEEDS:
            yield _cell(ingredients, MINUTES, seed, ingredients.name)
    for seed in SEEDS:
        yield _cell(DEFAULT, PATIENT_MINUTES, seed, f"{DEFAULT.name}-patient", target=0.95)


def _cell(
    ingredients: Ingredients, minutes: float, seed: int, name: str, target: float | None = None
) -> Cell:
    return Cell(
        row="hackmit",
        label=f"`hackmit` without labels, {ingredients.title}, {minutes:g} minutes in all",
        name=f"{name}-{seed}",
        unit="whole-string",
        target=target,
        settings=_settings(ingredients, minutes, seed),
        measure=partial(_measure, ingredients, minutes, seed),
    )


def _options(ingredients: Ingredients, minutes: float) -> LabelFreeOptions:
    chosen = LabelFreeOptions(
        max_minutes=minutes, refine=ingredients.refine, self_train=ingredients.self_train
    )
    return chosen if ingredients.fit else replace(chosen, style=BROAD)


def _settings(ingredients: Ingredients, minutes: float, seed: int) -> dict[str, Any]:
    return {
        "ingredients": vars(ingredients),
        "architecture": ARCHITECTURE,
        "task": TASK.to_json(),
        "minutes": minutes,
        "training_first": LEAST_TRAINING,
        "seed": seed,
    } | beginning(get_architecture(ARCHITECTURE).parse({}))


def _measure(ingredients: Ingredients, minutes: float, seed: int) -> dict[str, Any]:
    unlabelled, labelled = images.hackmit()
    pictures = unlabelled[:PICTURES]
    load_keras().utils.clear_session()
    noted = _Noted()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        fitted = train_without_labels(
            task=TASK,
            architecture=get_architecture(ARCHITECTURE),
            hyperparameters={},
            pictures=pictures,
            fonts=find_fonts(),
            options=_options(ingredients, minutes),
            folder=Path(folder),
            seed=seed,
            listener=noted,
        )
        seconds = time.perf_counter() - started
        reader = Reader(export_reader(fitted.model, Path(folder) / "model.onnx", pictures[:100]).path)
    readings = [each.text for each in reader.read([image.pixels for image in labelled])]
    return count([TASK.normalise(image.text) for image in labelled], readings) | {
        "pictures": len(pictures),
        "seconds_from_pictures_to_reader": round(seconds, 1),
        "seconds_of_stages": noted.seconds_of_stages(),
        "closeness": noted.closeness,
        "rounds": noted.rounds,
        "wrong": [
            f"{image.text} read {reading}"
            for image, reading in zip(labelled, readings, strict=True)
            if image.text != reading
        ],
    }


class _Noted(SilentLabelFreeListener):
    """Writes down what a training without labels tells."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, float]] = []
        self.closeness: dict[str, Any] | None = None
        self.rounds: list[dict[str, Any]] = []

    def on_stage(self, stage: str) -> None:
        self.stages.append((stage, time.perf_counter()))

    def on_fitted(self, fitted: FittedStyle) -> None:
        told = fitted.closeness.to_json() if fitted.closeness else None
        # Where in the pictures they differ is a map of its own.
        self.closeness = told and {name: value for name, value in told.items() if name != "where"}

    def on_round(self, completed: Round) -> None:
        self.rounds.append(completed.to_json())
        print(self.rounds[-1], flush=True)

    def seconds_of_stages(self) -> dict[str, float]:
        """How long each stage took; the last one until now."""
        ends: Sequence[float] = [*(begun for _, begun in self.stages[1:]), time.perf_counter()]
        found: dict[str, float] = {}
        for (stage, begun), end in zip(self.stages, ends, strict=True):
            found[stage] = round(found.get(stage, 0.0) + end - begun, 1)
        return found
