"""API routes of training: runs, and reading images."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile

from labeling.access import Act, get_project
from labeling.errors import Refused
from training.api_comparison import RunsOut, list_runs
from training.api_comparison import router as comparison_router
from training.api_models import router as models_router
from training.api_suggestions import router as suggestions_router
from training.models import Model, Run
from training.services.models import production_model
from training.services.reading import ReadingResult, read_images
from training.services.runs import create_run, stop_run

router = Router(tags=["training"])
router.add_router("", suggestions_router)
router.add_router("", comparison_router)
router.add_router("", models_router)
MOST_IMAGES = 256


class RunIn(Schema):
    architecture: str | None = None
    hyperparameters: dict[str, Any] = {}
    seed: int = 0
    max_epochs: int | None = None
    max_minutes: float | None = None


class RunOut(Schema):
    number: int
    state: str
    error: str
    architecture: str
    stage: str
    progress: float
    epoch: int
    seconds_left: float | None
    created_at: datetime
    finished_at: datetime | None


class ReadingOut(Schema):
    name: str
    text: str
    confidence: float
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
