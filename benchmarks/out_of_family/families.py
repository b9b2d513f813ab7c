"""The families, each with a reader that is trained for less than a minute, and what is measured of it."""

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks.accuracy import digits4, images, varlen, wilhelmy
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import GREY, Training, task_of
from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import hold_out, training_and_validation
from benchmarks.common import sized
from benchmarks.out_of_family import strangers
from labeling.imaging.arrays import Pixels
from training.recognition.coverage import threshold_for_precision
from training.recognition.export import keep_family
from training.recognition.family import ENOUGH, OWN_FLAGGED
from training.recognition.reader import Reader, Reading

MINUTES = sized(0.75, 0.05)
PART, PARTS = 1, 5
DEVELOPED_ON = ("digits4", ("wilhelmy", strangers.GENERATED, "clouds", "noise", "blank"))
"""The family and the strangers that the method was chosen on; all others were first looked at when it stood."""

TARGET = 0.95


@dataclass(frozen=True)
class FamilyCell(Cell):
    """One family: of its own test images and of strangers, how many are flagged."""

    @property
    def path(self) -> str:
        return f"out_of_family/{self.name}"


def families() -> tuple[tuple[str, Training, Callable[[], Sequence[Labelled]]], ...]:
    """Each family's name, its reader's training, and its images."""
    task = task_of(strangers.ALPHABET, 4, 4, GREY)
    return (
        ("wilhelmy", Training("slots", wilhelmy.TASK, MINUTES), images.wilhelmy),
        ("digits4", Training("slots", digits4.TASK, MINUTES), images.digits4),
        ("varlen", Training("ctc", varlen.TASK, MINUTES), varlen.readable),
        (strangers.GENERATED, Training("slots", task, MINUTES), strangers.generated),
    )


def cells() -> Iterator[Cell]:
    for name, training, own in families():
        yield FamilyCell(
            row=name,
            label=f"`{name}`",
            name=name,
            unit="images flagged",
            target=TARGET,
            settings=training.settings() | {"part": PART, "parts": PARTS, "strangers": strangers.COUNT},
            measure=lambda name=name, training=training, own=own: _measure(name, training, own()),
        )


def _measure(name: str, training: Training, own: Sequence[Labelled]) -> dict[str, Any]:
    rest, test = hold_out(own, PART, PARTS)
    train, validation = training_and_validation(rest)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        trained = training.run(train, test, validation, path)
        plain = path.stat().st_size
        looked_at = random.Random(0).sample(rest, min(ENOUGH, len(rest)))
        family = keep_family(path, [image.pixels for image in looked_at])
        reader, grown = Reader(path), path.stat().st_size - plain
    assert family is not None
    limits = _Limits.of(validation, reader.read([image.pixels for image in validation]), training)
    size: strangers.Size = test[0].pixels.shape[:2]
    found = {}
    for other in strangers.SETS:
        if other != name:
            pictures = strangers.of_set(other)
            found[other] = limits.count(reader, pictures)
            found[f"{other}, resized"] = limits.count(reader, strangers.resized(pictures, size))
    for thing in strangers.THINGS:
        found[thing] = limits.count(reader, strangers.of_things(thing, size))
    return {
        "own": limits.count(reader, [image.pixels for image in test]),
        "strangers": found,
        "learnt_from": family.n,
        "bytes": grown,
        "read_right": trained["right"],
        "read": trained["n"],
        "seconds_training": trained["seconds_training"],
    }


@dataclass(frozen=True)
class _Limits:
    """From which confidence on readings are sure, and below which they would be flagged by their confidence alone so
    that as many of the family's own are as by their looks."""

    sure: float | None
    least: float

    @classmethod
    def of(cls, images: Sequence[Labelled], readings: Sequence[Reading], training: Training) -> "_Limits":
        confidences = [reading.confidence for reading in readings]
        right = [
            reading.text == training.task.normalise(image.text)
            for image, reading in zip(images, readings, strict=True)
        ]
        place = max(0, len(confidences) - ceil((1 - OWN_FLAGGED) * (len(confidences) + 1)))
        return cls(threshold_for_precision(confidences, right).threshold, sorted(confidences)[place])

    def count(self, reader: Reader, pictures: Sequence[Pixels]) -> dict[str, int]:
        readings = reader.read(pictures)
        return {
            "n": len(readings),
            "flagged": sum(each.strangeness > 1 for each in readings),
            "flagged_by_confidence": sum(each.confidence < self.least for each in readings),
            "sure": sum(self.sure is not None and each.confidence >= self.sure for each in readings),
            "sure_and_not_flagged": sum(
                self.sure is not None and each.confidence >= self.sure and each.strangeness <= 1
                for each in readings
            ),
        }
