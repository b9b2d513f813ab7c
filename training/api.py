"""API routes of training: runs, and reading images."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, File, Router, Schema, Status
from ninja.files import UploadedFile

from labeling.access import Act, get_project
from labeling.errors import Refused
from training.api_comparison import RunsOut, list_runs
from training.api_comparison import router as comparison_router
from training.api_models import router as models_router
from training.api_searches import router as searches_router
from training.api_suggestions import router as suggestions_router
from training.api_tracking import router as tracking_router
from training.models import Model, Run
from training.querysets import places_in_line
from training.services.deleting_runs import RunContents, delete_run, run_contents
from training.services.models import production_model
from training.services.reading import ReadingResult, read_images
from training.services.runs import create_run, resume_run, retry_run, settings_of, stop_run

router = Router(tags=["training"])
router.add_router("", searches_router)
router.add_router("", suggestions_router)
router.add_router("", comparison_router)
router.add_router("", models_router)
router.add_router("", tracking_router)
MOST_IMAGES = 256


class RunIn(Schema):
    architecture: str | None = None
    hyperparameters: dict[str, Any] = {}
    seed: int = 0
    max_epochs: int | None = None
    max_minutes: float | None = None


class CloneIn(Schema):
    """What is to be different; what is left out is as in the run that is cloned."""

    architecture: str | None = None
    hyperparameters: dict[str, Any] | None = None
    seed: int | None = None
    max_epochs: int | None = None
    max_minutes: float | None = None
    same_inputs: bool = True


class RunOut(Schema):
    number: int
    state: str
    place_in_line: int | None
    copy_of: int | None
    error: str
    architecture: str
    stage: str
    progress: float
    epoch: int
    seconds_left: float | None
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


class ReadingOut(Schema):
    name: str
    text: str
    confidence: float
    verdict: str = Field(
        description="`sure`; `unsure` and `other_family` want a person's look; empty where nothing was read"
    )
    strangeness: float = Field(
        description="how unlike the model's training images it is: 0 is usual, above 1 `other_family`"
    )
    characters: list[dict[str, Any]]
    milliseconds: float
    notes: list[str]
    error: str


class ReadingsOut(Schema):
    model: int
    readings: list[ReadingOut]


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
    if told["architecture"] != run.architecture and wish.hyperparameters is None:
        # Those of another architecture mean something else.
        told["hyperparameters"] = {}
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


@router.post("/projects/{project_id}/read", response=ReadingsOut, summary="Read images")
def read(
    request: HttpRequest,
    project_id: int,
    files: File[list[UploadedFile]],
    model: int | None = None,
) -> dict[str, Any]:
    """Read up to 256 images with the production model, or with the model of a number. Nothing is kept."""
    project = get_project(request.user, project_id, Act.READ)
    chosen = get_object_or_404(Model, project=project, pk=model) if model else production_model(project)
    if chosen is None:
        raise Refused(f"“{project.name}” has no model yet. Train one first, then read with it.")
    if len(files) > MOST_IMAGES:
        raise Refused(f"{len(files)} images are too many for one call; send at most {MOST_IMAGES}.")
    results = read_images(model=chosen, images=[file.read() for file in files])
    return {
        "model": chosen.pk,
        "readings": [_named(file, result) for file, result in zip(files, results, strict=True)],
    }


def _named(file: UploadedFile, result: ReadingResult) -> dict[str, Any]:
    return {"name": file.name or "unnamed", **vars(result)}
