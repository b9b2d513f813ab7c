"""The work of an export, on a `prepare` worker: write a file aside, and offer it once it is whole.

The file grows where nobody sees it and vanishes with its process; an export that was interrupted starts anew. One
export is written at a time: it cannot step aside half-way as imports do, so it must leave workers for other jobs.
"""

import tempfile
import time
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from labeling.dispatch import dispatch
from labeling.heartbeat import Heartbeat
from labeling.jobs import JobState, LostClaim, work_on
from labeling.models import Export
from labeling.services.export_formats import format_named
from labeling.services.exports import export_folder, file_name

PROGRESS_SECONDS = 1.0


class _Stopped(Exception):
    """Somebody asked for a stop."""


def run_export(pk: int) -> None:
    """Write an export, unless another one is being written: then it waits for its turn."""
    if Export.objects.filter(state=JobState.RUNNING).exclude(pk=pk).exists():
        return
    rows = Export.objects.select_related("project")
    work_on(rows, pk, _work, lambda row, error: f"The export stopped after {row.done:,} images: {error}")
    following = Export.objects.filter(state=JobState.QUEUED).order_by("queued_at").first()
    if following is not None:
        dispatch("labeling.tasks.run_export", following.pk)


def _work(row: Export) -> None:
    chosen = format_named(row.format)
    # The time counts from here: an earlier attempt left nothing behind.
    row.beat(done=0, total=chosen.total(row.project, row.options), started_at=timezone.now())
    with Heartbeat(row) as heartbeat, tempfile.TemporaryFile(dir=settings.DATA_DIR) as target:
        try:
            progress = _Progress(row, heartbeat)
            note = chosen.write(row.project, row.options, cast(BinaryIO, target), progress)
        except _Stopped:
            row.finish(JobState.STOPPED)
            return
        heartbeat.check()
        target.seek(0)
        path = default_storage.save(
            f"{export_folder(row)}/{file_name(row)}", File(target, name=file_name(row))
        )
    try:
        row.finish(JobState.DONE, file=path, note=note, done=row.total)
    except LostClaim:
        if not Export.objects.filter(pk=row.pk).exists():
            # It was deleted while the file was stored: nothing else would ever delete that.
            default_storage.delete(path)
        raise


class _Progress:
    """Writes down how far an export is, now and then, and ends it where nobody wants it any more."""

    def __init__(self, row: Export, heartbeat: Heartbeat) -> None:
        self._row = row
        self._heartbeat = heartbeat
        self._next = time.monotonic() + PROGRESS_SECONDS

    def __call__(self, done: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PROGRESS_SECONDS
        self._heartbeat.check()
        self._row.beat(done=min(done, self._row.total))
        if Export.objects.filter(pk=self._row.pk, stop_requested=True).exists():
            raise _Stopped
