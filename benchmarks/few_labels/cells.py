"""One training per cell: so many labels of a set, some of the ingredients, one seed."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import beginning, count
from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import training_and_validation
from benchmarks.common import sized
from benchmarks.few_labels.sets import ALL, SETS, LabelSet, Parts, chosen_labels, chosen_seeds, parts
from training.recognition.architectures import Architecture, default_architecture
from training.recognition.backend import load_keras
from training.recognition.data import Samples, build_pictures, build_samples
from training.recognition.export import export_reader
from training.recognition.fit import FitResult, fit_reader
from training.recognition.label_free import LabelFreeOptions, SilentLabelFreeListener, train_without_labels
from training.recognition.reader import Reader
from training.recognition.self_training import ROUNDS, Round, self_train
from training.recognition.self_training.mixture import LABELLED_SHARE, RATE, STRONG
from training.recognition.self_training.taking import FLOOR, TARGET
from training.recognition.self_training.training import FIRST_SHARE
from training.recognition.self_training.weak_reading import SHIFTS
from training.recognition.starter.reader import starter_reader
from training.recognition.synthesis.fonts import find_fonts

MINUTES = sized(6.0, 0.2)

FEWEST_PER_CHARACTER = 1.2
"""Labels: of the images to train on, which are nine tenths, there must be as many as the alphabet has characters."""


@dataclass(frozen=True)
class Ingredients:
    """What a reader has besides its labels."""

    name: str
    title: str
    starter: bool
    self_training: bool

    @property
    def hyperparameters(self) -> dict[str, Any]:
        return {} if self.starter else {"starter": 0}


INGREDIENTS = (
    Ingredients("labels", "labels alone", starter=False, self_training=False),
    Ingredients("starter", "+ starter", starter=True, self_training=False),
    Ingredients("self-training", "+ self-training", starter=False, self_training=True),
    Ingredients("both", "+ both", starter=True, self_training=True),
)


def chosen_ingredients() -> list[Ingredients]:
    """Those to measure: all, or the names in INGREDIENTS."""
    wanted = os.environ.get("INGREDIENTS", "")
    return [each for each in INGREDIENTS if not wanted or each.name in wanted.split(",")]


class CurveCell(Cell):
    @property
    def path(self) -> str:
        return f"few_labels/{self.row}/{self.name}"


def cells(names: Sequence[str]) -> Iterator[CurveCell]:
    """Seed by seed, so that whatever is there is a whole curve."""
    for name in names:
        for seed in chosen_seeds():
            for labels in chosen_labels():
                if _are_too_few(labels, SETS[name]):
                    print(
                        f"{name}: {labels} labels are left out: too few to begin a training with", flush=True
                    )
                    continue
                for ingredients in chosen_ingredients():
                    if _can_be(labels, ingredients, seed):
                        yield cell(SETS[name], labels, ingredients, seed)


def _are_too_few(labels: int | str, chosen: LabelSet) -> bool:
    return labels not in (0, ALL) and int(labels) < FEWEST_PER_CHARACTER * len(chosen.task.alphabet)


def _can_be(labels: int | str, ingredients: Ingredients, seed: int) -> bool:
    """Where all are labelled, there is nothing else to learn from. Without labels it takes something else; and the
    starter as it is, which nobody trains, knows no seed."""
    if labels == ALL:
        return not ingredients.self_training
    return bool(labels) or ingredients.self_training or (ingredients.starter and seed == 0)


def cell(chosen: LabelSet, labels: int | str, ingredients: Ingredients, seed: int) -> CurveCell:
    architecture = architecture_for(chosen, labels)
    parsed = architecture.parse(ingredients.hyperparameters)
    return CurveCell(
        row=chosen.name,
        label=f"`{chosen.name}`, {labels} labels, {ingredients.title}",
        name=f"{labels}-{ingredients.name}-{seed}",
        unit="whole-string",
        target=None,
        settings={
            "set": chosen.name,
            "labels": labels,
            "ingredients": asdict(ingredients),
            "minutes": MINUTES,
            "seed": seed,
            "architecture": architecture.name,
            "task": chosen.task.to_json(),
            "self_training": constants() if ingredients.self_training else None,
            **beginning(parsed),
        },
        measure=lambda: (measure if labels else measure_without_labels)(
            chosen, architecture, parts(chosen, labels, seed), ingredients, seed
        ),
    )


def architecture_for(chosen: LabelSet, labels: int | str) -> Architecture:
    """What a run takes where nobody chooses; drawn pictures, there may be as many as it takes."""
    return default_architecture(chosen.task, None if labels in (0, ALL) else int(labels))


def constants() -> dict[str, Any]:
    """What self-training was set to."""
    return {
        "rounds": ROUNDS, "first_share": FIRST_SHARE, "target": TARGET, "floor": FLOOR, "strong": STRONG, "rate": RATE,
        "labelled_share": LABELLED_SHARE, "shifts": SHIFTS,
    }  # fmt: skip


def measure(
    chosen: LabelSet, architecture: Architecture, images: Parts, ingredients: Ingredients, seed: int
) -> dict[str, Any]:
    """Trains on the labelled images less the tenth that validates, and reads the test images with the exported
    file."""
    train, validation = training_and_validation(images.labelled)
    rounds: list[Round] = []

    def samples(some: Sequence[Labelled]) -> Samples:
        pairs = ((image.pixels, image.text) for image in some)
        return build_samples(pairs, chosen.task, architecture, ingredients.hyperparameters)

    load_keras().utils.clear_session()
    with tempfile.TemporaryDirectory() as folder:
        common: dict[str, Any] = {
            "task": chosen.task, "architecture": architecture, "hyperparameters": ingredients.hyperparameters,
            "validation": samples(validation), "folder": Path(folder), "seed": seed, "max_minutes": MINUTES,
        }  # fmt: skip
        fitted: FitResult
        if ingredients.self_training:
            pixels = (image.pixels for image in images.unlabelled)
            unlabelled = build_pictures(pixels, chosen.task, architecture, ingredients.hyperparameters)
            fitted = self_train(
                model=None, labelled=samples(train), synthetic=None, unlabelled=unlabelled,
                on_round=rounds.append, **common,
            )  # fmt: skip
        else:
            fitted = fit_reader(train=samples(train), **common)
        check = [image.pixels for image in (*validation, *train)]
        report = export_reader(fitted.model, Path(folder) / "model.onnx", check)
        read = tested(Reader(report.path), chosen, images.test)
    return read | {
        "trained_on": len(train),
        "validated_on": len(validation),
        "unlabelled": len(images.unlabelled) if ingredients.self_training else 0,
        "rounds": [each.to_json() for each in last_told(rounds)],
        "epochs": len(fitted.history),
        "ending": fitted.ending,
        "seconds_training": round(fitted.seconds, 1),
    }


def measure_without_labels(
    chosen: LabelSet, architecture: Architecture, images: Parts, ingredients: Ingredients, seed: int
) -> dict[str, Any]:
    """Nobody typed anything: the starter reads the test images as it is, or "Read without labels" learns from the
    others first, as its page begins: a fitted style, drawn pictures and self-training."""
    if not ingredients.self_training:
        return tested(starter_reader(chosen.task), chosen, images.test)
    pictures = [image.pixels for image in images.unlabelled]
    load_keras().utils.clear_session()
    with tempfile.TemporaryDirectory() as folder:
        fitted = train_without_labels(
            task=chosen.task, architecture=architecture,
            hyperparameters=ingredients.hyperparameters, pictures=pictures, fonts=find_fonts(),
            options=LabelFreeOptions(max_minutes=MINUTES), folder=Path(folder), seed=seed,
            listener=SilentLabelFreeListener(),
        )  # fmt: skip
        report = export_reader(fitted.model, Path(folder) / "model.onnx", pictures[:100])
        read = tested(Reader(report.path), chosen, images.test)
    return read | {"unlabelled": len(pictures), "seconds_training": round(fitted.seconds, 1)}


def tested(reader: Reader, chosen: LabelSet, test: Sequence[Labelled]) -> dict[str, Any]:
    """What a reader reads right; `outcomes` has a digit per test image: 1 read right, 0 not."""
    readings = [each.text for each in reader.read([image.pixels for image in test])]
    truths = [chosen.task.normalise(image.text) for image in test]
    outcomes = (str(int(truth == reading)) for truth, reading in zip(truths, readings, strict=True))
    return count(truths, readings) | {"outcomes": "".join(outcomes)}


def last_told(rounds: Sequence[Round]) -> list[Round]:
    """Each round as it was told last."""
    return list({each.number: each for each in rounds}.values())
