"""The work of an import, on a `prepare` worker: read files, decode them safely, write rows in batches.

Every batch is one transaction that also moves `position` on, conditional on the claim: whatever dies, the next worker
goes on behind the last whole batch, and no file is counted twice.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace

from labeling.dispatch import dispatch, others_wait
from labeling.formats.entries import Entry
from labeling.formats.label_book import LabelBook
from labeling.heartbeat import Heartbeat
from labeling.imaging.archives import Member, RejectedMember
from labeling.imaging.decode import UnreadableImage, decode_image
from labeling.imaging.labels import InvalidText
from labeling.jobs import ACTIVE_STATES, JobState, work_on
from labeling.models import Import, LabelSource, Outcome
from labeling.services.images import content_hash
from labeling.services.import_batches import Incoming, write_batch
from labeling.services.import_files import ImportFiles, Item, LabelFile
from labeling.services.members import labels_of, split_of
from labeling.signals import images_came

BATCH = 100
# How long an import works before it looks whether another job waits.
TURN_SECONDS = 2.0


def run_import(pk: int, *, on_progress: Callable[[Import], None] | None = None) -> None:
    """Work on an import until it is done, stopped, or should let others have their turn.

    Args:
        on_progress: called after every batch, for a caller that works in its own process and never steps aside.
    """
    rows = Import.objects.select_related("project")
    work_on(
        rows,
        pk,
        lambda row: _work(row, on_progress),
        lambda row, error: f"The import stopped at file {row.position + 1}: {error}",
    )
    # However it ended, what it brought in stays.
    ended = rows.filter(pk=pk).exclude(state__in=ACTIVE_STATES).first()
    if ended is not None:
        images_came.send(Import, project=ended.project)


def _work(row: Import, on_progress: Callable[[Import], None] | None) -> None:
    with Heartbeat(row):
        files = ImportFiles(row)
    row.beat(total=files.total)
    turn_ends = time.monotonic() + TURN_SECONDS
    items = files.items(row.position)
    while batch := list(itertools.islice(items, BATCH)):
        write_batch(row, [_examine(row, position, item, files.book) for position, item in batch])
        if Import.objects.filter(pk=row.pk, stop_requested=True).exists():
            row.finish(JobState.STOPPED)
            return
        if on_progress is not None:
            on_progress(row)
        elif time.monotonic() > turn_ends:
            if others_wait():
                row.hand_back()
                dispatch("labeling.tasks.run_import", row.pk)
                return
            turn_ends = time.monotonic() + TURN_SECONDS
    # An archive that is damaged holds fewer files than it says.
    row.finish(JobState.DONE, total=row.position)
    for upload in row.uploads.all():
        upload.file.delete(save=False)


def _examine(row: Import, position: int, item: Item, book: LabelBook) -> Incoming:
    """Decode a picture and find its labels. Pure work: nothing is written."""
    file = Incoming(position, item.name[-500:])
    if isinstance(item, RejectedMember):
        file.message = item.message
        return file
    if isinstance(item, LabelFile):
        file.outcome = Outcome.TABLE
        return file
    if isinstance(item, Entry) and item.data is None:
        return _examine_row(row, file, item, book)
    data = item.data or b""
    try:
        file.decoded = decode_image(data)
    except UnreadableImage as error:
        file.message = str(error)
        return file
    file.outcome, file.data, file.sha256 = Outcome.ADDED, data, content_hash(data)
    file.message = " ".join(file.decoded.notes)
    entry = _said_about(item, book)
    if row.keep_splits:
        file.split = split_of(row.label_source, item.name, entry)
    try:
        if entry is not None:
            file.title = entry.title
            _check(entry, file.sha256, book)
        file.said = labels_of(row.project, row.label_source, item.name, entry)
    except InvalidText as error:
        file.outcome = Outcome.WITHOUT_LABEL
        file.note(f"Added without a label, type it on the Label page: {error}")
    return file


def _examine_row(row: Import, file: Incoming, entry: Entry, book: LabelBook) -> Incoming:
    """Check what a table says about an image that should be in the project already."""
    file.entry, file.sha256, file.where = entry, entry.sha256, entry.where
    try:
        book.check(entry)
        file.said = labels_of(row.project, LabelSource.TABLE, entry.name, entry)
    except InvalidText as error:
        file.note(str(error))
        return file
    file.outcome = Outcome.DUPLICATE
    file.split = entry.split if row.keep_splits else ""
    return file


def _said_about(item: Member | Entry, book: LabelBook) -> Entry | None:
    """Return what is said about a picture: by the file that holds it or, where that gives no text, by a table."""
    if isinstance(item, Entry) and item.said:
        return item
    found = book.find(item.name)
    if isinstance(item, Entry):
        return replace(found, title=found.title or item.title) if found else item
    return found


def _check(entry: Entry, sha256: str, book: LabelBook) -> None:
    """Look whether what the files say is about this very picture.

    Raises:
        InvalidText: they contradict each other, or name other bytes.
    """
    book.check(entry)
    if entry.sha256 and entry.sha256 != sha256:
        raise InvalidText(f"{entry.where} names a picture with other bytes. Its text may be of that one.")
