"""Serving pictures that strangers uploaded: only as types that browsers draw, only as pictures."""

from collections.abc import Callable
from io import BytesIO

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from PIL import Image

from labeling.imaging.decode import UnreadableImage, decode_image
from labeling.models import Image as ImageRow

A_YEAR = 365 * 24 * 60 * 60
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
}


def picture_response(request: HttpRequest, data: bytes, *, etag: str) -> HttpResponseBase:
    """Answer with a picture that never changes under its address, or with 304 where the browser has it.

    Formats that browsers do not draw (TIFF, PPM) are sent as PNG.

    Raises:
        Http404: the stored bytes are no picture any more.
    """
    content_type = _type_of(data)
    if content_type is None:
        data, content_type = _as_png(data), "image/png"
    return _unchanging(request, lambda: _picture(data, content_type), etag)


def image_response(request: HttpRequest, image: ImageRow) -> HttpResponseBase:
    """Answer with the bytes of a project's image.

    Raises:
        Http404: its file is missing or no picture any more.
    """
    try:
        with image.file.open("rb") as file:
            return picture_response(request, file.read(), etag=image.sha256)
    except FileNotFoundError:
        raise Http404(f"The file of image {image.pk} is missing from the storage.") from None


def drawn_response(request: HttpRequest, draw: Callable[[], bytes], *, etag: str) -> HttpResponseBase:
    """Answer with a PNG that never changes under its address; it is drawn only where the browser has none.

    Raises:
        Http404: the stored bytes are missing, or no picture any more.
    """

    def response() -> HttpResponse:
        try:
            return _picture(draw(), "image/png")
        except (OSError, UnreadableImage) as error:
            raise Http404(f"The stored picture cannot be shown: {error}") from error

    return _unchanging(request, response, etag)


def _picture(data: bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    # A name of our own: what somebody called the file decides nothing, not even where it is saved.
    response["Content-Disposition"] = f'inline; filename="picture.{content_type.removeprefix("image/")}"'
    return response


def _unchanging(request: HttpRequest, respond: Callable[[], HttpResponseBase], etag: str) -> HttpResponseBase:
    response = get_conditional_response(request, etag=f'"{etag}"') or respond()
    response["ETag"] = f'"{etag}"'
    patch_cache_control(response, private=True, max_age=A_YEAR, immutable=True)
    return response


def _type_of(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _SIGNATURES.items() if data.startswith(start)), None)


def _as_png(data: bytes) -> bytes:
    try:
        pixels = decode_image(data).pixels
    except UnreadableImage as error:
        raise Http404(f"The stored picture cannot be shown: {error}") from error
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()
