"""Pictures drawn when a page asks for them: thumbnails of large images, and slices."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from labeling.access import get_project
from labeling.models import Image, Slice
from labeling.services.renderings import SHARES, draw_part, draw_slice, draw_thumbnail
from labeling.serving import drawn_response


@require_GET
def thumbnail(request: HttpRequest, project_id: int, image_id: int) -> HttpResponseBase:
    """Serve an image small enough for a grid."""
    project = get_project(request.user, project_id)
    image = get_object_or_404(Image, project=project, pk=image_id)
    return drawn_response(request, lambda: draw_thumbnail(image), etag=f"{image.sha256}-thumbnail")


@require_GET
def slice_image(request: HttpRequest, project_id: int, image_id: int, position: int) -> HttpResponseBase:
    """Serve one slice: `?left=2500&right=5000` (ten-thousandths of the width), or as `?preparation=3` cut it."""
    project = get_project(request.user, project_id)
    version = request.GET.get("preparation")
    if version is not None:
        rows = Slice.objects.select_related("preparation", "image")
        piece = get_object_or_404(
            rows,
            image=image_id,
            image__project=project,
            preparation__project=project,
            preparation__version=_whole_number(version),
            position=position,
        )
        etag = f"{piece.image.sha256}-{version}-{position}"
        return drawn_response(request, lambda: draw_slice(piece), etag=etag)
    left, right = (_whole_number(request.GET.get(edge, "")) for edge in ("left", "right"))
    if not left < right <= SHARES:
        raise Http404(f"A slice has a left and a right edge between 0 and {SHARES}.")
    image = get_object_or_404(Image, project=project, pk=image_id)
    return drawn_response(
        request, lambda: draw_part(image, left, right), etag=f"{image.sha256}-{left}-{right}"
    )


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise Http404(f"“{text[:20]}” is no whole number.")
    return int(text)
