"""Annotations: saving, skipping and undoing what people say an image reads."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from labeling.errors import Refused
from labeling.imaging.labels import InvalidText, check_text
from labeling.models import Annotation, Image, ImageStatus, Project
from labeling.models.annotations import AnnotationSource
from labeling.services.queue import LEASE


class SkipReason(models.TextChoices):
    """Why an image has no text."""

    UNREADABLE = "unreadable", "Unreadable"
    OTHER_FAMILY = "other_family", "Not this family"
    CUT_OFF = "cut_off", "Cut off"


def checked_text(project: Project, text: str) -> str:
    """Return a text as the project writes it.

    Raises:
        Refused: it has the wrong length or characters outside the alphabet.
    """
    try:
        return check_text(
            text,
            project.alphabet,
            project.min_length,
            project.max_length,
            project.case_sensitive,
        )
    except InvalidText as error:
        raise Refused(str(error)) from None


def annotate(
    *,
    image: Image,
    user: Any,
    text: str,
    key: UUID | None = None,
    milliseconds: int | None = None,
    source: AnnotationSource = AnnotationSource.TYPED,
) -> Annotation:
    """Save the text that a user gave an image, and make it the image's agreed text.

    Args:
        key: the browser's key of this save. A second call with the same key changes nothing and returns the first row.
        milliseconds: how long the user looked at the image.

    Raises:
        Refused: the text does not fit the project.
    """
    return _save(
        Annotation(
            image=image,
            annotator=user,
            text=checked_text(image.project, text),
            key=key,
            milliseconds=milliseconds,
            source=source,
        )
    )


def skip_image(
    *,
    image: Image,
    user: Any,
    reason: SkipReason,
    key: UUID | None = None,
    milliseconds: int | None = None,
) -> Annotation:
    """Save that a user could not give the image a text, and take it out of the queue. Idempotent by `key`."""
    return _save(
        Annotation(
            image=image,
            annotator=user,
            skip_reason=reason.value,
            key=key,
            milliseconds=milliseconds,
        )
    )


def withdraw(*, annotation: Annotation, user: Any) -> Image:
    """Undo an annotation. The row stays; the image goes back to what was said before, or to the queue.

    Raises:
        Refused: the annotation is somebody else's.
    """
    if annotation.annotator_id != user.pk:
        raise Refused("This annotation is somebody else's: type a new text instead of undoing theirs.")
    with transaction.atomic():
        Annotation.objects.filter(pk=annotation.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
        image = _settle(annotation.image)
        if image.status == ImageStatus.UNLABELLED:
            # Whoever undoes is about to type again: nobody else should be handed the image meanwhile.
            image.leased_by, image.leased_until = user, timezone.now() + LEASE
            image.save(update_fields=["leased_by", "leased_until"])
        return image


def _save(annotation: Annotation) -> Annotation:
    try:
        with transaction.atomic():
            annotation.save(force_insert=True)
            _settle(annotation.image)
    except IntegrityError:
        if annotation.key is None:
            raise
        return Annotation.objects.get(key=annotation.key)
    return annotation


def _settle(image: Image) -> Image:
    """Let the newest annotation that stands decide the image's status and text."""
    newest = image.annotations.filter(withdrawn_at=None).first()
    image.text = newest.text if newest else ""
    image.skip_reason = newest.skip_reason if newest else ""
    if newest is None:
        image.status = ImageStatus.UNLABELLED
    else:
        image.status = ImageStatus.LABELLED if newest.text else ImageStatus.SKIPPED
    image.leased_by = image.leased_until = None
    image.save(update_fields=["text", "skip_reason", "status", "leased_by", "leased_until"])
    return image
