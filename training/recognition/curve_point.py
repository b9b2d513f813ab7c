"""A point of a learning curve; apart from what trains, so that pages show it without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labeling.intervals import Share


@dataclass(frozen=True)
class CurvePoint:
    """What so many labels come to: how many of the fixed test images are read right, after how many seconds
    of training, which took how many seconds of processor time on all cores together. `labels` counts everything that
    the reader saw, the images that validated it included. `ending` is that of its training, see
    `training.recognition.progress.Ending`; empty where an earlier version did not keep it."""

    labels: int
    test: Share
    seconds: float
    cpu_seconds: float
    ending: str = ""

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return vars(self) | {"test": self.test.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CurvePoint:
        """What `to_json` wrote."""
        test = Share(data["test"]["count"], data["test"]["n"])
        return cls(data["labels"], test, data["seconds"], data["cpu_seconds"], data.get("ending", ""))
