"""API routes of what happens without being asked for: suggestions, and the automatic loop."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from labeling.access import Act, get_project
from labeling.models import Project
from training.models import AutomaticLoop, SuggestionPass
from training.services.automatic_loop import loop_of, new_annotations, switch_loop
from training.services.suggesting import present_pass, starter_problem, suggest, switch_starter

router = Router(tags=["loop"])


class SuggestionsOut(Schema):
    """`by` is who reads: `model`, `starter` or, where nobody does, `none`; then `why_none` says why, unless there was
    nothing to read yet. `model` is None unless a model reads."""

    by: str = "none"
    why_none: str = ""
    model: int | None = None
    state: str = "none"
    error: str = ""
    done: int = 0
    total: int = 0
    seconds_left: float | None = None


class StarterIn(Schema):
    on: bool


class StarterOut(Schema):
    on: bool


class LoopIn(Schema):
    on: bool
    every: int | None = None
    max_minutes: float | None = None


class LoopOut(Schema):
    on: bool
    every: int
    max_minutes: float
    new_annotations: int
    last_run: int | None
    last_run_at: datetime | None
    problem: str


@router.get(
    "/projects/{project_id}/suggestions", response=SuggestionsOut, summary="How many images have suggestions"
)
def show_suggestions(request: HttpRequest, project_id: int) -> dict[str, Any]:
    project = get_project(request.user, project_id)
    row = present_pass(project)
    return _progress(row) if row else {"why_none": starter_problem(project)}


@router.post(
    "/projects/{project_id}/suggestions",
    response={202: SuggestionsOut},
    summary="Have the images without a suggestion read",
)
def start_suggestions(request: HttpRequest, project_id: int) -> Status[dict[str, Any]]:
    project = get_project(request.user, project_id, Act.TRAIN)
    return Status(202, _progress(suggest(project=project, user=request.user)))


@router.post(
    "/projects/{project_id}/suggestions/starter",
    response=StarterOut,
    summary="Let the starter suggest until there is a model, or not",
)
def change_starter(request: HttpRequest, project_id: int, wish: StarterIn) -> dict[str, Any]:
    """Switched off, what it suggested is deleted."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    return {"on": switch_starter(project=project, user=request.user, is_on=wish.on).is_on}


@router.get("/projects/{project_id}/loop", response=LoopOut, summary="Whether it trains by itself")
def show_loop(request: HttpRequest, project_id: int) -> dict[str, Any]:
    return _loop(loop_of(get_project(request.user, project_id)))


@router.post("/projects/{project_id}/loop", response=LoopOut, summary="Train by itself, or not")
def change_loop(request: HttpRequest, project_id: int, wish: LoopIn) -> dict[str, Any]:
    """Left out, `every` (new annotations) and `max_minutes` stay as they are."""
    project: Project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    switch_loop(
        project=project, user=request.user, is_on=wish.on, every=wish.every, max_minutes=wish.max_minutes
    )
    return _loop(loop_of(project))


def _progress(row: SuggestionPass) -> dict[str, Any]:
    return {
        "by": "model" if row.model_id else "starter",
        "model": row.model_id,
        "state": row.state,
        "error": row.error,
        "done": row.done,
        "total": row.total,
        "seconds_left": row.seconds_left,
    }


def _loop(loop: AutomaticLoop) -> dict[str, Any]:
    return {
        "on": loop.is_on,
        "every": loop.every,
        "max_minutes": loop.max_minutes,
        "new_annotations": new_annotations(loop) if loop.is_on else 0,
        "last_run": loop.last_run.number if loop.last_run else None,
        "last_run_at": loop.last_run.created_at if loop.last_run else None,
        "problem": loop.problem,
    }
