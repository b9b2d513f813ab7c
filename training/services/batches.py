"""Batches as people see them: opening, filling, queueing, cancelling, deleting. The work is in `batches_work`."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.imaging.archives import is_archive
from labeling.imaging.decode import MAX_BYTES
from labeling.jobs import JobState
from labeling.models import Project
from labeling.services.audit import Action, record
from labeling.services.storable import storable
from labeling.services.storage import delete_folder
from training.models import BatchUpload, Prediction, ReadingBatch, WebhookDelivery
from training.services.models import production_model
from training.services.packs import write_pack

TASK = "training.tasks.read_batch"
QUEUE = "prepare"
ROWS_AT_ONCE = 2000
# Nobody waits so long between choosing files and starting.
DRAFTS_KEPT = timedelta(days=1)

Upload = tuple[str, IO[bytes], int]
"""A name, as the user knows it; a file that is read from where it stands; and how many bytes it has."""


def create_batch(*, project: Project, user: Any) -> ReadingBatch:
    """Open a batch that waits for its files. The production model of now will read it.

    Raises:
        Refused: the project has no model yet.
    """
    model = production_model(project)
    if model is None:
        raise Refused(f"“{project.name}” has no model yet. Train one first, then read with it.")
    return ReadingBatch.objects.create(project=project, model=model, created_by=user)


def add_uploads(*, batch: ReadingBatch, files: Sequence[Upload]) -> None:
    """Add pictures and archives to a batch that waits for its files.

    Raises:
        Refused: the batch has started already, or has no room for these files.
    """
    # Stored first, so that the row is locked for a moment only.
    stored = list(_stored(batch, files))
    try:
        with transaction.atomic():
            order = _room_for(batch, files)
            BatchUpload.objects.bulk_create(
                BatchUpload(batch=batch, order=order + number, **upload)
                for number, upload in enumerate(stored)
            )
    except Refused:
        for name in {upload["file"] for upload in stored if upload["file"]}:
            default_storage.delete(name)
        raise


def _room_for(batch: ReadingBatch, files: Sequence[Upload]) -> int:
    """Lock a batch that waits for its files; return the place of the next one."""
    batch = ReadingBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state != JobState.DRAFT:
        raise Refused(f"{batch} has started already: put these files in a new one.")
    so_far = batch.uploads.aggregate(bytes=Sum("size"), last=Max("order"))
    order = 0 if so_far["last"] is None else so_far["last"] + 1
    if (so_far["bytes"] or 0) + sum(size for *_, size in files) > settings.IMPORT_MAX_UPLOAD_BYTES:
        limit = settings.IMPORT_MAX_UPLOAD_BYTES // 2**20
        raise Refused(f"One batch takes {limit} MB. Start it without these files, and put them in another.")
    if order + len(files) > settings.IMPORT_MAX_FILES:
        raise Refused(f"One batch takes {settings.IMPORT_MAX_FILES:,} files. Put the rest in another.")
    return order


def _stored(batch: ReadingBatch, files: Sequence[Upload]) -> Iterator[dict[str, Any]]:
    """Store archives as they are and all pictures in one file; yield the fields of each, in their order.

    What is too large for a picture is not kept; it is answered like any other, see `batches_files`.
    """
    folder = f"{batch.folder}/uploads"
    pictures = [file for name, file, size in files if not is_archive(name) and size <= MAX_BYTES]
    places = iter(write_pack(f"{folder}/{uuid4().hex}", pictures) if pictures else ())
    for name, file, size in files:
        fields = {"name": storable(name[-500:]), "size": size, "is_archive": is_archive(name)}
        if is_archive(name):
            [place] = write_pack(f"{folder}/{uuid4().hex}", [file])
        elif size <= MAX_BYTES:
            place = next(places)
        else:
            yield fields | {"file": ""}
            continue
        yield fields | {"file": place.file, "offset": place.offset, "size": place.size}


def queue_batch(*, batch: ReadingBatch, user: Any = None, here: bool = False) -> None:
    """Hand a batch to a worker; one that failed goes on where it stopped.

    Args:
        here: the caller does the work itself, so no message is sent.

    Raises:
        Refused: it has no files, or was cancelled.
    """
    if batch.state in (JobState.DONE, JobState.STOPPED):
        raise Refused(f"{batch} has ended. Put the images in a new one.")
    if not batch.uploads.exists():
        raise Refused("This batch has no files yet. Choose image files, a folder or a zip first.")
    with transaction.atomic():
        if not batch.mark_queued():
            return
        # How it ended before is no news any more.
        WebhookDelivery.objects.filter(batch=batch).delete()
        record(project=batch.project, user=user, action=Action.BATCH_STARTED, target=str(batch))
        if not here:
            dispatch(TASK, batch.pk, QUEUE)


def cancel_batch(*, batch: ReadingBatch, user: Any = None) -> None:
    """Ask for an end. What is read already stays; one that has ended stays as it is."""
    rows = ReadingBatch.objects.filter(pk=batch.pk)
    with transaction.atomic():
        if not rows.filter(state__in=[JobState.DRAFT, JobState.QUEUED, JobState.RUNNING]).update(
            stop_requested=True
        ):
            return
        nobody_reads = rows.filter(state__in=[JobState.DRAFT, JobState.QUEUED]).update(
            state=JobState.STOPPED, finished_at=timezone.now()
        )
        record(project=batch.project, user=user, action=Action.BATCH_STOPPED, target=str(batch))
    batch.refresh_from_db()
    if nobody_reads:
        forget_uploads(batch)


def forget_uploads(batch: ReadingBatch) -> None:
    """Delete what only the worker of a batch needs. The pictures that were read stay."""
    archives = list(batch.uploads.filter(is_archive=True).values_list("file", flat=True))
    batch.uploads.all().delete()
    for name in archives:
        default_storage.delete(name)


def delete_batch(*, batch: ReadingBatch, user: Any = None) -> None:
    """Delete a batch with its pictures and readings. A worker that reads it notices, and drops it.

    Images of the project that corrections made of it stay.
    """
    folder = batch.folder
    with transaction.atomic():
        record(project=batch.project, user=user, action=Action.BATCH_DELETED, target=str(batch))
        batch.delete()
    delete_folder(default_storage, folder)


def forget_old_batches() -> None:
    """Delete batches that have ended so long ago as the site keeps them, and those that nobody ever started."""
    now = timezone.now()
    rows = ReadingBatch.objects.select_related("project")
    old = rows.filter(state=JobState.DRAFT, created_at__lt=now - DRAFTS_KEPT)
    if settings.BATCH_DAYS:
        kept = timedelta(days=settings.BATCH_DAYS)
        ended = [JobState.DONE, JobState.STOPPED, JobState.FAILED]
        old = old | rows.filter(state__in=ended, finished_at__lt=now - kept)
    for batch in old:
        delete_batch(batch=batch)


def readings_after(batch: ReadingBatch, position: int) -> list[Prediction]:
    """Return the next of a batch's readings behind a position, with the images that people made of them."""
    rows = batch.readings.filter(position__gt=position).select_related("image")
    return list(rows.order_by("position")[:ROWS_AT_ONCE])
