"""The table of runs: which columns there are, and how to filter and sort by any of them in the database."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import (
    Case,
    DurationField,
    Expression,
    ExpressionWrapper,
    F,
    FloatField,
    OrderBy,
    QuerySet,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Now
from django.http import QueryDict

from labeling.jobs import JobState
from labeling.models import Project
from training.models import Run
from training.querysets import RunRow, architecture_title, places_in_line
from training.recognition.architectures import ARCHITECTURES

RUNS_PER_PAGE = 50
MOST_CONDITIONS = 6
COMPARISONS = {"min": ("gte", "at least"), "max": ("lte", "at most"), "is": ("exact", "exactly")}
HYPERPARAMETER = "p."
"""Begins the key of a hyper-parameter's column."""


def _number(text: str) -> Any:
    value = float(text.replace(",", ".").removesuffix("%"))
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _share(text: str) -> Any:
    return _number(text) / 100


def _minutes(text: str) -> Any:
    return timedelta(minutes=_number(text))


@dataclass(frozen=True)
class Column:
    """Something that runs can be filtered and sorted by. `unit` says how a typed value is meant."""

    key: str
    title: str
    expression: F | Expression
    read: Callable[[str], Any] = _number
    unit: str = ""


def _plain(name: str) -> Expression:
    """A whole number as one that can be compared with any other."""
    return Cast(F(name), FloatField())


def _columns() -> dict[str, Column]:
    took = ExpressionWrapper(Coalesce(F("finished_at"), Now()) - F("started_at"), DurationField())
    images = F("dataset__train_count") + F("dataset__validation_count") + F("dataset__test_count")
    columns = [
        Column("number", "Run", _plain("number")),
        Column("best", "Best validation accuracy", F("summary__best"), _share, "%"),
        Column("test", "Test accuracy", F("summary__test_accuracy"), _share, "%"),
        Column(
            "characters", "Test accuracy of characters", F("summary__test_character_accuracy"), _share, "%"
        ),
        Column("coverage", "Read unattended", F("summary__coverage"), _share, "%"),
        Column("minutes", "Minutes", took, _minutes),
        Column("epochs", "Epochs", _plain("epoch")),
        Column("images", "Images", Cast(images, FloatField())),
        Column("dataset", "Dataset version", _plain("dataset__number")),
        Column("preparation", "Preparation", _plain("preparation__version")),
        Column("weights", "Weights", _plain("model__parameter_count")),
        Column("seed", "Seed", _plain("seed")),
        *_hyperparameters(),
    ]
    return {column.key: column for column in columns}


def _hyperparameters() -> list[Column]:
    """A column for each hyper-parameter of any architecture: as a run has it, else its architecture's default."""
    titles = {one.name: one.title for each in ARCHITECTURES.values() for one in each.fields()}
    defaults: dict[str, list[When]] = {name: [] for name in titles}
    for architecture in ARCHITECTURES.values():
        for one in architecture.fields():
            defaults[one.name].append(When(architecture=architecture.name, then=Value(float(one.default))))
    return [
        Column(
            f"{HYPERPARAMETER}{name}",
            title,
            Coalesce(
                Cast(KeyTextTransform(name, "hyperparameters"), FloatField()),
                Case(*defaults[name], output_field=FloatField()),
            ),
        )
        for name, title in titles.items()
    ]


COLUMNS = _columns()


@dataclass(frozen=True)
class Condition:
    """One line of the filter, as it was typed; `problem` says why it does not count."""

    column: Column
    comparison: str
    typed: str
    problem: str = ""


