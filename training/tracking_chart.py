"""What was read day by day as a drawing: three strips over the same days."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.tracking import Day

STEP = 10.0
"""Each day's width, in units of the drawing; it is as wide as its days."""

HEIGHT = 60.0
"""Of each strip."""


@dataclass(frozen=True)
class Bar:
    """A part of a day's bar; places count from the strip's top."""

    kind: str
    top: float
    height: float


@dataclass(frozen=True)
class DrawnDay:
    """A day with its place: how many were read, their shares by verdict, the mean confidence, and how many of those
    that people checked were wrong (None where nobody checked any)."""

    day: Day
    left: float
    counted: Bar
    verdicts: list[Bar]
    confidence_top: float | None
    corrected: Bar | None

    @property
    def centre(self) -> float:
        return self.left + STEP / 2


@dataclass(frozen=True)
class TrackingChart:
    """The days, the most that were read in one, and the line of mean confidences as SVG's path says it."""

    days: list[DrawnDay]
    most: int
    confidence_path: str
    width: float


def tracking_chart(days: Sequence[Day]) -> TrackingChart:
    """Lay out days, the oldest first."""
    # Of days on which people checked older readings, none may have any of its own.
    most = max(1, *(day.tally.count for day in days))
    drawn = [_draw(day, STEP * place, most) for place, day in enumerate(days)]
    return TrackingChart(drawn, most, _path(drawn), STEP * len(days))


def _draw(day: Day, left: float, most: int) -> DrawnDay:
    tally = day.tally
    # A single reading beside a thousand must still be seen.
    counted = max(HEIGHT * tally.count / most, 1.5) if tally.count else 0.0
    verdicts, top = [], 0.0
    for kind, share in (
        ("stranger", tally.other_family_share),
        ("unsure", tally.unsure_share),
        ("sure", tally.sure_share),
    ):
        height = round(HEIGHT * share.value, 2)
        if height:
            verdicts.append(Bar(kind, round(top, 2), height))
        top += height
    return DrawnDay(
        day=day,
        left=left,
        counted=Bar("count", round(HEIGHT - counted, 2), round(counted, 2)),
        verdicts=verdicts,
        confidence_top=_top(tally.mean_confidence) if tally.count else None,
        corrected=_corrected(tally.corrected_share.value) if tally.checked else None,
    )


def _path(days: Sequence[DrawnDay]) -> str:
    """Through the days with readings; the line ends where a day has none."""
    parts, pen = [], "M"
    for day in days:
        if day.confidence_top is None:
            pen = "M"
            continue
        parts.append(f"{pen}{day.centre:g} {day.confidence_top:g}")
        pen = "L"
    return "".join(parts)


def _corrected(share: float) -> Bar:
    # That nothing had to be corrected must be seen, too.
    height = max(round(HEIGHT * share, 2), 1.0)
    return Bar("corrected", HEIGHT - height, height)


def _top(share: float) -> float:
    return round(HEIGHT * (1 - share), 2)
