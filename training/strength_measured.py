"""All that a strength report rests on, as it is kept; apart from what measures it, so that pages show it without."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.recognition.comparison import PairedComparison
from training.recognition.confusion import Confusion
from training.recognition.curve_point import CurvePoint
from training.recognition.picture_properties import Halves

FORMAT = 1


@dataclass(frozen=True)
class Disturbed:
    """What a kind of noise costs, on all test images: `unseen` is a reader of the images as they are that meets it for
    the first time, `learnt` one that was trained with as many images that have it; each beside what is read of the
    images as they are (the first of the pair)."""

    name: str
    unseen: PairedComparison
    learnt: PairedComparison
    cpu_seconds: float

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return vars(self) | {"unseen": vars(self.unseen), "learnt": vars(self.learnt)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Disturbed":
        """What `to_json` wrote."""
        pairs = {name: PairedComparison(**data[name]) for name in ("unseen", "learnt")}
        return cls(name=data["name"], cpu_seconds=data["cpu_seconds"], **pairs)


@dataclass(frozen=True)
class StrengthMeasured:
    """All that a strength report rests on. `confusion` and `halves` are of the reader with all labels."""

    dataset: dict[str, Any]
    machine: dict[str, Any]
    points: tuple[CurvePoint, ...]
    confusion: Confusion
    halves: tuple[Halves, ...]
    disturbed: tuple[Disturbed, ...]

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return {
            "format": FORMAT,
            "dataset": self.dataset,
            "machine": self.machine,
            "points": [each.to_json() for each in self.points],
            "confusion": self.confusion.to_json(),
            "halves": [each.to_json() for each in self.halves],
            "disturbed": [each.to_json() for each in self.disturbed],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "StrengthMeasured":
        """What `to_json` wrote."""
        return cls(
            dataset=data["dataset"],
            machine=data["machine"],
            points=tuple(CurvePoint.from_json(each) for each in data["points"]),
            confusion=Confusion.from_json(data["confusion"]),
            halves=tuple(Halves.from_json(each) for each in data["halves"]),
            disturbed=tuple(Disturbed.from_json(each) for each in data["disturbed"]),
        )