@dataclass(frozen=True)
class Heading:
    """A column's head; `url` sorts by it, from the better or greater end first."""

    title: str
    url: str = ""
    order: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class RunTable:
    """One page of a project's runs, and everything that the form above it shows."""

    rows: list[RunRow]
    count: int
    page: int
    pages: int
    query: QueryDict
    state: str
    architecture: str
    dataset: str
    conditions: list[Condition]
    sort: str
    extra: Column | None
    """The column that the table shows because runs are sorted by it, though it is none of the usual ones."""

    @property
    def is_filtered(self) -> bool:
        return bool(self.state or self.architecture or self.dataset or self.conditions)

    @property
    def sort_key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descends(self) -> bool:
        return self.sort.startswith("-")

    @property
    def headings(self) -> list[Heading]:
        """The heads of the columns behind the first, in the order of the table."""
        heads = [
            self._heading("number", "Run"),
            Heading("State"),
            Heading("Architecture"),
            self._heading("dataset", "Data"),
            Heading("Curve"),
            self._heading("best", "Best validation"),
            self._heading("test", "Test"),
            self._heading("characters", "Characters"),
            self._heading("epochs", "Epochs"),
            self._heading("minutes", "Time"),
        ]
        if self.extra:
            heads.append(self._heading(self.extra.key, self.extra.title))
        return [*heads, Heading("Model")]

    def _heading(self, key: str, title: str) -> Heading:
        is_sorted = key == self.sort_key
        order = ("descending" if self.descends else "ascending") if is_sorted else ""
        wanted = key if is_sorted and self.descends else f"-{key}"
        return Heading(title, self.address(sort=wanted, page=""), order, key not in ("number", "dataset"))

    @property
    def lines(self) -> list[Condition | None]:
        """The conditions, and an empty line for one more."""
        return [*self.conditions, *([None] if len(self.conditions) < MOST_CONDITIONS else [])]

    @property
    def previous(self) -> str:
        return self.address(page=self.page - 1) if self.page > 1 else ""

    @property
    def next(self) -> str:
        return self.address(page=self.page + 1) if self.page < self.pages else ""

    def address(self, **changes: Any) -> str:
        """Return the query string of this table with changes; what is empty is left out."""
        query = self.query.copy()
        for name, value in changes.items():
            query[name] = str(value)
        return f"?{urlencode([(name, value) for name, values in query.lists() for value in values if value])}"


USUAL = ("number", "best", "test", "characters", "minutes", "epochs", "dataset")
"""Columns that the table always has."""


def run_table(project: Project, query: QueryDict) -> RunTable:
    """Return the page that an address asks for: two queries, however many runs there are, and
    one where some wait in line.

    `state`, `architecture`, `dataset` (a number), `where`, `is` and `value` (lists that belong together: a column, min,
    max or is, and what was typed), `sort` (a column, with a minus from the greatest on), `page`. What makes no sense is
    passed over; a condition of which that is true says so.
    """
    rows: QuerySet[Run] = Run.objects.filter(project=project)
    state, architecture, dataset = (query.get(name, "") for name in ("state", "architecture", "dataset"))
    if state in JobState.values:
        rows = rows.filter(state=state)
    if architecture:
        rows = rows.filter(architecture=architecture)
    if dataset.isdecimal() and len(dataset) < 10:
        rows = rows.filter(dataset__number=int(dataset))
    conditions = _conditions(query)
    for number, condition in enumerate(conditions):
        if not condition.problem:
            lookup, _ = COMPARISONS[condition.comparison]
            rows = rows.alias(**{f"where_{number}": condition.column.expression}).filter(
                **{f"where_{number}__{lookup}": condition.column.read(condition.typed)}
            )
    sort = query.get("sort", "")
    if sort.removeprefix("-") not in COLUMNS:
        sort = "-number"
    column = COLUMNS[sort.removeprefix("-")]
    rows = rows.annotate(sorted_by=column.expression).order_by(_order(sort), "-number")
    rows = rows.select_related("dataset", "model", "project", "summary").defer("model__metrics")
    paginator = Paginator(rows, RUNS_PER_PAGE)
    page = paginator.get_page(query.get("page"))
    places = places_in_line(page.object_list)
    return RunTable(
        rows=[RunRow(run, places.get(run.pk)) for run in page.object_list],
        count=paginator.count,
        page=page.number,
        pages=paginator.num_pages,
        query=query,
        state=state,
        architecture=architecture,
        dataset=dataset,
        conditions=conditions,
        sort=sort,
        extra=column if column.key not in USUAL else None,
    )


def _order(sort: str) -> OrderBy:
    """Runs that have no such value come last, whichever way it goes."""
    name = F("sorted_by")
    return name.desc(nulls_last=True) if sort.startswith("-") else name.asc(nulls_last=True)


def _conditions(query: QueryDict) -> list[Condition]:
    found = []
    lists = (query.getlist(name) for name in ("where", "is", "value"))
    for key, comparison, typed in list(zip(*lists, strict=False))[:MOST_CONDITIONS]:
        typed = typed.strip()
        if key not in COLUMNS or comparison not in COMPARISONS or not typed:
            continue
        problem = ""
        try:
            COLUMNS[key].read(typed)
        except (ValueError, OverflowError):
            problem = f"“{typed}” is no number."
        found.append(Condition(COLUMNS[key], comparison, typed, problem))
    return found


def architecture_choices() -> list[tuple[str, str]]:
    """Return (name, title) of every architecture."""
    return [(name, architecture_title(name)) for name in ARCHITECTURES]
