"""How an image comes to its agreed text: from the annotations that stand, by one set of rules.

A review or a correction decides alone. Otherwise each annotator's newest annotation is one reading; once there are as
many as the project's overlap asks for, they agree or are in dispute. With an overlap of one the newest decides. Labels
that an import brought are known, so they wait for no further reader.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from labeling.errors import ImageGone
from labeling.models import Annotation, Image, ImageStatus
from labeling.models.annotations import AnnotationSource
from labeling.services.counts import shift_counts

WRITTEN = ["status", "text", "skip_reason", "readings", "compared_at"]
DECIDES_ALONE = {AnnotationSource.REVIEW, AnnotationSource.CORRECTION}


@dataclass(frozen=True)
class Verdict:
    """What an image's annotations come to."""

    status: ImageStatus = ImageStatus.UNLABELLED
    text: str = ""
    skip_reason: str = ""
    readings: int = 0


def newest_of_each(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Return the newest annotation of each reader, of one image's annotations, newest first."""
    # People whom an imported file names are nobody's accounts here, yet one reader each.
    newest: dict[tuple[int | None, str], Annotation] = {}
    for annotation in annotations:
        newest.setdefault((annotation.annotator_id, annotation.annotator_name), annotation)
    return list(newest.values())


def decide(standing: Sequence[Annotation], overlap: int) -> Verdict:
    """Return what the annotations of one image come to.

    Args:
        standing: newest first, without withdrawn ones and checks.
        overlap: how many people read each image.
    """
    readings = newest_of_each(standing)
    deciding = next((one for one in standing if one.source in DECIDES_ALONE), None)
    if deciding is None and overlap == 1:
        deciding = next(iter(standing), None)
    if deciding is not None:
        return _agreed(deciding, len(readings))
    is_known = any(one.source == AnnotationSource.IMPORT for one in standing)
    if len(readings) < overlap and not is_known:
        return Verdict(readings=len(readings))
    if len({one.text for one in readings}) > 1:
        return Verdict(status=ImageStatus.DISPUTED, readings=len(readings))
    return _agreed(readings[0], len(readings))


def _agreed(annotation: Annotation, readings: int) -> Verdict:
    status = ImageStatus.LABELLED if annotation.text else ImageStatus.SKIPPED
    return Verdict(status, annotation.text, annotation.skip_reason, readings)


def settle(image: Image) -> Image:
    """Let an image's annotations decide its status and text; return the row as it is now.

    Raises:
        ImageGone: it was deleted meanwhile.
    """
    with transaction.atomic():
        image = locked_image(image.pk)
        settle_locked([image])
    return image


def settle_all(image_ids: Collection[int]) -> list[Image]:
    """Settle many images of one project at once, in four queries; return the rows that are still there."""
    with transaction.atomic():
        images = list(locked_images(image_ids))
        settle_locked(images)
    return images


def locked_images(image_ids: Collection[int]) -> QuerySet[Image]:
    """Return images, and their projects as they are at this moment, locked against other writers.

    Their ids' order keeps two that lock many from waiting for each other. Rows that refer to an image are not
    locked out (`no_key`), as a lease or an annotation does not change it.
    """
    return _locked(Image.objects.filter(pk__in=image_ids).order_by("id"))


def locked_image(image_id: int) -> Image:
    """Return one image as `locked_images` does.

    Raises:
        ImageGone: it was deleted meanwhile.
    """
    image = _locked(Image.objects.filter(pk=image_id)).first()
    if image is None:
        raise ImageGone
    return image


def _locked(images: QuerySet[Image]) -> QuerySet[Image]:
    return images.select_related("project").select_for_update(no_key=True, of=("self",))


def settle_locked(
    images: Sequence[Image], standing: Mapping[int, Sequence[Annotation]] | None = None
) -> None:
    """Settle images of one project that the caller's transaction has locked.

    Args:
        standing: by image, where the caller knows which annotations stand, newest first.
    """
    standing, now = standing or _standing_annotations(images), timezone.now()
    changed, shifts = [], Counter[str]()
    for image in images:
        verdict = decide(standing[image.pk], image.project.overlap)
        if verdict == Verdict(ImageStatus(image.status), image.text, image.skip_reason, image.readings):
            continue
        shifts[image.status] -= 1
        shifts[verdict.status] += 1
        _apply(verdict, image, now)
        changed.append(image)
    if changed:
        _write(changed)
        shift_counts(project_id=changed[0].project_id, changes=shifts)


def _write(images: Sequence[Image]) -> None:
    if len(images) == 1:
        # By far the most frequent case, and a third of a save's time less than an update of many.
        images[0].save(update_fields=WRITTEN)
    else:
        Image.objects.bulk_update(images, WRITTEN)


def settle_unsaved(image: Image, annotations: Sequence[Annotation]) -> None:
    """Settle an image before it is inserted, by the annotations that will come with it, newest first."""
    _apply(decide(annotations, image.project.overlap), image, timezone.now())


def _apply(verdict: Verdict, image: Image, now: datetime) -> None:
    image.status, image.text = verdict.status, verdict.text
    image.skip_reason, image.readings = verdict.skip_reason, verdict.readings
    image.compared_at = now if verdict.readings > 1 else None


def _standing_annotations(images: Iterable[Image]) -> dict[int, list[Annotation]]:
    standing: dict[int, list[Annotation]] = defaultdict(list)
    rows = Annotation.objects.filter(
        image__in=[image.pk for image in images], withdrawn_at=None, is_check=False
    )
    for annotation in rows.order_by("-id"):
        standing[annotation.image_id].append(annotation)
    return standing
