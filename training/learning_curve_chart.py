"""A learning curve as a drawing: labels on a logarithmic axis, shares with their intervals."""

from dataclasses import dataclass
from math import log2
from typing import Any

from labeling.intervals import Share

WIDTH, HEIGHT = 200.0, 100.0


@dataclass(frozen=True)
class CurveMark:
    """A point of the curve; places count from the plot's left and top, in a box of WIDTH x HEIGHT."""

    labels: int
    test: Share
    seconds: float
    left: float

    @property
    def top(self) -> float:
        return _top(self.test.value)

    @property
    def interval_top(self) -> float:
        return _top(self.test.interval.high)

    @property
    def interval_bottom(self) -> float:
        return _top(self.test.interval.low)


@dataclass(frozen=True)
class CurveChart:
    """The points, and the line through them as SVG's path says it."""

    marks: list[CurveMark]
    path: str


def curve_chart(points: list[dict[str, Any]]) -> CurveChart | None:
    """Lay out what `training.recognition.learning_curve.CurvePoint.to_json` wrote; None before there is a point."""
    if not points:
        return None
    first, last = (log2(points[place]["labels"]) for place in (0, -1))
    marks = [
        CurveMark(
            labels=each["labels"],
            test=Share(each["test"]["count"], each["test"]["n"]),
            seconds=each["seconds"],
            left=round(WIDTH * (log2(each["labels"]) - first) / ((last - first) or 1), 2),
        )
        for each in points
    ]
    return CurveChart(marks, "M" + "L".join(f"{mark.left} {mark.top}" for mark in marks))


def _top(share: float) -> float:
    return round(HEIGHT * (1 - share), 2)
