"""The API route that reads images.

It is asked more often than all others together, so it is lean: the worker's JSON goes into the answer as it came, and
no thread waits meanwhile.
"""

import base64
import binascii
import json
from collections.abc import Hashable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from labeling.access import Act, get_project, grant_of
from labeling.errors import Refused
from labeling.lately import Lately
from labeling.waiting import WaitingResponse, waits_outside
from training.models import Model, ModelState
from training.services.reading import ask

router = Router()
MOST_IMAGES = 256
_JSON = "application/json"

Picture = tuple[str, bytes]
"""The name and the bytes of a file."""


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


_BINARY = {"type": "string", "format": "binary"}
_BODIES = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["files"],
            "properties": {
                "files": {"type": "array", "items": _BINARY, "minItems": 1, "maxItems": MOST_IMAGES}
            },
        }
    },
    "image/*": {"schema": _BINARY},
    _JSON: {
        "schema": {
            "type": "object",
            "required": ["images"],
            "properties": {
                "images": {
                    "type": "array",
                    "items": {"type": "string", "format": "byte", "description": "an image file in Base64"},
                    "minItems": 1,
                    "maxItems": MOST_IMAGES,
                }
            },
        }
    },
}


@router.post(
    "/projects/{project_id}/read",
    response=ReadingsOut,
    summary="Read images",
    tags=["reading"],
    openapi_extra={"requestBody": {"required": True, "content": _BODIES}},
)
def read(request: HttpRequest, project_id: int, model: int | None = None) -> HttpResponse:
    """Read up to 256 images with the production model, or with the model of a number: `files` of a form, the bytes of
    one image, or `images` in Base64 in JSON. The readings are in their order. Nothing is kept."""
    if waits_outside(request):
        user = request.user
        key = (user.pk, grant_of(user), project_id, model)
        chosen = _chosen_lately.get(key, lambda: _chosen(user, project_id, model))
    else:
        chosen = _chosen(request.user, project_id, model)
    pictures = _pictures(request)
    asked = ask(model_pk=chosen, images=[data for _, data in pictures])

    def say(rows: Sequence[bytes]) -> bytes:
        return _said(chosen, pictures, rows)

    if waits_outside(request):
        return WaitingResponse(asked.come, say, content_type=_JSON)
    return HttpResponse(say(asked.wait()), content_type=_JSON)


_chosen_lately: Lately[Hashable, int] = Lately()
"""Which model reads for whom: who loses a right, and who promotes a model, sees it within a second."""


def _chosen(user: Any, project_id: int, model: int | None) -> int:
    """The id of the model that a user may read with in a project: the one of a number, else the one in production."""
    project = get_project(user, project_id, Act.READ, with_counts=False)
    if model is not None:
        return get_object_or_404(Model.objects.only("pk"), project=project, pk=model).pk
    found: int | None = (
        project.models.filter(state=ModelState.PRODUCTION).values_list("pk", flat=True).first()
    )
    if found is None:
        raise Refused(f"“{project.name}” has no model yet. Train one first, then read with it.")
    return found


def _pictures(request: HttpRequest) -> list[Picture]:
    """The images of a request, whichever way they came.

    Raises:
        Refused: there are none, or too many.
        HttpError: they came another way.
    """
    kind = request.content_type or ""
    if kind == "multipart/form-data":
        pictures = [(file.name or "unnamed", file.read()) for file in request.FILES.getlist("files")]
    elif kind.startswith("image/") or kind == "application/octet-stream":
        pictures = [("", request.body)]
    elif kind == _JSON:
        pictures = [("", data) for data in _from_json(request.body)]
    else:
        raise HttpError(
            415,
            f"Images cannot be sent as “{kind}”. Send a form with “files” (multipart/form-data), the bytes of one "
            "image (image/png, image/jpeg, …), or JSON with “images” in Base64.",
        )
    if not pictures:
        raise Refused("There is no image in this request. Send at least one, in a form as “files”.")
    if len(pictures) > MOST_IMAGES:
        raise Refused(f"{len(pictures)} images are too many for one call; send at most {MOST_IMAGES}.")
    return pictures


def _from_json(body: bytes) -> list[bytes]:
    try:
        images = json.loads(body)["images"]
        if not isinstance(images, list):
            raise TypeError
        return [base64.b64decode(image, validate=True) for image in images]
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        raise Refused(
            'This is not JSON of the form {"images": ["…"]} with each image file in Base64. Look at its quotes, and '
            "leave out “data:image/png;base64,” and line ends."
        ) from None


def _said(model: int, pictures: Sequence[Picture], rows: Sequence[bytes]) -> bytes:
    """`ReadingsOut` in JSON: each row is an object already, and gets the name in front."""
    readings = b", ".join(
        b'{"name": %b, %b' % (json.dumps(name).encode(), row[1:])
        for (name, _), row in zip(pictures, rows, strict=True)
    )
    return b'{"model": %d, "readings": [%b]}' % (model, readings)
