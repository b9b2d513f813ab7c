"""A search as pages, API and commands show it: its trials, the best of them, and its plots."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from labeling.jobs import ACTIVE_STATES, JobState
from training.models import Run, Search
from training.querysets import architecture_title
from training.recognition.architectures import ARCHITECTURES
from training.recognition.metrics import Interval, wilson_interval
from training.search_plots import Axis, ParallelPlot, parallel_plot
from training.services.searches import ranked_trials


@dataclass(frozen=True)
class TrialRow:
    """A trial: its run, the searched values in the order of the columns, and how it stands among the others.

    value: share 0..1 of validation texts read right; the best epoch's until now where there is no model yet.
    """

    run: Run
    values: list[str]
    value: float | None
    interval: Interval | None
    is_best: bool

    @property
    def outcome(self) -> str:
        return "Ended early" if self.run.is_pruned else ""


@dataclass(frozen=True)
class Weight:
    """How much of the difference between trials a hyper-parameter explains, 0..1."""

    title: str
    share: float


@dataclass(frozen=True)
class SearchDetails:
    """Everything that the page of a search shows."""

    search: Search
    architecture: str
    titles: list[str]
    ranges: list[tuple[str, str]]
    fixed: dict[str, Any]
    rows: list[TrialRow]
    best: TrialRow | None
    weights: list[Weight]
    plot: ParallelPlot | None
    minutes: float

    @property
    def best_values(self) -> list[tuple[str, str]]:
        """The searched hyper-parameters of the best trial."""
        return [] if self.best is None else list(zip(self.titles, self.best.values, strict=True))

    @property
    def version(self) -> str:
        """Another one whenever there is something new to show."""
        shown = [(row.run.state, row.run.is_pruned, row.value, row.values) for row in self.rows]
        told = repr((self.search.state, self.search.importance, shown))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def ended(self) -> int:
        return sum(not row.run.is_active for row in self.rows)

    @property
    def pruned(self) -> int:
        return sum(row.run.is_pruned for row in self.rows)

    @property
    def running(self) -> list[TrialRow]:
        return [row for row in self.rows if row.run.state == JobState.RUNNING]

    @property
    def minutes_left(self) -> float | None:
        """How long the rest takes with as many workers as are at it now; None where nobody is."""
        workers = len(self.running)
        if not workers or not self.search.is_active:
            return None
        left = self.search.trials_planned - self.ended - sum(row.run.progress for row in self.running)
        minutes = max(left, 0) * (self._minutes_each or self.search.max_minutes)
        if self.search.budget_minutes is not None:
            minutes = min(minutes, max(self.search.budget_minutes - self.minutes, 0))
        return minutes / workers

    @property
    def _minutes_each(self) -> float | None:
        """Of the trials that have ended."""
        seconds = [
            row.run.seconds for row in self.rows if row.run.state not in ACTIVE_STATES and row.run.seconds
        ]
        return sum(seconds) / len(seconds) / 60 if seconds else None


def search_details(search: Search) -> SearchDetails:
    """Look at a search: two queries, however many trials it has."""
    known = {one.name: one.title for one in _fields(search)}
    # In the architecture's own order: PostgreSQL gives the keys of JSON back in another one.
    names = [name for name in known if name in search.space]
    names += sorted(set(search.space) - set(names))
    runs = list(
        search.trials.select_related("model", "project")
        .annotate(best_epoch=Max("history__validation_whole_string_accuracy"))
        .order_by("trial")
    )
    best = ranked_trials(search).first()
    rows = [_row(search, run, names, is_best=best is not None and run.pk == best.pk) for run in runs]
    axes = [Axis(known.get(name, name), **search.space[name]) for name in names]
    done = [row for row in rows if row.value is not None and len(row.run.hyperparameters) >= len(names)]
    return SearchDetails(
        search=search,
        architecture=architecture_title(search.architecture),
        titles=[axis.title for axis in axes],
        ranges=[(axis.title, f"{axis.low:g} to {axis.high:g}") for axis in axes],
        fixed={known.get(name, name): value for name, value in search.fixed.items()},
        rows=rows,
        best=next((row for row in rows if row.is_best), None),
        weights=[
            Weight(known.get(name, name), share)
            for name, share in sorted(search.importance.items(), key=lambda each: -each[1])
        ],
        plot=parallel_plot(axes, [_line(row, names) for row in done]),
        minutes=sum(row.run.seconds or 0.0 for row in rows) / 60,
    )


def _fields(search: Search) -> Any:
    architecture = ARCHITECTURES.get(search.architecture)
    return architecture.fields() if architecture else ()


def _row(search: Search, run: Any, names: list[str], *, is_best: bool) -> TrialRow:
    value = run.trial_value if run.trial_value is not None else run.best_epoch
    n = search.dataset.validation_count
    return TrialRow(
        run=run,
        values=[_shown(run.hyperparameters.get(name)) for name in names],
        value=value,
        interval=None if value is None else wilson_interval(min(round(value * n), n), n),
        is_best=is_best,
    )


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _line(row: TrialRow, names: list[str]) -> tuple[str, str, list[float], float]:
    assert row.value is not None
    values = [row.run.hyperparameters[name] for name in names]
    return str(row.run.trial), row.run.get_absolute_url(), values, row.value
