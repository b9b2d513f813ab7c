"""API routes of labelling itself: taking images from the queue, saying what they read, taking it back."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from labeling.access import Act, get_project
from labeling.api_paging import Page, Paging, cursor_page
from labeling.errors import ImageGone
from labeling.models import Annotation, AnnotationSource, Image, ImageStatus
from labeling.services.annotations import Saved, SkipReason, submit, withdraw
from labeling.services.queue import BATCH, lease_images

router = Router(tags=["labelling"])
MOST_IMAGES = 100
MOST_EXCLUDED = 1000
# What a database can hold: a larger one would be its error.
RowNumber = Annotated[int, Field(ge=1, lt=2**63)]


class QueueIn(Schema):
    count: int = Field(BATCH, ge=1, le=MOST_IMAGES)
    exclude: list[RowNumber] = Field([], max_length=MOST_EXCLUDED)
    page: UUID | None = None


class QueuedImageOut(Schema):
    id: int
    name: str
    width: int
    height: int
    suggestion: str

    @staticmethod
    def resolve_suggestion(image: Image) -> str:
        suggestion = getattr(image, "suggestion", None)
        return suggestion.text if suggestion else ""


class QueueOut(Schema):
    images: list[QueuedImageOut]
    done: int
    left: int


class AnnotationIn(Schema):
    image: int
    key: UUID
    text: str = ""
    skip_reason: Literal["unreadable", "other_family", "cut_off"] | None = None
    milliseconds: int | None = Field(None, ge=0, lt=2**31)
    suggested: str = ""
    confirmed: bool = False


class SaidOut(Schema):
    """What one person, or an import, said about an image. `annotator` is None for an import without names."""

    id: int
    image: int
    annotator: str | None
    source: AnnotationSource
    text: str
    skip_reason: str
    key: UUID | None
    milliseconds: int | None
    created_at: datetime
    withdrawn_at: datetime | None

    @staticmethod
    def resolve_image(annotation: Annotation) -> int:
        return annotation.image_id

    @staticmethod
    def resolve_annotator(annotation: Annotation) -> str | None:
        if annotation.annotator:
            return annotation.annotator.get_username()
        return annotation.annotator_name or None


class AnnotationOut(Schema):
    id: int
    key: UUID
    image: int
    text: str
    skip_reason: str
    outcome: str
    message: str
    is_withdrawn: bool


@router.post("/projects/{project_id}/queue/next", response=QueueOut, summary="The next images to read")
def next_images(request: HttpRequest, project_id: int, wish: QueueIn) -> dict[str, object]:
    """Lease images for ten minutes. Asking again gives what you hold already, without those in `exclude`.

    `page` tells several clients of one person apart: each is handed images of its own.
    """
    project = get_project(request.user, project_id, Act.LABEL)
    images = lease_images(project=project, user=request.user, **wish.dict())
    return {"images": images, "done": project.counts.done, "left": project.counts.unlabelled}


@router.get(
    "/projects/{project_id}/annotations",
    response=Page[SaidOut],
    summary="What was said about images",
)
def list_annotations(
    request: HttpRequest,
    project_id: int,
    paging: Query[Paging],
    image: int | None = None,
    annotator: str | None = None,
) -> dict[str, Any]:
    """Newest first; only those of one `image`, or of one `annotator` by name.

    Where several people read each image, what others said shows once all have.
    """
    project = get_project(request.user, project_id)
    rows = Annotation.objects.filter(image__project=project).select_related("annotator")
    if project.overlap > 1:
        rows = rows.filter(~Q(image__status=ImageStatus.UNLABELLED) | Q(annotator=request.user.pk))
    if image is not None:
        rows = rows.filter(image=image)
    if annotator is not None:
        rows = rows.filter(annotator__username=annotator)
    return cursor_page(rows, paging, newest_first=True)


@router.post("/projects/{project_id}/annotations", response=AnnotationOut, summary="Say what an image reads")
def add_annotation(request: HttpRequest, project_id: int, wish: AnnotationIn) -> dict[str, object]:
    """Give an image that the queue handed out its text, or a `skip_reason`.

    `key` is a UUID of your own: the same key again changes nothing. `outcome` is `saved`; `replaced` where you had read
    the image before; or `extra` where others settled it meanwhile: then your text is kept, but changes nothing.
    """
    project = get_project(request.user, project_id, Act.LABEL)
    try:
        saved = submit(
            image=Image(pk=wish.image, project=project),
            user=request.user,
            key=wish.key,
            text=wish.text,
            skip_reason=SkipReason(wish.skip_reason) if wish.skip_reason else None,
            milliseconds=wish.milliseconds,
            suggested=wish.suggested,
            is_confirmed=wish.confirmed,
        )
    except ImageGone as error:
        raise Http404 from error
    return _annotation(saved)


@router.post(
    "/projects/{project_id}/annotations/{key}/withdraw",
    response=QueuedImageOut,
    summary="Take back what you said",
)
def withdraw_annotation(request: HttpRequest, project_id: int, key: UUID, page: UUID | None = None) -> Image:
    """Withdraw your annotation with this key. Where its image waits again, you hold it."""
    project = get_project(request.user, project_id, Act.LABEL)
    annotation = get_object_or_404(Annotation, image__project=project, key=key)
    return withdraw(annotation=annotation, user=request.user, page=page)


def _annotation(saved: Saved) -> dict[str, object]:
    annotation = saved.annotation
    return {
        "id": annotation.pk,
        "key": annotation.key,
        "image": annotation.image_id,
        "text": annotation.text,
        "skip_reason": annotation.skip_reason,
        "outcome": saved.outcome,
        "message": saved.sentence,
        "is_withdrawn": annotation.withdrawn_at is not None,
    }
