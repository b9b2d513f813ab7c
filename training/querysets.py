"""Reads about runs and models that sound like sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from labeling.jobs import JobState
from training.models import Run
from training.recognition.architectures import ARCHITECTURES
from training.recognition.metrics import Interval, wilson_interval
from training.services.runs import line


@dataclass(frozen=True)
class Place:
    """Where a queued run stands among all that wait for the same workers, counted from 1."""

    position: int
    length: int

    def __str__(self) -> str:
        return "Next in line" if self.position == 1 else f"{ordinal(self.position)} of {self.length} in line"


def places_in_line(runs: Iterable[Run]) -> dict[int, Place]:
    """Return the places of those runs that are queued, by their ids: one query, none where nothing is queued."""
    if all(run.state != JobState.QUEUED for run in runs):
        return {}
    waiting = line()
    return {pk: Place(position, len(waiting)) for position, pk in enumerate(waiting, start=1)}


# Of the drawing of a run's curve.
SPARKLINE_WIDTH, SPARKLINE_HEIGHT = 100, 24


@dataclass(frozen=True)
class RunRow:
    """A run with its summary, as a list shows it, and its place in line."""

    run: Run
    place: Place | None = None

    @property
    def architecture(self) -> str:
        return architecture_title(self.run.architecture)

    @property
    def best(self) -> float | None:
        """The best whole-string accuracy on validation images, 0..1."""
        best: float | None = self._summary("best")
        return best

    @property
    def test(self) -> float | None:
        """The whole-string accuracy on test images, 0..1."""
        accuracy: float | None = self._summary("test_accuracy")
        return accuracy

    @property
    def characters(self) -> float | None:
        """The accuracy of characters of test images, 0..1."""
        accuracy: float | None = self._summary("test_character_accuracy")
        return accuracy

    @property
    def interval(self) -> Interval | None:
        """The 95 % Wilson interval of `best`."""
        return _interval(self.best, self.run.dataset.validation_count)

    @property
    def test_interval(self) -> Interval | None:
        """The 95 % Wilson interval of `test`."""
        return _interval(self.test, self._summary("test_count") or 0)

    @property
    def points(self) -> list[list[float]]:
        """[epoch, validation accuracy 0..1] pairs, spread over the run."""
        return self._summary("points") or []

    @property
    def last(self) -> float | None:
        """The validation accuracy of the last epoch."""
        return self.points[-1][1] if self.points else None

    @property
    def sparkline(self) -> str:
        """The points as `points` of an SVG polyline of 100 by 24."""
        if not self.points:
            return ""
        first, last = self.points[0][0], self.points[-1][0]
        span = (last - first) or 1
        return " ".join(
            f"{(epoch - first) / span * SPARKLINE_WIDTH:.1f},{(1 - value) * SPARKLINE_HEIGHT:.1f}"
            for epoch, value in self.points
        )

    @property
    def extra(self) -> Any:
        """The value that the table is sorted by."""
        return getattr(self.run, "sorted_by", None)

    def _summary(self, name: str) -> Any:
        return getattr(self.run.summary, name) if hasattr(self.run, "summary") else None


def _interval(share: float | None, n: int) -> Interval | None:
    return None if share is None else wilson_interval(round(share * n), n)


def architecture_title(name: str) -> str:
    """Return an architecture's title, or its name where this version does not know it any more."""
    return ARCHITECTURES[name].title if name in ARCHITECTURES else name


def ordinal(number: int) -> str:
    """Write 1st, 2nd, 3rd, 4th, 11th, 21st."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if number % 100 in (11, 12, 13) else endings.get(number % 10, "th")
    return f"{number}{ending}"
