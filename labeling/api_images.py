"""API routes of images."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from labeling.access import Act, get_project
from labeling.api_files import PICTURE
from labeling.api_paging import Page, Paging, cursor_page
from labeling.models import Image, ImageStatus, Project
from labeling.services.deleting import delete_images
from labeling.serving import image_response

router = Router()


class ImageOut(Schema):
    """`text` is the agreed text, empty as long as there is none."""

    id: int
    name: str
    sha256: str
    width: int
    height: int
    bytes: int = Field(alias="size")
    status: ImageStatus
    text: str
    skip_reason: str
    created_at: datetime


@router.get(
    "/projects/{project_id}/images",
    response=Page[ImageOut],
    summary="The images of a project",
    tags=["images"],
)
def list_images(
    request: HttpRequest,
    project_id: int,
    paging: Query[Paging],
    status: ImageStatus | None = None,
    text: str | None = None,
) -> dict[str, Any]:
    """Oldest first; only those of one `status`, or whose agreed text is `text`."""
    images = Image.objects.filter(project=get_project(request.user, project_id))
    if status is not None:
        images = images.filter(status=status)
    if text is not None:
        images = images.filter(text=text)
    return cursor_page(images, paging)


@router.get(
    "/projects/{project_id}/images/{image_id}",
    response=ImageOut,
    summary="An image and its text",
    tags=["images"],
)
def show_image(request: HttpRequest, project_id: int, image_id: int) -> Image:
    return get_object_or_404(Image, project=get_project(request.user, project_id), pk=image_id)


@router.delete(
    "/projects/{project_id}/images/{image_id}",
    response={204: None},
    summary="Delete an image",
    tags=["images"],
)
def delete_image(request: HttpRequest, project_id: int, image_id: int) -> Status[None]:
    """With everything that was said about it, for good."""
    image = _image(get_project(request.user, project_id, Act.DELETE_IMAGES), image_id)
    delete_images(project=image.project, user=request.user, image_ids=[image.pk])
    return Status(204, None)


@router.get(
    "/projects/{project_id}/images/{image_id}/file",
    summary="The picture of an image",
    tags=["images"],
    openapi_extra=PICTURE,
)
def show_image_file(request: HttpRequest, project_id: int, image_id: int) -> HttpResponseBase:
    return image_response(request, _image(get_project(request.user, project_id), image_id))


def _image(project: Project, image_id: int) -> Image:
    image: Image = get_object_or_404(Image.objects.select_related("project"), project=project, pk=image_id)
    return image
