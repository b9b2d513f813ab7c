"""API routes of labelling itself: taking images from the queue, saying what they read, taking it back."""

from typing import Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from labeling.access import Act, get_project
from labeling.errors import ImageGone
from labeling.models import Annotation, Image, Project
from labeling.services.annotations import Saved, SkipReason, submit, withdraw
from labeling.services.deleting import delete_images
from labeling.services.queue import BATCH, lease_images
from labeling.serving import image_response

router = Router(tags=["labelling"])
MOST_IMAGES = 100
MOST_EXCLUDED = 1000


class QueueIn(Schema):
    count: int = Field(BATCH, ge=1, le=MOST_IMAGES)
    exclude: list[int] = Field([], max_length=MOST_EXCLUDED)
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


@router.get("/projects/{project_id}/images/{image_id}/file", summary="The picture of an image")
def show_image_file(request: HttpRequest, project_id: int, image_id: int) -> HttpResponseBase:
    return image_response(request, _image(get_project(request.user, project_id), image_id))


@router.delete("/projects/{project_id}/images/{image_id}", response={204: None}, summary="Delete an image")
def delete_image(request: HttpRequest, project_id: int, image_id: int) -> Status[None]:
    """With everything that was said about it, for good."""
    image = _image(get_project(request.user, project_id, Act.DELETE_IMAGES), image_id)
    delete_images(project=image.project, user=request.user, image_ids=[image.pk])
    return Status(204, None)


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


def _image(project: Project, image_id: int) -> Image:
    image: Image = get_object_or_404(Image.objects.select_related("project"), project=project, pk=image_id)
    return image


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
