"""Reads about runs and models that sound like sentences."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from labeling.models import Project
from training.models import Run
from training.recognition.architectures import ARCHITECTURES
from training.recognition.metrics import Interval, wilson_interval


@dataclass(frozen=True)
class RunRow:
    """A run with its best whole-string accuracy on validation images, as a list shows it."""

    run: Run
    best: float | None

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
    """Return a project's newest runs, newest first: one query."""
    runs = (
        Run.objects.filter(project=project)
        .select_related("dataset", "model", "project")
        .annotate(best=Max("history__validation_whole_string_accuracy"))
        .order_by("-number")[:count]
    )
    return [RunRow(run, _best(run)) for run in runs]


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
