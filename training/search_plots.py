"""Parallel coordinates of a search's trials, laid out on the server as numbers that a template draws as SVG.

A. Inselberg, "The plane with parallel coordinates", The Visual Computer 1 (1985): one upright axis per hyper-parameter,
one line per trial, the share of texts read right on the last axis.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 320
LEFT, RIGHT, TOP, BOTTOM = 40, 64, 44, 28
SHADES = 5


@dataclass(frozen=True)
class Axis:
    """A hyper-parameter's range; `log`: by factors."""

    title: str
    low: float
    high: float
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value lies: 0 at the lower end, 1 at the upper one."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class DrawnAxis:
    """An axis at its place in the picture."""

    title: str
    low: str
    high: str
    x: float


@dataclass(frozen=True)
class DrawnLine:
    """A trial's line. `shade` goes from 0, the worst fifth of the trials, to 4, the best."""

    trial: str
    url: str
    points: str
    shade: int
    says: str


@dataclass(frozen=True)
class ParallelPlot:
    """The picture, in a box of WIDTH x HEIGHT."""

    axes: list[DrawnAxis]
    lines: list[DrawnLine]
    width: int = WIDTH
    height: int = HEIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def parallel_plot(
    axes: Sequence[Axis], trials: Sequence[tuple[str, str, Sequence[float], float]]
) -> ParallelPlot | None:
    """Lay out trials, best ones last so that they lie on top; None with fewer than two.

    Args:
        trials: name, address, a value per axis, and the share 0..1 of texts read right.
    """
    if len(trials) < 2:
        return None
    shares = [share for *_, share in trials]
    result = _result_axis(shares)
    drawn = [*axes, result]
    step = (WIDTH - LEFT - RIGHT) / (len(drawn) - 1)
    ranks = {id(trial): rank for rank, trial in enumerate(sorted(trials, key=lambda each: each[3]))}
    lines = []
    for trial in sorted(trials, key=lambda each: each[3]):
        name, url, values, share = trial
        points = [
            f"{LEFT + index * step:.1f},{_y(axis.share(value)):.1f}"
            for index, (axis, value) in enumerate(zip(drawn, [*values, share], strict=True))
        ]
        told = ", ".join(
            f"{axis.title.lower()} {value:.3g}" for axis, value in zip(axes, values, strict=True)
        )
        shade = ranks[id(trial)] * SHADES // len(trials)
        lines.append(
            DrawnLine(name, url, " ".join(points), shade, f"Trial {name}: {100 * share:.1f} % with {told}")
        )
    places = [
        DrawnAxis(axis.title, f"{axis.low:.3g}", f"{axis.high:.3g}", LEFT + index * step)
        for index, axis in enumerate(axes)
    ]
    last = DrawnAxis("Read right", f"{100 * result.low:.0f} %", f"{100 * result.high:.0f} %", WIDTH - RIGHT)
    return ParallelPlot([*places, last], lines)


def _result_axis(shares: Sequence[float]) -> Axis:
    """From the worst to the best, rounded outwards to whole tenths."""
    low, high = math.floor(10 * min(shares)) / 10, math.ceil(10 * max(shares)) / 10
    return Axis("Read right", low, high if high > low else low + 0.1)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - min(max(share, 0.0), 1.0) * (HEIGHT - TOP - BOTTOM)
