"""The images of a batch as one stream that begins wherever a worker should go on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from django.core.files.storage import default_storage

from labeling.imaging.archives import Member, RejectedMember, iterate_archive
from labeling.imaging.decode import MAX_BYTES
from training.models import BatchUpload, ReadingBatch
from training.services.packs import Place

ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class BatchItem:
    """One image that is to be read, or why it cannot be.

    `upload` and `member` say behind which upload, and which of its files, it is the next one. A picture that was sent
    by itself has its `place` in the storage already.
    """

    upload: int
    member: int
    name: str
    data: bytes = b""
    place: Place | None = None
    error: str = ""


def count_images(batch: ReadingBatch) -> int:
    """Return how many images a batch has, without reading those in archives whole."""
    archives = batch.uploads.filter(is_archive=True)
    return batch.uploads.filter(is_archive=False).count() + sum(
        sum(1 for _ in _members(upload, start=None)) for upload in archives
    )


def unread_items(batch: ReadingBatch) -> Iterator[BatchItem]:
    """Yield what is not answered yet, always in the same order, however often workers begin anew."""
    start = batch.next_member
    for upload in _uploads(batch):
        if upload.is_archive:
            yield from _members(upload, start)
        else:
            yield _picture(upload)
        start = 0


def _uploads(batch: ReadingBatch) -> Iterator[BatchUpload]:
    order = batch.next_upload
    while uploads := list(batch.uploads.filter(order__gte=order)[:ROWS_AT_ONCE]):
        yield from uploads
        order = uploads[-1].order + 1


def _picture(upload: BatchUpload) -> BatchItem:
    if not upload.file:
        error = f"The file has {upload.size / 2**20:.1f} MB; at most {MAX_BYTES // 2**20} MB are read. Make it smaller."
        return BatchItem(upload.order + 1, 0, upload.name, error=error)
    place = Place(upload.file, upload.offset, upload.size)
    return BatchItem(upload.order + 1, 0, upload.name, place.read(), place)


def _members(upload: BatchUpload, start: int | None) -> Iterator[BatchItem]:
    """The files of an archive from one on; with None all of them, without their bytes."""
    number = 0

    def wanted(_: str) -> bool:
        return start is not None and number >= start

    with default_storage.open(upload.file, "rb") as file:
        for member in iterate_archive(cast(BinaryIO, file), upload.name, wanted=wanted):
            number += 1
            if start is not None and number <= start:
                continue
            if isinstance(member, RejectedMember):
                yield BatchItem(upload.order, number, member.name, error=member.message)
            else:
                assert isinstance(member, Member)
                yield BatchItem(upload.order, number, member.name, member.data)
