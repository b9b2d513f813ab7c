"""The work of an import, on a `prepare` worker: read members, decode them safely, write rows in batches.

Every batch is one transaction that also moves `position` on, conditional on the claim: whatever dies, the next worker
goes on behind the last whole batch, and no file is counted twice.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from django.db import transaction

from labeling.dispatch import dispatch, predictions_wait
from labeling.heartbeat import Heartbeat
from labeling.imaging.archives import Member, RejectedMember
from labeling.imaging.decode import DecodedImage, UnreadableImage, decode_image
from labeling.imaging.labels import InvalidText, read_label_table
from labeling.jobs import ACTIVE_STATES, JobState, work_on
from labeling.models import (
    Annotation,
    Image,
    ImageStatus,
    Import,
    ImportFile,
    LabelSource,
    Outcome,
    Project,
)
from labeling.models.annotations import AnnotationSource
from labeling.services.counts import shift_counts
from labeling.services.images import content_hash, insert_images, new_image, store_picture
from labeling.services.members import is_label_table, label_of, members_of
from labeling.services.settling import settle_all
from labeling.signals import images_came

BATCH = 100
# How long an import works before it looks whether somebody waits for a reading.
TURN_SECONDS = 2.0


@dataclass
class _File:
    """One file on its way in."""

    position: int
    name: str
    outcome: Outcome = Outcome.REJECTED
    message: str = ""
    sha256: str = ""
    data: bytes = b""
    decoded: DecodedImage | None = None
    text: str = ""
    image: Image | None = None


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
        table = _label_table(row)
        if row.total is None:
            row.beat(total=sum(1 for _ in _members(row)))
    turn_ends = time.monotonic() + TURN_SECONDS
    members = itertools.islice(enumerate(_members(row)), row.position, None)
    while batch := list(itertools.islice(members, BATCH)):
        files = [_examine(row, position, member, table) for position, member in batch]
        _write(row, files)
        if Import.objects.filter(pk=row.pk, stop_requested=True).exists():
            row.finish(JobState.STOPPED)
            return
        if on_progress is not None:
            on_progress(row)
        elif time.monotonic() > turn_ends:
            if predictions_wait():
                row.hand_back()
                dispatch("labeling.tasks.run_import", row.pk)
                return
            turn_ends = time.monotonic() + TURN_SECONDS
    row.finish(JobState.DONE)
    for upload in row.uploads.all():
        upload.file.delete(save=False)


def _members(row: Import) -> Iterator[Member | RejectedMember]:
    """Yield every file of an import in order, archives unpacked on the fly."""
    for upload in row.uploads.all():
        with upload.file.open("rb") as file:
            yield from members_of(cast(BinaryIO, file), upload.name)


def _label_table(row: Import) -> dict[str, str] | None:
    """Return file name -> text where the labels come from a table, which may lie inside the archive itself."""
    if row.label_source != LabelSource.TABLE:
        return None
    if row.label_table:
        return read_label_table(row.label_table)
    for member in _members(row):
        if isinstance(member, Member) and is_label_table(member.name):
            return read_label_table(member.data.decode("utf-8-sig", errors="replace"))
    raise ValueError(
        "no CSV or TSV file with the labels was found among the files. Add one and import again."
    )


def _examine(
    row: Import,
    position: int,
    member: Member | RejectedMember,
    table: dict[str, str] | None,
) -> _File:
    """Decode a member and find its label. Pure work: nothing is written."""
    file = _File(position, member.name[-500:])
    if isinstance(member, RejectedMember):
        file.message = member.message
        return file
    if table is not None and is_label_table(member.name):
        file.outcome, file.message = Outcome.TABLE, "Read for its labels."
        return file
    try:
        file.decoded = decode_image(member.data)
    except UnreadableImage as error:
        file.message = str(error)
        return file
    file.outcome, file.data = Outcome.ADDED, member.data
    file.sha256 = content_hash(member.data)
    notes = list(file.decoded.notes)
    try:
        file.text = label_of(row.project, row.label_source, member.name, table)
    except InvalidText as error:
        file.outcome = Outcome.WITHOUT_LABEL
        notes.append(f"Added without a label, type it on the Label page: {error}")
    file.message = " ".join(notes)
    return file


def _write(row: Import, files: list[_File]) -> None:
    """Store the pictures and rows of one batch."""
    fresh = _fresh_images(row.project, files)
    with transaction.atomic():
        added = insert_images(project=row.project, images=fresh)
        _link_images(row.project, files)
        labelled = _add_labels(row, [file for file in files if file.text and file.image is not None])
        ImportFile.objects.bulk_create(
            ImportFile(
                import_batch=row,
                position=file.position,
                name=file.name,
                outcome=file.outcome,
                message=file.message,
                image=file.image,
            )
            for file in files
        )
        row.beat(
            position=files[-1].position + 1,
            added=row.added + _count(files, Outcome.ADDED),
            without_label=row.without_label + _count(files, Outcome.WITHOUT_LABEL),
            labelled=row.labelled + _count(files, Outcome.LABELLED),
            duplicates=row.duplicates + _count(files, Outcome.DUPLICATE),
            rejected=row.rejected + _count(files, Outcome.REJECTED),
        )
        settle_all(labelled)
        shift_counts(project_id=row.project_id, changes={ImageStatus.UNLABELLED: len(added)})


def _count(files: list[_File], outcome: Outcome) -> int:
    return sum(file.outcome == outcome for file in files)


def _fresh_images(project: Project, files: list[_File]) -> list[Image]:
    """Return unsaved rows for the bytes that are new to the project, their pictures stored; mark the others."""
    known = _images_by_hash(project, files)
    fresh: dict[str, Image] = {}
    for file in files:
        if file.decoded is None:
            continue
        if file.sha256 in known or file.sha256 in fresh:
            file.outcome = Outcome.DUPLICATE
            continue
        fresh[file.sha256] = new_image(project=project, name=file.name, data=file.data, decoded=file.decoded)
        store_picture(fresh[file.sha256], file.data)
    return list(fresh.values())


def _link_images(project: Project, files: list[_File]) -> None:
    """Give every readable file its image row: a new one, or the one that has these bytes already."""
    images = _images_by_hash(project, files)
    for file in files:
        if file.decoded is None:
            continue
        file.image = images[file.sha256]
        if file.outcome == Outcome.DUPLICATE:
            same = (
                "these very bytes"
                if file.image.name == file.name
                else f"the same bytes as “{file.image.name}”"
            )
            file.message = f"Already in the project: {same}."


def _images_by_hash(project: Project, files: list[_File]) -> dict[str, Image]:
    hashes = {file.sha256 for file in files if file.sha256}
    return {image.sha256: image for image in Image.objects.filter(project=project, sha256__in=hashes)}


def _add_labels(row: Import, files: list[_File]) -> list[int]:
    """Annotate images that have no text yet; return the ids of those images."""
    used: dict[int, _File] = {}
    for file in files:
        image = file.image
        assert image is not None
        if image.status == ImageStatus.UNLABELLED and image.pk not in used:
            used[image.pk] = file
            if file.outcome == Outcome.DUPLICATE:
                file.outcome = Outcome.LABELLED
            continue
        agreed = used[image.pk].text if image.pk in used else image.text
        if agreed and agreed != file.text:
            file.message += (
                f" Its text there is “{agreed}”, this file says “{file.text}”: the first one was kept."
            )
    Annotation.objects.bulk_create(
        Annotation(
            image_id=pk,
            annotator=row.created_by,
            source=AnnotationSource.IMPORT,
            text=file.text,
        )
        for pk, file in used.items()
    )
    return list(used)
