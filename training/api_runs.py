"""API routes of runs: start, see how far they are, stop, let go on, try again, clone, delete."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from labeling.access import Act, get_project
from labeling.jobs import JobState
from training.api_comparison import RunsOut, list_runs
from training.models import Run
from training.querysets import places_in_line
from training.services.deleting_runs import RunContents, delete_run, run_contents
from training.services.runs import create_run, resume_run, retry_run, settings_of, stop_run

router = Router(tags=["runs"])


class RunIn(Schema):
    """All may be left out: then it trains as the page Train proposes."""

    architecture: str | None = Field(None, examples=["slots"])
    hyperparameters: dict[str, Any] = {}
    seed: int = 0
    max_epochs: int | None = None
    max_minutes: float | None = Field(None, examples=[5])
    self_training: bool | None = None


class CloneIn(Schema):
    """What is to be different; what is left out is as in the run that is cloned."""

    architecture: str | None = None
    hyperparameters: dict[str, Any] | None = None
    seed: int | None = None
    max_epochs: int | None = None
    max_minutes: float | None = None
    self_training: bool | None = None
    same_inputs: bool = True


class RunOut(Schema):
    """Poll it until `state` is done, failed or stopped, or watch its events. `progress` is a share 0 to 1. `rounds` are
    those of learning from unlabelled images: how many of them were taken, and the estimated precision with its 95 %
    interval of `low` to `high`."""

    number: int
    state: JobState
    place_in_line: int | None
    copy_of: int | None
    error: str
    architecture: str
    stage: str
    progress: float
    epoch: int
    seconds_left: float | None
    self_training: bool
    rounds: list[dict[str, Any]]
    created_at: datetime
    finished_at: datetime | None

    @staticmethod
    def resolve_place_in_line(run: Run) -> int | None:
        place = places_in_line([run]).get(run.pk)
        return place.position if place else None

    @staticmethod
    def resolve_copy_of(run: Run) -> int | None:
        return run.copied_from.number if run.copied_from else None


class RunContentsOut(Schema):
    model: bool
    is_production: bool
    model_bytes: int
    checkpoint_bytes: int
    epochs: int
    readings: int
    suggestions: int
    doubts: int

    @staticmethod
    def resolve_model(contents: RunContents) -> bool:
        return contents.model is not None


router.get("/projects/{project_id}/runs", response=RunsOut, summary="The runs, filtered and sorted")(
    list_runs
)


@router.post("/projects/{project_id}/runs", response={202: RunOut}, summary="Start a run")
def add_run(request: HttpRequest, project_id: int, wish: RunIn) -> Status[Run]:
    project = get_project(request.user, project_id, Act.TRAIN)
    return Status(202, create_run(project=project, user=request.user, **wish.dict()))


@router.get("/projects/{project_id}/runs/{number}", response=RunOut, summary="How far a run is")
def show_run(request: HttpRequest, project_id: int, number: int) -> Run:
    return get_object_or_404(Run, project=get_project(request.user, project_id), number=number)


@router.post(
    "/projects/{project_id}/runs/{number}/stop",
    response={202: RunOut},
    summary="Stop a run",
)
def stop(request: HttpRequest, project_id: int, number: int) -> Status[Run]:
    run = get_object_or_404(Run, project=get_project(request.user, project_id, Act.TRAIN), number=number)
    stop_run(run=run, user=request.user)
    return Status(202, run)


@router.post(
    "/projects/{project_id}/runs/{number}/resume",
    response={202: RunOut},
    summary="Let a stopped or failed run go on",
)
def resume(request: HttpRequest, project_id: int, number: int) -> Status[Run]:
    run = get_object_or_404(Run, project=get_project(request.user, project_id, Act.TRAIN), number=number)
    resume_run(run=run, user=request.user)
    return Status(202, run)


@router.post(
    "/projects/{project_id}/runs/{number}/retry",
    response={202: RunOut},
    summary="Start a run with all that a failed one was given",
)
def retry(request: HttpRequest, project_id: int, number: int) -> Status[Run]:
    run = get_object_or_404(Run, project=get_project(request.user, project_id, Act.TRAIN), number=number)
    return Status(202, retry_run(run=run, user=request.user))


@router.post(
    "/projects/{project_id}/runs/{number}/clone",
    response={202: RunOut},
    summary="Start a run like another one, with changes",
)
def clone(request: HttpRequest, project_id: int, number: int, wish: CloneIn) -> Status[Run]:
    """Start a run with what another one was told, but for what the wish names. With `same_inputs` it trains on the
    very images and preparation of the other one, else on those of now."""
    project = get_project(request.user, project_id, Act.TRAIN)
    run = get_object_or_404(Run, project=project, number=number)
    told = settings_of(run) | wish.dict(exclude_unset=True)
    if told["architecture"] != run.architecture:
        if wish.hyperparameters is None:
            # Those of another architecture mean something else.
            told["hyperparameters"] = {}
        # Not all architectures can.
        told["self_training"] = wish.self_training
    told.setdefault("same_inputs", wish.same_inputs)
    return Status(202, create_run(project=project, user=request.user, copy_of=run, **told))


@router.get(
    "/projects/{project_id}/runs/{number}/contents",
    response=RunContentsOut,
    summary="What would be deleted with a run",
)
def contents(request: HttpRequest, project_id: int, number: int) -> RunContents:
    project = get_project(request.user, project_id, Act.DELETE_RUNS)
    return run_contents(get_object_or_404(Run, project=project, number=number))


@router.delete(
    "/projects/{project_id}/runs/{number}",
    response={204: None},
    summary="Delete a run with all that came of it",
)
def delete(request: HttpRequest, project_id: int, number: int, even_production: bool = False) -> Status[None]:
    """Delete a run with its history, checkpoints, model and what that read and suggested. A production model's run is
    refused unless `even_production` says that the project may be left without one."""
    project = get_project(request.user, project_id, Act.DELETE_RUNS)
    run = get_object_or_404(Run, project=project, number=number)
    delete_run(run=run, user=request.user, even_production=even_production)
    return Status(204, None)
