"""API routes of training: runs, models, and reading images."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, File, Router, Schema
from ninja.files import UploadedFile

from labeling.access import Act, get_project
from labeling.errors import Refused
from training.api_batches import router as batches_router
from training.api_comparison import router as comparison_router
from training.api_corrections import router as corrections_router
from training.api_datasets import router as datasets_router
from training.api_models import router as models_router
from training.api_run_watching import router as run_watching_router
from training.api_runs import router as runs_router
from training.api_searches import router as searches_router
from training.api_suggestions import router as suggestions_router
from training.models import Model
from training.services.models import production_model
from training.services.reading import ReadingResult, read_images

router = Router()
router.add_router("", datasets_router)
router.add_router("", runs_router)
router.add_router("", run_watching_router)
router.add_router("", comparison_router)
router.add_router("", searches_router)
router.add_router("", models_router)
router.add_router("", suggestions_router)
router.add_router("", corrections_router)
router.add_router("", batches_router)
MOST_IMAGES = 256


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


@router.post("/projects/{project_id}/read", response=ReadingsOut, summary="Read images", tags=["reading"])
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
