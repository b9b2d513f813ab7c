"""Trains an architecture on one part of a set and counts what it reads right on another."""

import dataclasses
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import training_and_validation
from labeling.imaging.recipe import Recipe
from labeling.imaging.slicing import EqualParts, TextBox, WholePicture
from labeling.imaging.steps import Channel
from training.recognition.alphabets import Alphabet
from training.recognition.architectures import Hyperparameters, get_architecture
from training.recognition.backend import load_keras
from training.recognition.data import Samples, build_samples
from training.recognition.export import export_reader
from training.recognition.fit import EpochMetrics, FitResult, fit_reader
from training.recognition.reader import Reader
from training.recognition.starter import fingerprint
from training.recognition.task import ReadingTask

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz"

GREY = Recipe((Channel("grey"),), EqualParts())
GREY_WHOLE = Recipe((Channel("grey"),), WholePicture())
COLOUR = Recipe((Channel("colour"),), EqualParts())
COLOUR_TEXT_BOX = Recipe((Channel("colour"),), TextBox())

GOOD = 0.95
"""Of interest is the second at which validation accuracy first reached this share."""


@dataclass(frozen=True)
class Training:
    """What is trained and for how long; together with the images this decides the result."""

    architecture: str
    task: ReadingTask
    minutes: float
    seed: int = 0
    max_epochs: int | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        """As JSON values, with all that a changed default or starter changes, so that it is measured anew."""
        parsed = get_architecture(self.architecture).parse(self.hyperparameters)
        return dataclasses.asdict(self) | {"task": self.task.to_json()} | beginning(parsed)

    def run(
        self,
        images: Sequence[Labelled],
        test: Sequence[Labelled],
        validation: Sequence[Labelled] | None = None,
        export: Path | None = None,
    ) -> dict[str, Any]:
        """Trains on `images`, less the tenth that validates where there are no other images to validate on; the
        test images are first looked at afterwards, and read with the exported file, which `export` keeps."""
        train: Sequence[Labelled] = images
        if validation is None:
            train, validation = training_and_validation(images)
        with tempfile.TemporaryDirectory() as folder:
            fitted = self.fit(train, validation, Path(folder))
            check = [image.pixels for image in (*validation, *train)]
            report = export_reader(fitted.model, export or Path(folder) / "model.onnx", check)
            reader = Reader(report.path)
        started = time.perf_counter()
        readings = [each.text for each in reader.read([image.pixels for image in test])]
        return count([self.task.normalise(image.text) for image in test], readings) | {
            "trained_on": len(train),
            "validated_on": len(validation),
            "parameters": fitted.model.parameter_count,
            "file_bytes": report.bytes,
            "quantised": report.quantised,
            "epochs": len(fitted.history),
            "ending": fitted.ending,
            "seconds_training": round(fitted.seconds, 1),
            "seconds_until_good": first_good(fitted.history),
            "seconds_reading": round(time.perf_counter() - started, 1),
        }

    def fit(self, train: Sequence[Labelled], validation: Sequence[Labelled], folder: Path) -> FitResult:
        """Trains, with checkpoints in a folder."""
        # What an earlier training left in this process would cost memory, and time to look through.
        load_keras().utils.clear_session()
        return fit_reader(
            task=self.task,
            architecture=self.architecture,
            hyperparameters=self.hyperparameters,
            train=self.samples(train),
            validation=self.samples(validation),
            folder=folder,
            seed=self.seed,
            max_epochs=self.max_epochs,
            max_minutes=self.minutes,
        )

    def samples(self, images: Sequence[Labelled]) -> Samples:
        """The architecture's inputs."""
        pairs = ((image.pixels, image.text) for image in images)
        return build_samples(pairs, self.task, get_architecture(self.architecture), self.hyperparameters)


def beginning(hyperparameters: Hyperparameters) -> dict[str, Any]:
    """Settings of a training: its hyper-parameters and, where it begins with the starter model, which one."""
    values = dataclasses.asdict(hyperparameters)
    return {"hyperparameters": values} | ({"starter": fingerprint()} if values.get("starter") else {})


def task_of(
    alphabet: str, shortest: int, longest: int, recipe: Recipe, *, case_sensitive: bool = True
) -> ReadingTask:
    return ReadingTask(Alphabet(alphabet), shortest, longest, case_sensitive=case_sensitive, recipe=recipe)


def count(truths: Sequence[str], readings: Sequence[str]) -> dict[str, Any]:
    """Whole strings read right, and characters that stand right at their place."""
    pairs = list(zip(truths, readings, strict=True))
    return {
        "n": len(pairs),
        "right": sum(truth == reading for truth, reading in pairs),
        "characters": sum(map(len, truths)),
        "characters_right": sum(
            one == other for truth, reading in pairs for one, other in zip(truth, reading, strict=False)
        ),
    }


def per_character(result: dict[str, Any]) -> dict[str, Any]:
    """A result with characters as what is counted."""
    return result | {
        "n": result["characters"],
        "right": result["characters_right"],
        "strings": result["n"],
        "strings_right": result["right"],
    }


def first_good(history: Sequence[EpochMetrics]) -> float | None:
    """The training second at which an epoch's validation accuracy first reached GOOD, None if none did."""
    return next((round(epoch.seconds, 1) for epoch in history if epoch.whole_string_accuracy >= GOOD), None)
