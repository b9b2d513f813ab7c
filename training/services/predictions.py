"""Predictions that people see: reading and keeping, correcting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from labeling.errors import Refused
from labeling.models import Image, Project
from labeling.services.storable import storable
from training.models import Look, Prediction, ReadingBatch, Verdict
from training.services.corrections import correct_picture
from training.services.models import production_model
from training.services.pictures import picture_of
from training.services.reading import ReadingResult, read_images
from training.services.reading_days import count_check


@dataclass(frozen=True)
class Rejection:
    """A file that could not be read, and why."""

    name: str
    message: str


def read_and_keep(
    *, project: Project, user: Any, files: Sequence[tuple[str, bytes]]
) -> list[Prediction | Rejection]:
    """Read (name, bytes) pairs with the production model and keep what was read, pictures included.

    Raises:
        Refused: the project has no model yet.
        ReaderUnavailable: no worker answers.
    """
    model = production_model(project)
    if model is None:
        raise Refused(f"“{project.name}” has no model yet. Train one on the Train page, then read with it.")
    kept: list[Prediction | Rejection] = []
    results = read_images(model=model, images=[data for _, data in files])
    for (name, data), result in zip(files, results, strict=True):
        if result.error:
            kept.append(Rejection(name, result.error))
            continue
        path = default_storage.save(f"projects/{project.pk}/predictions/{uuid4().hex}", ContentFile(data))
        kept.append(
            Prediction(
                project=project,
                model=model,
                name=storable(name[-500:]),
                file=path,
                text=result.text,
                confidence=result.confidence,
                strangeness=result.strangeness,
                verdict=result.verdict,
                characters=list(result.characters),
                milliseconds=result.milliseconds,
                note=" ".join(result.notes),
                look=look_at(result),
                created_by=user,
            )
        )
    Prediction.objects.bulk_create([row for row in kept if isinstance(row, Prediction)])
    return kept


def look_at(result: ReadingResult) -> Look:
    """Return whether a person should look at what was read."""
    wanted = not result.error and result.verdict != Verdict.SURE
    return Look.WANTED if wanted else Look.NOT_NEEDED


def correct_prediction(*, prediction: Prediction, user: Any, text: str) -> Image:
    """Make a prediction's picture an image of the project with this text as an annotation; confirming counts too.

    Raises:
        Refused: the text does not fit the project, or there is no picture.
    """
    try:
        data = picture_of(prediction)
    except FileNotFoundError:
        raise Refused(f"There is no picture of “{prediction.name}” to keep with a text.") from None
    with transaction.atomic():
        annotation = correct_picture(
            project=prediction.project, user=user, name=prediction.name, data=data, text=text
        )
        count_check(prediction=prediction, was_right=annotation.text == prediction.text)
        _look_done(prediction)
        prediction.image = annotation.image
        prediction.save(update_fields=["image"])
    return annotation.image


def _look_done(prediction: Prediction) -> None:
    """Note that a person has looked, once however often one does, and count it with the batch."""
    rows = Prediction.objects.filter(pk=prediction.pk)
    was_wanted = rows.filter(look=Look.WANTED).update(look=Look.DONE)
    is_new = was_wanted or rows.exclude(look=Look.DONE).update(look=Look.DONE)
    prediction.look = Look.DONE
    if is_new and prediction.batch_id is not None:
        batch = ReadingBatch.objects.filter(pk=prediction.batch_id)
        batch.update(checked=F("checked") + 1, to_check=F("to_check") - was_wanted)
