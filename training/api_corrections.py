"""API routes of kept readings and of their corrections."""

import base64
import binascii
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from labeling.access import Act, get_project
from labeling.api_paging import Page, Paging, cursor_page
from labeling.errors import Refused
from labeling.models import ImageStatus
from training.models import Prediction
from training.services.corrections import correct_picture
from training.services.predictions import correct_prediction
from training.verdicts import Verdict

router = Router(tags=["reading"])


class PredictionOut(Schema):
    """A reading that was kept, as those of the page Read are. `image` is what a correction made of it."""

    id: int
    model: int
    name: str
    text: str
    confidence: float
    verdict: Verdict | None
    image: int | None
    created_at: datetime

    @staticmethod
    def resolve_model(prediction: Prediction) -> int:
        return prediction.model_id

    @staticmethod
    def resolve_image(prediction: Prediction) -> int | None:
        return prediction.image_id

    @staticmethod
    def resolve_verdict(prediction: Prediction) -> str | None:
        return prediction.verdict or None


class CorrectionIn(Schema):
    """What a picture reads: that of a kept reading (`prediction`), or one that is sent along (`image`)."""

    text: str = Field(examples=["12345"])
    prediction: int | None = Field(None, description="Of a kept reading.")
    image: str | None = Field(None, description="The picture's bytes (PNG, JPEG, ...) in Base64.")
    name: str = Field(
        "correction", max_length=500, description="What to call the picture that is sent along."
    )


class CorrectionOut(Schema):
    """`status` says where the image stands now; with several readers an image may wait for others."""

    image: int
    text: str
    status: ImageStatus


@router.get(
    "/projects/{project_id}/predictions", response=Page[PredictionOut], summary="Kept readings, newest first"
)
def list_predictions(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    """Of the page Read. What the route `read` reads is not kept; batches have results of their own."""
    project = get_project(request.user, project_id)
    return cursor_page(Prediction.objects.filter(project=project, batch=None), paging, newest_first=True)


@router.post(
    "/projects/{project_id}/corrections", response={201: CorrectionOut}, summary="Say what a picture reads"
)
def add_correction(request: HttpRequest, project_id: int, wish: CorrectionIn) -> Status[dict[str, Any]]:
    """Send the right text of a picture that was misread, or confirm a reading. It becomes an annotation of the project,
    and the picture one of its images: the next training learns from both."""
    project = get_project(request.user, project_id, Act.READ)
    if (wish.prediction is None) == (wish.image is None):
        raise Refused(
            "Send either `prediction`, the number of a kept reading, or `image`, a picture in Base64."
        )
    if wish.prediction is not None:
        rows = Prediction.objects.select_related("project", "image")
        prediction = get_object_or_404(rows, project=project, pk=wish.prediction)
        image = correct_prediction(prediction=prediction, user=request.user, text=wish.text)
    else:
        data = _decoded(wish.image or "")
        image = correct_picture(
            project=project, user=request.user, name=wish.name, data=data, text=wish.text
        ).image
    return Status(201, {"image": image.pk, "text": image.text, "status": image.status})


def _decoded(text: str) -> bytes:
    # Data URLs are what browsers make of a picture.
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Refused("`image` is no Base64. Encode the file's bytes, as `base64 -w0 FILE` does.") from None
