"""Reads about runs and models that sound like sentences."""

from dataclasses import dataclass

from django.db.models import Max

from labeling.models import Project
from training.models import Run
from training.recognition.architectures import ARCHITECTURES
from training.recognition.metrics import Interval, wilson_interval


@dataclass(frozen=True)
class RunRow:
    """A run with the best validation accuracy among its epochs, as a list shows it."""

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
    return [RunRow(run, run.best) for run in runs]


def architecture_title(name: str) -> str:
    """Return an architecture's title, or its name where this version does not know it any more."""
    return ARCHITECTURES[name].title if name in ARCHITECTURES else name
