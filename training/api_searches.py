"""API routes of searches for hyper-parameters."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status

from labeling.access import Act, get_project
from labeling.api_paging import Page, Paging, cursor_page
from labeling.jobs import JobState
from training.models import Search
from training.search_details import search_details
from training.services.searches import USUAL_MINUTES, USUAL_TRIALS, create_search, stop_search, train_best

router = Router(tags=["searches"])


class SearchIn(Schema):
    """`space` gives the lowest and the highest value by hyper-parameter; left out, what usually matters is searched."""

    architecture: str | None = None
    space: dict[str, tuple[float, float]] | None = None
    hyperparameters: dict[str, Any] = {}
    trials: int = USUAL_TRIALS
    max_minutes: float = USUAL_MINUTES
    budget_minutes: float | None = None
    pruner: str = "median"
    seed: int = 0


class TrialOut(Schema):
    """`value` is the share of validation images read right: of its model, else of its best epoch until now."""

    trial: int
    run: int
    state: str
    pruned: bool
    value: float | None
    hyperparameters: dict[str, Any]


class SearchRowOut(Schema):
    number: int
    state: JobState
    architecture: str
    trials_planned: int
    created_at: datetime
    finished_at: datetime | None


class SearchOut(Schema):
    number: int
    state: JobState
    error: str
    architecture: str
    space: dict[str, Any]
    trials_planned: int
    max_minutes: float
    budget_minutes: float | None
    importance: dict[str, float]
    best_run: int | None
    trials: list[TrialOut]
    created_at: datetime
    finished_at: datetime | None


class BestIn(Schema):
    max_minutes: float | None = None


class BestOut(Schema):
    run: int


@router.get(
    "/projects/{project_id}/searches", response=Page[SearchRowOut], summary="The searches, newest first"
)
def list_searches(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    rows = Search.objects.filter(project=get_project(request.user, project_id))
    return cursor_page(rows, paging, key="number", newest_first=True)


@router.post("/projects/{project_id}/searches", response={202: SearchOut}, summary="Start a search")
def add_search(request: HttpRequest, project_id: int, wish: SearchIn) -> Status[dict[str, Any]]:
    project = get_project(request.user, project_id, Act.TRAIN)
    told = wish.dict()
    fixed = told.pop("hyperparameters")
    return Status(202, _out(create_search(project=project, user=request.user, fixed=fixed, **told)))


@router.get(
    "/projects/{project_id}/searches/{search_number}", response=SearchOut, summary="A search with its trials"
)
def show_search(request: HttpRequest, project_id: int, search_number: int) -> dict[str, Any]:
    return _out(_get(request, project_id, search_number, Act.VIEW))


@router.post(
    "/projects/{project_id}/searches/{search_number}/stop", response={202: SearchOut}, summary="Stop a search"
)
def end_search(request: HttpRequest, project_id: int, search_number: int) -> Status[dict[str, Any]]:
    search = _get(request, project_id, search_number, Act.TRAIN)
    stop_search(search=search, user=request.user)
    return Status(202, _out(search))


@router.post(
    "/projects/{project_id}/searches/{search_number}/best",
    response={202: BestOut},
    summary="Train anew with the best trial's hyper-parameters",
)
def add_best_run(
    request: HttpRequest, project_id: int, search_number: int, wish: BestIn
) -> Status[dict[str, int]]:
    search = _get(request, project_id, search_number, Act.TRAIN)
    run = train_best(search=search, user=request.user, max_minutes=wish.max_minutes)
    return Status(202, {"run": run.number})


def _get(request: HttpRequest, project_id: int, number: int, act: Act) -> Search:
    project = get_project(request.user, project_id, act)
    return get_object_or_404(Search.objects.select_related("dataset"), project=project, number=number)


def _out(search: Search) -> dict[str, Any]:
    details = search_details(search)
    names = [field for field in SearchOut.model_fields if field not in ("best_run", "trials")]
    return {name: getattr(search, name) for name in names} | {
        "best_run": None if details.best is None else details.best.run.number,
        "trials": [
            {
                "trial": row.run.trial,
                "run": row.run.number,
                "state": row.run.state,
                "pruned": row.run.is_pruned,
                "value": row.value,
                "hyperparameters": row.run.hyperparameters,
            }
            for row in details.rows
        ],
    }
