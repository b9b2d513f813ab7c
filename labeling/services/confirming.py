"""Confirming many readings at once: what a contact sheet comes to, and taking it back."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from labeling.errors import Refused
from labeling.imaging.labels import InvalidText, check_text
from labeling.models import (
    Annotation,
    Image,
    ImageStatus,
    Lease,
    Project,
    Sheet,
    SliceConfirmation,
    Suggestion,
)
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import checked_text
from labeling.services.settling import locked_images, settle_locked
from labeling.services.sheets import SheetOf, last_sheet


@dataclass(frozen=True)
class SaidOfCell:
    """What a person says of one cell of a sheet."""

    image: int
    text: str
    """The text that the sheet showed of the image, all of it."""
    position: int | None
    """Of the slice's character in that text; None for a whole image."""
    said: str
    """The character (or the text) that it is; empty sets the image aside, to be typed."""


@dataclass(frozen=True)
class Outcome:
    """What became of a sheet."""

    confirmed: int = 0
    """Cells whose character or text is kept now."""
    annotated: int = 0
    """Images that have this person's reading now."""
    set_aside: int = 0
    """Images left to be typed."""
    passed_over: int = 0
    """Cells of images that are deleted, or were read by somebody else or by a newer model meanwhile."""
    is_repeated: bool = False
    """The sheet had been saved before; nothing was changed."""


def annotation_key(key: UUID, image_id: int) -> UUID:
    """Return the key of the annotation that the sheet with this key gives an image."""
    return uuid5(key, str(image_id))


def confirm_many(
    *,
    project: Project,
    user: Any,
    readings: Collection[tuple[int, str]],
    key: UUID,
    suggested: Mapping[int, str] | None = None,
    typed: Collection[int] = (),
    milliseconds: int | None = None,
    again: bool = False,
) -> list[int]:
    """Save a person's readings of many images at once, and settle the images.

    A fixed number of queries, however many images. Passed over are images that are deleted or no longer wait for this
    person's reading: what somebody else decided meanwhile stays.

    Args:
        readings: (image id, text) each.
        key: of all of them together. A second call with the same key changes nothing.
        suggested: image id -> the suggestion that was shown.
        typed: ids of the images whose texts were typed; those of the others were confirmed.
        milliseconds: how long the person looked at each image.
        again: the images have their texts already, and this is another look at them.

    Returns:
        The ids of the images that have this person's reading under this key.

    Raises:
        Refused: a text does not fit the project.
    """
    texts = {image_id: checked_text(project, text) for image_id, text in readings}
    keys = {image_id: annotation_key(key, image_id) for image_id in texts}
    with transaction.atomic():
        images = _waiting(project, user, texts, again=again)
        known = set(Annotation.objects.filter(key__in=keys.values()).values_list("image_id", flat=True))
        fresh = [image for image in images if image.pk not in known]
        Annotation.objects.bulk_create(
            Annotation(
                image=image,
                annotator=user,
                text=texts[image.pk],
                key=keys[image.pk],
                source=AnnotationSource.TYPED if image.pk in typed else AnnotationSource.CONFIRMED,
                suggested=(suggested or {}).get(image.pk, ""),
                milliseconds=milliseconds,
            )
            for image in fresh
        )
        settle_locked(fresh)
        Lease.objects.filter(user=user, image__in=fresh).delete()
    return sorted(known.union(image.pk for image in fresh))


def confirm_sheet(
    *,
    project: Project,
    user: Any,
    key: UUID,
    of: SheetOf,
    cells: Sequence[SaidOfCell],
    milliseconds: int | None = None,
) -> Outcome:
    """Save what a person says of the cells of a sheet. Images of which all slices are confirmed get their texts.

    Args:
        key: the browser's key of this sheet. A second call with the same key changes nothing.
        milliseconds: how long the person looked at the sheet.

    Raises:
        Refused: a character or text does not fit the project, or the key belongs to somebody else's sheet.
    """
    # Said twice of one cell, the later counts.
    said = {(cell.image, cell.position): replace(cell, said=_checked(project, cell)) for cell in cells}
    cells = list(said.values())
    with transaction.atomic():
        sheet, is_new = Sheet.objects.get_or_create(key=key, defaults={"project": project, "user": user})
        if not is_new:
            return _repeated(sheet, project, user)
        shown = _shown_texts(project, user, of, {cell.image for cell in cells})
        current = [cell for cell in cells if shown.get(cell.image) == cell.text]
        _keep_confirmations(sheet, current)
        texts = _complete_texts(user, current, shown)
        sheet.annotated = confirm_many(
            project=project,
            user=user,
            readings=texts.items(),
            key=key,
            suggested={} if of == SheetOf.LABELS else shown,
            typed={cell.image for cell in current if cell.position is None and cell.said != cell.text},
            milliseconds=_per_image(milliseconds, cells, texts),
            again=of == SheetOf.LABELS,
        )
        sheet.save(update_fields=["annotated"])
        aside = {cell.image for cell in current if not cell.said}
        Lease.objects.filter(user=user, image__in=aside).delete()
    return Outcome(
        confirmed=sum(bool(cell.said) for cell in current),
        annotated=len(sheet.annotated),
        set_aside=len(aside),
        passed_over=len(cells) - len(current),
    )


