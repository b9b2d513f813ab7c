"""Writing down what models propose and doubt: training's workers do it in batches, people only read it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from labeling.models import Annotation, Doubt, Image, ImageStatus, Project, Suggestion
from labeling.models.annotations import AnnotationSource


@dataclass(frozen=True)
class ImageReading:
    """What a model reads in an image.

    `image` is its id, `confidence` 0..1, and `characters` are as in `Suggestion.characters`.
    """

    image: int
    text: str
    confidence: float
    characters: Sequence[dict[str, Any]]


def write_suggestions(*, project: Project, model_number: int, rows: Iterable[ImageReading]) -> None:
    """Keep readings as their images' suggestions, in place of older ones. Images that are gone are passed over."""
    readings = {row.image: row for row in rows}
    with transaction.atomic():
        images = _locked(project, readings)
        for image in images:
            image.confidence = readings[image.pk].confidence
        Suggestion.objects.bulk_create(
            (
                Suggestion(
                    image=image,
                    text=readings[image.pk].text,
                    confidence=readings[image.pk].confidence,
                    characters=list(readings[image.pk].characters),
                    model_number=model_number,
                )
                for image in images
            ),
            update_conflicts=True,
            unique_fields=["image"],
            update_fields=["text", "confidence", "characters", "model_number", "created_at"],
        )
        Image.objects.bulk_update(images, ["confidence"])


def write_doubts(
    *, project: Project, model_number: int | None, looked_at: Collection[int], rows: Iterable[ImageReading]
) -> None:
    """Keep a model's doubts about labels; those of older models that it does not share are forgotten.

    What a reviewer said, and the text of a gold image, is not doubted any more.

    Args:
        model_number: None where a cross-validation doubts. It and the models forget their own doubts only: how sure
            each has to be differs.
        looked_at: the ids of all labelled images that were read, doubted or not.
    """
    readings = {row.image: row for row in rows}
    with transaction.atomic():
        decided = set(
            Annotation.objects.filter(
                image__in=readings,
                source__in=[AnnotationSource.REVIEW, AnnotationSource.CORRECTION],
                withdrawn_at=None,
            ).values_list("image_id", flat=True)
        )
        doubts = [
            Doubt(
                image=image,
                text=readings[image.pk].text,
                confidence=readings[image.pk].confidence,
                model_number=model_number,
            )
            for image in _locked(project, readings)
            if image.status == ImageStatus.LABELLED and not image.is_gold and image.pk not in decided
        ]
        doubted = [doubt.image_id for doubt in doubts]
        older = Doubt.objects.filter(image__project=project, model_number__isnull=model_number is None)
        older.filter(image__in=looked_at).exclude(image__in=doubted).delete()
        Doubt.objects.bulk_create(
            doubts,
            update_conflicts=True,
            unique_fields=["image"],
            update_fields=["text", "confidence", "model_number"],
        )


def forget_suggestions_of(*, project: Project, model_number: int) -> None:
    """Delete what one reader proposed in a project and nobody has replaced since."""
    with transaction.atomic():
        rows = Suggestion.objects.filter(image__project=project, model_number=model_number)
        Image.objects.filter(pk__in=rows.values("image")).update(confidence=0)
        rows.delete()


def forget_suggestions(*, project: Project) -> None:
    """Delete everything that models proposed and doubted in a project."""
    with transaction.atomic():
        Suggestion.objects.filter(image__project=project).delete()
        Doubt.objects.filter(image__project=project).delete()
        project.images.exclude(confidence=0).update(confidence=0)


def _locked(project: Project, pks: Collection[int]) -> list[Image]:
    """Those images that still exist, held so that nobody deletes them meanwhile; in one order, against deadlocks."""
    images = project.images.filter(pk__in=pks).select_for_update(no_key=True).order_by("pk")
    return list(images.only("project", "status", "is_gold", "confidence"))
