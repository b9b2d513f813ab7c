"""Reads about runs and models that sound like sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from labeling.jobs import JobState
from labeling.models import Project
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


@dataclass(frozen=True)
class RunRow:
    """A run as a list shows it, with its best whole-string accuracy on validation images and its place in line."""

    run: Run
    best: float | None
    place: Place | None = None

    @property
    def architecture(self) -> str:
        return architecture_title(self.run.architecture)

    @property
    def interval(self) -> Interval | None:
        """The 95 % Wilson interval of `best`."""
        if self.best is None:
            return None
        n = self.run.dataset.validation_count
        return wilson_interval(round(self.best * n), n)


def newest_runs(project: Project, count: int) -> list[RunRow]:
    """Return a project's newest runs, newest first: one query, and one about the line where some of them wait."""
    runs = list(
        Run.objects.filter(project=project)
        .select_related("dataset", "model", "project")
        .annotate(best=Max("history__validation_whole_string_accuracy"))
        .order_by("-number")[:count]
    )
    places = places_in_line(runs)
    return [RunRow(run, _best(run), places.get(run.pk)) for run in runs]


def _best(run: Any) -> float | None:
    """The best epoch's accuracy; its model's where epochs are of single positions and say nothing of whole texts."""
    if run.architecture not in ARCHITECTURES or not ARCHITECTURES[run.architecture].follows_positions:
        accuracy: float | None = run.best
    elif hasattr(run, "model"):
        accuracy = run.model.metrics.get("validation", {}).get("whole_string_accuracy")
    else:
        accuracy = None
    return accuracy


def architecture_title(name: str) -> str:
    """Return an architecture's title, or its name where this version does not know it any more."""
    return ARCHITECTURES[name].title if name in ARCHITECTURES else name


def ordinal(number: int) -> str:
    """Write 1st, 2nd, 3rd, 4th, 11th, 21st."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if number % 100 in (11, 12, 13) else endings.get(number % 10, "th")
    return f"{number}{ending}"