def undo_sheet(*, project: Project, user: Any, key: UUID) -> None:
    """Take back a person's last sheet: its confirmations are gone, its annotations withdrawn.

    A second call changes nothing.

    Raises:
        Refused: there is no such sheet of this person, or a later one stands.
    """
    with transaction.atomic():
        sheet = Sheet.objects.filter(project=project, user=user, key=key).first()
        if sheet is None:
            raise Refused("There is no such sheet of yours to undo. Reload the page.")
        last = last_sheet(project, user)
        if sheet.withdrawn_at is None and last != sheet:
            raise Refused(
                "You have confirmed another sheet since, in another tab perhaps. Undo that one first."
            )
        now = timezone.now()
        if not Sheet.objects.filter(pk=sheet.pk, withdrawn_at=None).update(withdrawn_at=now):
            return
        sheet.confirmations.all().delete()
        images = list(locked_images(sheet.annotated))
        keys = [annotation_key(key, image.pk) for image in images]
        Annotation.objects.filter(key__in=keys, withdrawn_at=None).update(withdrawn_at=now)
        settle_locked(images)


def _checked(project: Project, cell: SaidOfCell) -> str:
    if not cell.said:
        return ""
    if cell.position is None:
        return checked_text(project, cell.said)
    if not 0 <= cell.position < len(cell.text):
        raise Refused(f"“{cell.text}” has no character at position {cell.position}. Reload the page.")
    try:
        return check_text(cell.said, project.alphabet, 1, 1, project.case_sensitive)
    except InvalidText as error:
        raise Refused(str(error)) from None


def _repeated(sheet: Sheet, project: Project, user: Any) -> Outcome:
    if (sheet.project_id, sheet.user_id) != (project.pk, user.pk):
        raise Refused("This sheet's key was used before. Reload the page.")
    return Outcome(
        confirmed=sheet.confirmations.exclude(character="").count(),
        annotated=len(sheet.annotated),
        is_repeated=True,
    )


def _waiting(project: Project, user: Any, image_ids: Collection[int], *, again: bool) -> list[Image]:
    """Lock images and return those that this person may still read."""
    images = [image for image in locked_images(image_ids) if image.project_id == project.pk]
    if again:
        return [image for image in images if image.status == ImageStatus.LABELLED]
    own = Annotation.objects.filter(image__in=images, annotator=user, withdrawn_at=None, is_check=False)
    read = set(own.values_list("image_id", flat=True))
    return [image for image in images if image.status == ImageStatus.UNLABELLED and image.pk not in read]


def _shown_texts(project: Project, user: Any, of: SheetOf, image_ids: Collection[int]) -> dict[int, str]:
    """Lock the images of a sheet; return the texts that it would show now of those that wait still."""
    images = _waiting(project, user, image_ids, again=of == SheetOf.LABELS)
    if of == SheetOf.LABELS:
        return {image.pk: image.text for image in images}
    suggestions = Suggestion.objects.filter(image__in=images)
    return dict(suggestions.values_list("image_id", "text"))


def _keep_confirmations(sheet: Sheet, cells: Sequence[SaidOfCell]) -> None:
    """Keep what was said of slices, and which images were set aside; of two tabs, the later one counts."""
    SliceConfirmation.objects.bulk_create(
        (
            SliceConfirmation(
                sheet=sheet,
                user=sheet.user,
                image_id=cell.image,
                shown=cell.text,
                position=cell.position or 0,
                character=cell.said,
            )
            for cell in cells
            if cell.position is not None or not cell.said
        ),
        update_conflicts=True,
        unique_fields=["user", "image", "shown", "position"],
        update_fields=["sheet", "character"],
    )


def _complete_texts(user: Any, cells: Sequence[SaidOfCell], shown: Mapping[int, str]) -> dict[int, str]:
    """Return the texts of the images of which nothing is left to confirm."""
    whole = {cell.image: cell.said for cell in cells if cell.position is None and cell.said}
    sliced = {cell.image for cell in cells if cell.position is not None}
    said: dict[int, list[str]] = defaultdict(list)
    rows = SliceConfirmation.objects.filter(user=user, image__in=sliced).exclude(character="")
    for row in rows.order_by("position"):
        if row.shown == shown[row.image_id]:
            said[row.image_id].append(row.character)
    complete = {pk: "".join(each) for pk, each in said.items() if len(each) == len(shown[pk])}
    return complete | whole


def _per_image(milliseconds: int | None, cells: Sequence[SaidOfCell], texts: Mapping[int, str]) -> int | None:
    """Return how long each completed image took: all of its slices take what one on this sheet does."""
    if milliseconds is None or not cells or not texts:
        return None
    is_sliced = cells[0].position is not None
    slices = sum(map(len, texts.values())) / len(texts) if is_sliced else 1
    return round(milliseconds / len(cells) * slices)
