"""The images that a training without labels asks a person about: what comes next, what was said, what it comes to.

What people say are ordinary annotations, so their texts remain as labels of the project.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from labeling.errors import Refused
from labeling.intervals import Share
from labeling.models import Annotation, Image
from labeling.services.annotations import Saved, SkipReason, submit, withdraw
from training.models import AskedImage, LabelFree
from training.services.evaluation import as_compared
from training.services.reading_task import reading_task

BATCH = 10

ANSWERED = Q(annotation__isnull=False, annotation__withdrawn_at=None)


@dataclass(frozen=True)
class Transcript:
    """One image, what a person typed without seeing a reading, and what the model reads in it."""

    image_id: int
    name: str
    url: str
    typed: str
    read: str
    confidence: float
    is_right: bool


@dataclass(frozen=True)
class AskedResult:
    """What the answers come to.

    `right` is the share of transcribed images that the model reads as the person does: it is told once all images
    are answered, so that nobody learns on the way what the model reads.
    """

    asked: int
    answered: int
    skipped: int
    right: Share | None
    disagreements: list[Transcript]

    @property
    def left(self) -> int:
        return self.asked - self.answered

    @property
    def is_complete(self) -> bool:
        return self.asked > 0 and self.left == 0


def next_asked(label_free: LabelFree, exclude: Collection[int] = ()) -> list[AskedImage]:
    """Return the next images that nobody has answered, in their order; those in `exclude` are left out."""
    rows = unanswered(label_free).exclude(image__in=exclude).select_related("image")
    return list(rows[:BATCH])


def unanswered(label_free: LabelFree) -> QuerySet[AskedImage]:
    return label_free.asked.exclude(ANSWERED)


def answer(
    *,
    label_free: LabelFree,
    image_id: int,
    user: Any,
    key: UUID,
    text: str = "",
    skip_reason: SkipReason | None = None,
    milliseconds: int | None = None,
) -> Saved:
    """Save what a person says about an asked image, as an ordinary annotation that saw no suggestion.

    Args:
        key: the client's key of this save. A second call with the same key changes nothing and returns the first row.

    Raises:
        Refused: the image is not among the asked ones, the text does not fit, or the image is gone.
    """
    with transaction.atomic():
        row = _locked(label_free, image_id)
        saved = submit(
            image=row.image,
            user=user,
            key=key,
            text=text,
            skip_reason=skip_reason,
            milliseconds=milliseconds,
        )
        if _counts_instead(row, saved.annotation):
            AskedImage.objects.filter(pk=row.pk).update(annotation=saved.annotation)
    return saved


def take_back(*, label_free: LabelFree, key: UUID, user: Any) -> Image:
    """Undo an answer: its image is asked again.

    Raises:
        Refused: there is no such answer, it is somebody else's, or all are given and the result was shown.
    """
    asked = label_free.asked.values("image")
    annotation = Annotation.objects.filter(key=key, image__in=asked).first()
    if annotation is None:
        raise Refused("There is no such answer to take back.")
    counts = label_free.asked.filter(annotation=annotation).exists()
    if counts and is_complete(label_free):
        raise Refused(
            "All images are answered and what the model reads was shown, so answers stay. Correct the label on the "
            "image's page: it counts for later trainings."
        )
    return withdraw(annotation=annotation, user=user)


def is_complete(label_free: LabelFree) -> bool:
    """Whether all images are answered."""
    return label_free.asked.exists() and not unanswered(label_free).exists()


def asked_result(label_free: LabelFree) -> AskedResult:
    """Count the answers, and compare them once all are there: two queries."""
    run = label_free.run
    task = reading_task(run.project, run.preparation)
    rows = list(label_free.asked.select_related("annotation", "image"))
    said = [(row, row.annotation) for row in rows if row.annotation and row.annotation.withdrawn_at is None]
    typed = [(row, annotation.text) for row, annotation in said if not annotation.skip_reason]
    transcripts = [
        Transcript(
            image_id=row.image_id,
            name=row.image.name,
            url=row.image.thumbnail_url,
            typed=as_compared(text, task),
            read=as_compared(row.reading, task),
            confidence=row.confidence,
            is_right=as_compared(text, task) == as_compared(row.reading, task),
        )
        for row, text in typed
    ]
    complete = len(rows) > 0 and len(said) == len(rows)
    return AskedResult(
        asked=len(rows),
        answered=len(said),
        skipped=len(said) - len(typed),
        right=Share(sum(each.is_right for each in transcripts), len(transcripts)) if complete else None,
        disagreements=[each for each in transcripts if not each.is_right] if complete else [],
    )


def _locked(label_free: LabelFree, image_id: int) -> AskedImage:
    rows = AskedImage.objects.select_for_update(of=("self",)).filter(label_free=label_free, image=image_id)
    row = rows.select_related("image__project", "annotation", "label_free").first()
    if row is None:
        raise Refused(
            "This image is not among those that are asked about any more: it may have been deleted."
        )
    return row


def _counts_instead(row: AskedImage, annotation: Annotation) -> bool:
    """Whether a new answer takes the place of the one that is there: the first person's counts, and they may change it
    until the result is shown."""
    before = row.annotation
    if before is None or before.withdrawn_at is not None:
        return True
    return before.annotator_id == annotation.annotator_id and not is_complete(row.label_free)
