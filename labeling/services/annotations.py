"""Annotations: saving, skipping and undoing what people say an image reads."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from labeling.errors import ImageGone, Refused
from labeling.imaging.labels import InvalidText, check_text
from labeling.models import Annotation, Image, ImageStatus, Lease, Project
from labeling.models.annotations import AnnotationSource
from labeling.services.queue import hold
from labeling.services.settling import locked_image, settle_locked


class SkipReason(models.TextChoices):
    """Why an image has no text."""

    UNREADABLE = "unreadable", "Unreadable"
    OTHER_FAMILY = "other_family", "Not this family"
    CUT_OFF = "cut_off", "Cut off"


class Outcome(StrEnum):
    """What became of what somebody said about an image that the queue had handed out."""

    SAVED = "saved"
    REPLACED = "replaced"
    EXTRA = "extra"


OUTCOME_SENTENCES = {
    Outcome.SAVED: "",
    Outcome.REPLACED: "You had read “{name}” before, in another tab perhaps. Your new text replaces the earlier one.",
    Outcome.EXTRA: "Others have read “{name}” meanwhile. Your text is kept beside theirs as an extra reading.",
}


@dataclass(frozen=True)
class Saved:
    """An annotation, and what became of it."""

    annotation: Annotation
    outcome: Outcome

    @property
    def sentence(self) -> str:
        """What to tell the annotator; empty where all is as expected."""
        return OUTCOME_SENTENCES[self.outcome].format(name=self.annotation.image.name)


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
    """Save the text that a user gave an image on purpose, and settle the image; `annotation.image` is its new state.

    Args:
        key: the client's key of this save. A second call with the same key changes nothing and returns the first row.
        milliseconds: how long the user looked at the image.

    Raises:
        Refused: the text does not fit the project, or the image is gone.
    """
    annotation = Annotation(
        image=image,
        annotator=user,
        text=checked_text(image.project, text),
        key=key,
        milliseconds=milliseconds,
        source=source,
    )
    return _save(annotation).annotation


def submit(
    *,
    image: Image,
    user: Any,
    key: UUID,
    text: str = "",
    skip_reason: SkipReason | None = None,
    milliseconds: int | None = None,
    suggested: str = "",
    is_confirmed: bool = False,
) -> Saved:
    """Save what a user said about an image that the queue had handed out: a text, or why there is none.

    Everything is kept, also when the lease ran out or another tab was quicker. What comes when others have already
    settled the image is an extra reading: it says how well people read and changes nothing else. So is a check.

    Args:
        image: only its number and its project count, as it is read anew once it is locked.
        key: the client's key of this save. A second call with the same key changes nothing and returns the first row.
        milliseconds: how long the user looked at the image.
        suggested: the suggestion that was shown.
        is_confirmed: the suggestion was accepted, not typed.

    Raises:
        Refused: the text does not fit the project, or the image is gone.
    """
    text = "" if skip_reason else checked_text(image.project, text)
    confirmed = is_confirmed and text == suggested != ""
    annotation = Annotation(
        image=image,
        annotator=user,
        text=text,
        skip_reason=skip_reason.value if skip_reason else "",
        key=key,
        milliseconds=milliseconds,
        suggested=suggested[: image.project.max_length],
        source=AnnotationSource.CONFIRMED if confirmed else AnnotationSource.TYPED,
    )
    return _save(annotation, is_queued=True)


def withdraw(*, annotation: Annotation, user: Any, page: UUID | None = None) -> Image:
    """Undo an annotation. The row stays; the image goes back to what was said before, or to the queue.

    Args:
        page: the page that gets the image back, as `lease_images` knows it.

    Raises:
        Refused: the annotation is somebody else's.
    """
    if annotation.annotator_id != user.pk:
        raise Refused("This annotation is somebody else's: type a new text instead of undoing theirs.")
    with transaction.atomic():
        image = locked_image(annotation.image_id)
        Annotation.objects.filter(pk=annotation.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
        settle_locked([image])
        waits = image.status == ImageStatus.UNLABELLED or image.is_check
        newer = image.annotations.filter(annotator=user, withdrawn_at=None, is_check=annotation.is_check)
        if waits and not newer.exists():
            # Whoever undoes is about to type again: nobody else should be handed the image meanwhile.
            hold(image=image, user=user, page=page)
    return image


def _save(annotation: Annotation, *, is_queued: bool = False) -> Saved:
    try:
        with transaction.atomic():
            project_id, image = annotation.image.project_id, locked_image(annotation.image_id)
            if image.project_id != project_id:
                raise ImageGone
            annotation.image = image
            outcome = _outcome(annotation, image) if is_queued else Outcome.SAVED
            annotation.is_check = is_queued and (image.is_check or outcome == Outcome.EXTRA)
            annotation.save(force_insert=True)
            # Of an image that nobody had read, what stands is known without asking.
            is_first = not image.readings and not annotation.is_check
            settle_locked([image], standing={image.pk: [annotation]} if is_first else None)
            Lease.objects.filter(image=image, user=annotation.annotator).delete()
    except IntegrityError:
        if annotation.key is None:
            raise
        return _saved_before(annotation.key)
    return Saved(annotation, outcome)


def _outcome(annotation: Annotation, image: Image) -> Outcome:
    if image.is_check or not image.readings:
        return Outcome.SAVED
    standing = image.annotations.filter(withdrawn_at=None, is_check=False)
    if standing.filter(annotator=annotation.annotator).exists():
        return Outcome.REPLACED
    return Outcome.SAVED if image.status == ImageStatus.UNLABELLED else Outcome.EXTRA


def _saved_before(key: UUID) -> Saved:
    annotation = Annotation.objects.select_related("image__project").get(key=key)
    is_extra = annotation.is_check and not annotation.image.is_check
    return Saved(annotation, Outcome.EXTRA if is_extra else Outcome.SAVED)
