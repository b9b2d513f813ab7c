"""API routes of trainings without labels: start, see how far they are, their style, and the images they ask about."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from labeling.access import Act, get_project
from labeling.api_labelling import RowNumber
from labeling.api_paging import Page, Paging, cursor_page
from labeling.errors import ImageGone
from labeling.jobs import JobState
from labeling.models import Project
from labeling.services.annotations import SkipReason
from training.api_runs import RunOut
from training.models import LabelFree, Run, Teaching
from training.services.asked import AskedResult, answer, asked_result, next_asked
from training.services.label_free import (
    DRAWN,
    MINUTES,
    Wish,
    adjusted_style,
    start_without_labels,
    train_again,
)

router = Router(tags=["without labels"])


class LabelFreeIn(Schema):
    """All may be left out: then it does what the page Read without labels proposes. `style` as its route gives it: it
    is drawn in as it is, and none is fitted; values that it does not name have their defaults."""

    refine: bool = False
    self_train: bool = True
    synthetic_count: int = Field(DRAWN, examples=[5000])
    max_minutes: float = MINUTES
    architecture: str | None = None
    hyperparameters: dict[str, Any] = {}
    seed: int = 0
    style: dict[str, Any] | None = None


class StyleIn(Schema):
    """The values that are to be different; the others stay as the run had them."""

    style: dict[str, Any] = Field(examples=[{"rotation": [0, 12]}])


class StyleOut(Schema):
    style: dict[str, Any]
    is_adjusted: bool


class DisagreementOut(Schema):
    """An image that the model reads otherwise than the person who transcribed it."""

    image: int
    name: str
    typed: str
    read: str
    confidence: float

    @staticmethod
    def resolve_image(transcript: Any) -> int:
        return int(transcript.image_id)


class ResultOut(Schema):
    """`accuracy` and its 95 % Wilson `interval` are null until all asked images are answered."""

    asked: int
    answered: int
    skipped: int
    right: int | None
    n: int | None
    accuracy: float | None
    interval: list[float] | None
    disagreements: list[DisagreementOut]

    @staticmethod
    def resolve_right(result: AskedResult) -> int | None:
        return result.right.count if result.right else None

    @staticmethod
    def resolve_n(result: AskedResult) -> int | None:
        return result.right.n if result.right else None

    @staticmethod
    def resolve_accuracy(result: AskedResult) -> float | None:
        return result.right.value if result.right and result.right.n else None

    @staticmethod
    def resolve_interval(result: AskedResult) -> list[float] | None:
        if not (result.right and result.right.n):
            return None
        return [result.right.interval.low, result.right.interval.high]


class LabelFreeOut(Schema):
    """Poll it until `state` is done, failed or stopped, or watch the run's events. Stages have name, state and seconds;
    `closeness` says how often, 0 to 1, a classifier tells drawn from real images, and by what."""

    number: int
    state: JobState
    error: str
    stage: str
    progress: float
    seconds_left: float | None
    options: dict[str, Any]
    stages: list[dict[str, Any]]
    is_adjusted: bool
    findings: list[dict[str, Any]]
    fonts: list[dict[str, Any]]
    closeness: dict[str, Any] | None
    rounds: list[dict[str, Any]]
    result: ResultOut
    created_at: datetime
    finished_at: datetime | None


class LabelFreeRow(Schema):
    number: int
    state: JobState
    created_at: datetime
    finished_at: datetime | None


class AskedIn(Schema):
    """What an asked image shows: a `text`, or a `skip_reason`. `key` is a UUID of your own."""

    image: RowNumber
    key: UUID
    text: str = ""
    skip_reason: SkipReason | None = None
    milliseconds: int | None = Field(None, ge=0, le=2**31 - 1)


class AskedImageOut(Schema):
    id: int
    name: str
    url: str
    width: int
    height: int


class AskedOut(Schema):
    images: list[AskedImageOut]
    answered: int
    left: int


@router.get(
    "/projects/{project_id}/without-labels", response=Page[LabelFreeRow], summary="The runs without labels"
)
def list_label_free(request: HttpRequest, project_id: int, paging: Query[Paging]) -> Any:
    """The newest first."""
    runs = Run.objects.filter(project=get_project(request.user, project_id), teaching=Teaching.NO_LABELS)
    return cursor_page(runs, paging, key="number", newest_first=True)


@router.post(
    "/projects/{project_id}/without-labels", response={202: RunOut}, summary="Learn to read without labels"
)
def add_label_free(request: HttpRequest, project_id: int, wish: LabelFreeIn) -> Status[Run]:
    """Have a worker fit a style to the unlabelled images, draw texts in it, and train a reader on those. It is a run
    like any other: stop it, resume it and watch it there."""
    project = get_project(request.user, project_id, Act.TRAIN)
    run = start_without_labels(
        project=project,
        user=request.user,
        wish=Wish(
            refine=wish.refine,
            self_train=wish.self_train,
            synthetic_count=wish.synthetic_count,
            max_minutes=wish.max_minutes,
        ),
        style=wish.style,
        architecture=wish.architecture,
        hyperparameters=wish.hyperparameters,
        seed=wish.seed,
    )
    return Status(202, run)


@router.get(
    "/projects/{project_id}/without-labels/{label_free_number}",
    response=LabelFreeOut,
    summary="How far a run without labels is, and what it came to",
)
def show_label_free(request: HttpRequest, project_id: int, label_free_number: int) -> dict[str, Any]:
    row = _get(get_project(request.user, project_id), label_free_number)
    run = row.run
    told = ("number", "state", "error", "stage", "progress", "seconds_left", "created_at", "finished_at")
    kept = ("options", "stages", "is_adjusted", "findings", "fonts", "closeness")
    return (
        {name: getattr(run, name) for name in told}
        | {name: getattr(row, name) for name in kept}
        | {"rounds": run.rounds, "result": asked_result(row)}
    )


@router.get(
    "/projects/{project_id}/without-labels/{label_free_number}/style",
    response=StyleOut,
    summary="The style that images are drawn in",
)
def show_style(request: HttpRequest, project_id: int, label_free_number: int) -> LabelFree:
    """Pictures in it are base64 of a PNG. There is none before it is fitted."""
    row = _get(get_project(request.user, project_id), label_free_number)
    if row.style is None:
        raise Http404
    return row


@router.post(
    "/projects/{project_id}/without-labels/{label_free_number}/style",
    response={202: RunOut},
    summary="Train again with an adjusted style",
)
def change_style(request: HttpRequest, project_id: int, label_free_number: int, wish: StyleIn) -> Status[Run]:
    row = _get(get_project(request.user, project_id, Act.TRAIN), label_free_number)
    style = adjusted_style(label_free=row, changes=wish.style)
    return Status(202, train_again(label_free=row, user=request.user, style=style))


@router.get(
    "/projects/{project_id}/without-labels/{label_free_number}/asked",
    response=AskedOut,
    summary="The next images to transcribe",
)
def list_asked(request: HttpRequest, project_id: int, label_free_number: int) -> dict[str, Any]:
    """Images that the run did not learn from, drawn by chance, without what its model reads in them."""
    row = _get(get_project(request.user, project_id, Act.LABEL), label_free_number)
    result = asked_result(row)
    images = [asked.image for asked in next_asked(row)]
    return {"images": images, "answered": result.answered, "left": result.left}


@router.post(
    "/projects/{project_id}/without-labels/{label_free_number}/asked",
    response=ResultOut,
    summary="Say what an asked image shows",
)
def add_asked(request: HttpRequest, project_id: int, label_free_number: int, wish: AskedIn) -> AskedResult:
    """The text remains as a label of the project. The same key again changes nothing."""
    row = _get(get_project(request.user, project_id, Act.LABEL), label_free_number)
    try:
        answer(
            label_free=row,
            image_id=wish.image,
            user=request.user,
            key=wish.key,
            text=wish.text,
            skip_reason=wish.skip_reason,
            milliseconds=wish.milliseconds,
        )
    except ImageGone as error:
        raise Http404 from error
    return asked_result(row)


def _get(project: Project, number: int) -> LabelFree:
    rows = LabelFree.objects.select_related("run__preparation", "run__dataset")
    row: LabelFree = get_object_or_404(rows, run__project=project, run__number=number)
    row.run.project = project
    return row
