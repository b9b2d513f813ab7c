"""API routes of the table of runs, and of runs side by side."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from labeling.access import Act, get_project
from labeling.api_paging import Page, read_cursor, write_cursor
from labeling.errors import Refused
from labeling.models import Project
from training.comparison import Comparison, chosen_runs, compare_runs
from training.comparison_words import left_out_words, verdict
from training.models import Run
from training.querysets import RunRow
from training.run_differences import run_differences
from training.run_table import run_table
from training.services.model_readings import start_readings

router = Router(tags=["runs"])


class RunRowOut(Schema):
    """Accuracies are shares 0 to 1; None: not measured (yet)."""

    number: int
    state: str
    architecture: str
    dataset: int
    best: float | None
    test_accuracy: float | None
    test_character_accuracy: float | None
    epochs: int
    minutes: float | None


class RunsOut(Page[RunRowOut]):
    """`count` runs in all."""

    count: int


class ComparedRun(Schema):
    """Of the `n` shared test images, how many the run's model reads right. Held against the first run of the answer:
    `only_this` and `only_first` images, McNemar's `p_value`, and what that means in words; None for the first run."""

    run: int
    n: int
    right: int
    interval: list[float]
    only_this: int | None = None
    only_first: int | None = None
    p_value: float | None = None
    verdict: str = ""


class ComparisonOut(Schema):
    """`unread` runs are not compared: their models' readings are not kept yet; a POST has them read."""

    shared: int
    left_out: list[str]
    runs: list[ComparedRun]
    unread: list[int]
    differences: dict[str, list[str]]


# The router of `training.api` has its route: one address has all of its methods in one router.
def list_runs(request: HttpRequest, project_id: int, cursor: str = "") -> dict[str, Any]:
    """Takes the query of the page Train: `state`, `architecture`, `dataset`, `where`, `is` (min, max or is) and `value`
    as often as you like, and `sort`; 50 runs a page."""
    query = request.GET.copy()
    query["page"] = str(read_cursor(cursor)) if cursor else "1"
    table = run_table(get_project(request.user, project_id), query)
    return {
        "count": table.count,
        "items": [_row(row) for row in table.rows],
        "next": write_cursor(table.page + 1) if table.page < table.pages else None,
    }


@router.get("/projects/{project_id}/compare", response=ComparisonOut, summary="Compare runs")
def compare(request: HttpRequest, project_id: int) -> dict[str, Any]:
    """`run` is the number of a run, given twice or more; the others are held against the one with the lowest number."""
    project = get_project(request.user, project_id)
    return _compared(compare_runs(project, _chosen(request, project)))


@router.post("/projects/{project_id}/compare", response=ComparisonOut, summary="Have unread images read")
def read_images(request: HttpRequest, project_id: int) -> dict[str, Any]:
    """Have a worker read the test images of the runs in `run` whose readings are not kept."""
    project = get_project(request.user, project_id, Act.TRAIN)
    runs = _chosen(request, project)
    models = [run.model for run in runs if hasattr(run, "model")]
    start_readings(project=project, user=request.user, models=models)
    return _compared(compare_runs(project, runs))


def _chosen(request: HttpRequest, project: Project) -> list[Run]:
    runs = chosen_runs(project, request.GET)
    if len(runs) < 2:
        raise Refused("Name at least two runs of this project to compare, as in ?run=5&run=7.")
    return runs


def _row(row: RunRow) -> dict[str, Any]:
    run = row.run
    return {
        "number": run.number,
        "state": run.state,
        "architecture": run.architecture,
        "dataset": run.dataset.number,
        "best": row.best,
        "test_accuracy": row.test,
        "test_character_accuracy": row.characters,
        "epochs": run.epoch,
        "minutes": run.seconds / 60 if run.seconds is not None else None,
    }


def _compared(comparison: Comparison) -> dict[str, Any]:
    rows = []
    for outcome in comparison.outcomes:
        base, share = comparison.outcomes[0], outcome.share
        row: dict[str, Any] = {
            "run": outcome.run.number,
            "n": share.n,
            "right": share.count,
            "interval": share.interval.to_json(),
        }
        if outcome is not base:
            pair = comparison.pair(outcome, base)
            row |= {
                "only_this": pair.first_only,
                "only_first": pair.second_only,
                "p_value": pair.p_value,
                "verdict": str(verdict(str(outcome.run), str(base.run), pair)),
            }
        rows.append(row)
    return {
        "shared": comparison.shared.n,
        "left_out": left_out_words(comparison.shared.left_out),
        "runs": rows,
        "unread": [model.run.number for model in comparison.unread],
        "differences": {row.title: row.values for row in run_differences(comparison.runs)},
    }
