"""Review: what people disagree about, and labels that a reader doubts, settled by one person for good."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from labeling.errors import Refused
from labeling.models import Annotation, AuditEntry, Doubt, Image, ImageStatus, Project
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import SkipReason, checked_text
from labeling.services.audit import Action, record
from labeling.services.settling import DECIDES_ALONE, locked_image, newest_of_each, settle_locked

BATCH = 10


class Kind(StrEnum):
    """Why an image is in review."""

    DISPUTE = "dispute"
    DOUBT = "doubt"


@dataclass(frozen=True)
class Choice:
    """One of the readings to choose from: a text or a reason why there is none, and who says so."""

    text: str
    skip_reason: str
    said_by: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """An image in review with what is said about it."""

    image: Image
    kind: Kind
    choices: list[Choice]


@dataclass(frozen=True)
class Waiting:
    """How many images of a project wait for review."""

    disputes: int
    doubts: int

    @property
    def total(self) -> int:
        return self.disputes + self.doubts


class SettledAlready(Refused):
    """Somebody else was quicker."""


def waiting(project: Project) -> Waiting:
    """Count what waits for review."""
    return Waiting(disputes=project.counts.disputed, doubts=_doubts(project).count())


def next_cases(*, project: Project, exclude: Collection[int] = (), count: int = BATCH) -> list[Case]:
    """Return the next images in review: disputes first, oldest first; then doubts, surest first.

    Args:
        exclude: ids of images that the page holds already.
    """
    disputes = Image.objects.filter(project=project, status=ImageStatus.DISPUTED).exclude(pk__in=exclude)
    images = list(disputes.order_by("id")[:count])
    choices = _readings(images)
    cases = [Case(image, Kind.DISPUTE, choices[image.pk]) for image in images]
    if len(cases) < count:
        doubts = _doubts(project).exclude(image__in=exclude).order_by("-confidence", "id")
        cases += [_doubt_case(doubt) for doubt in doubts.select_related("image")[: count - len(cases)]]
    return cases


def settle_case(
    *,
    image: Image,
    user: Any,
    key: UUID,
    text: str = "",
    skip_reason: SkipReason | None = None,
    milliseconds: int | None = None,
) -> Annotation:
    """Decide what an image in review reads, or why it has no text. This decides alone, whatever else was said.

    Args:
        key: the client's key of this act. A second call with the same key changes nothing and returns the first row.
        milliseconds: how long the user looked at the image.

    Raises:
        SettledAlready: somebody else was quicker.
        Refused: the text does not fit the project, or the image is gone.
    """
    project = image.project
    text = "" if skip_reason else checked_text(project, text)
    with transaction.atomic():
        image = locked_image(image.pk)
        before = Annotation.objects.filter(key=key).first()
        if before is not None:
            return before
        doubt = _doubts(project).filter(image=image).first()
        is_dispute = image.status == ImageStatus.DISPUTED
        if not is_dispute and doubt is None:
            raise _settled_already(image)
        annotation = Annotation.objects.create(
            image=image,
            annotator=user,
            text=text,
            skip_reason=skip_reason.value if skip_reason else "",
            suggested=doubt.text if doubt else "",
            key=key,
            milliseconds=milliseconds,
            source=AnnotationSource.REVIEW,
        )
        detail = {"annotation": annotation.pk, "text": str(annotation), "before": image.text}
        if doubt is not None:
            detail["doubt"] = {field: getattr(doubt, field) for field in _DOUBT_FIELDS}
        Doubt.objects.filter(image=image).delete()
        settle_locked([image])
        record(
            project=project,
            user=user,
            action=Action.DISPUTE_SETTLED if is_dispute else Action.DOUBT_SETTLED,
            target=image.name,
            detail=detail,
        )
    return annotation


def undo_settlement(*, annotation: Annotation, user: Any) -> Image:
    """Take back what one decided in review: the image is in review again. Undoing twice is harmless.

    Raises:
        Refused: somebody else decided it.
        ImageGone: the image is deleted.
    """
    if annotation.annotator_id != user.pk or annotation.source != AnnotationSource.REVIEW:
        raise Refused("Somebody else settled this image: open its page to give it another text.")
    with transaction.atomic():
        image = locked_image(annotation.image_id)
        standing = Annotation.objects.filter(pk=annotation.pk, withdrawn_at=None)
        if standing.update(withdrawn_at=timezone.now()):
            settle_locked([image])
            _doubt_again(image, annotation)
            record(
                project=image.project,
                user=user,
                action=Action.SETTLEMENT_UNDONE,
                target=image.name,
                detail={"annotation": annotation.pk},
            )
    return image


def case_of(image: Image) -> Case | None:
    """Return an image as it stands in review; None where it is in agreement."""
    if image.status == ImageStatus.DISPUTED:
        return Case(image, Kind.DISPUTE, _readings([image])[image.pk])
    doubt = _doubts(image.project).filter(image=image).select_related("image").first()
    return _doubt_case(doubt) if doubt else None


_DOUBT_FIELDS = ("text", "confidence", "model_number")


def _doubts(project: Project) -> QuerySet[Doubt]:
    """Return the doubts that are open: a person may have had the last word on the label since."""
    doubts = Doubt.objects.filter(image__project=project, image__status=ImageStatus.LABELLED)
    decided = Annotation.objects.filter(image=OuterRef("image"), source__in=DECIDES_ALONE, withdrawn_at=None)
    return doubts.exclude(text=F("image__text")).exclude(Exists(decided))


def _readings(images: Collection[Image]) -> dict[int, list[Choice]]:
    """Return what people read in each image, what most of them read first."""
    said: dict[int, list[Annotation]] = {image.pk: [] for image in images}
    standing = Annotation.objects.filter(image__in=said, withdrawn_at=None, is_check=False)
    for annotation in standing.select_related("annotator").order_by("-id"):
        said[annotation.image_id].append(annotation)
    return {image_id: _choices(newest_of_each(annotations)) for image_id, annotations in said.items()}


def _choices(annotations: Collection[Annotation]) -> list[Choice]:
    said: dict[tuple[str, str], list[str]] = {}
    for one in annotations:
        who = one.annotator.label if one.annotator else one.annotator_name or one.get_source_display()
        said.setdefault((one.text, one.skip_reason), []).append(who)
    choices = [Choice(text, reason, tuple(sorted(people))) for (text, reason), people in said.items()]
    return sorted(choices, key=lambda choice: (-len(choice.said_by), not choice.text, choice.text))


def _doubt_case(doubt: Doubt) -> Case:
    label = Choice(doubt.image.text, "", ("the label",))
    reader = "the model" if doubt.model_number else "a cross-validation"
    reading = Choice(doubt.text, "", (f"{reader}, {100 * doubt.confidence:.0f} % sure",))
    return Case(doubt.image, Kind.DOUBT, [label, reading])


def _doubt_again(image: Image, annotation: Annotation) -> None:
    """Bring back the doubt that an annotation had settled, as the audit trail remembers it."""
    entries = AuditEntry.objects.filter(project=image.project, user=annotation.annotator)
    entry = entries.filter(detail__annotation=annotation.pk, detail__has_key="doubt").first()
    if entry is not None:
        Doubt.objects.get_or_create(image=image, defaults=entry.detail["doubt"])


def _settled_already(image: Image) -> SettledAlready:
    decided = image.annotations.filter(source=AnnotationSource.REVIEW, withdrawn_at=None)
    review = decided.select_related("annotator").first()
    if review is None:
        return SettledAlready(f"“{image.name}” is in agreement by now. Here is the next one.")
    who = review.annotator.label if review.annotator else "Somebody"
    return SettledAlready(f"{who} was quicker: “{image.name}” is settled as {review}. Here is the next one.")
