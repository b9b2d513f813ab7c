"""Many small pictures in one stored file: a bucket takes as long for a kilobyte as for a megabyte.

A pack is nothing but its pictures, one behind the other; whoever needs one knows its offset and size.
"""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

CHUNK = 2**20


@dataclass(frozen=True)
class Place:
    """Where a picture lies: the stored file, and from which byte on how many."""

    file: str
    offset: int
    size: int

    def read(self) -> bytes:
        """Return the picture.

        Raises:
            FileNotFoundError: the stored file is gone.
        """
        with default_storage.open(self.file, "rb") as file:
            file.seek(self.offset)
            data: bytes = file.read(self.size)
        return data


def write_pack(path: str, pictures: Iterable[IO[bytes] | bytes]) -> list[Place]:
    """Store pictures in one file; return the place of each, in their order. Nothing is held in memory but a chunk."""
    places, offset = [], 0
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as target:
        for picture in pictures:
            start = offset
            for chunk in _chunks(picture):
                offset += target.write(chunk)
            places.append((start, offset - start))
        target.seek(0)
        stored = default_storage.save(path, File(target))
    return [Place(stored, start, size) for start, size in places]


def blank(places: Sequence[Place]) -> None:
    """Overwrite pictures of one pack with zeros; the others stay where they are. A missing pack is fine.

    The whole file is written anew, so whoever blanks pictures of one pack takes turns.
    """
    path = places[0].file
    try:
        with default_storage.open(path, "rb") as file:
            data = bytearray(file.read())
    except FileNotFoundError:
        return
    for place in places:
        data[place.offset : place.offset + place.size] = bytes(place.size)
    default_storage.save(path, ContentFile(bytes(data)))


def _chunks(picture: IO[bytes] | bytes) -> Iterable[bytes]:
    if isinstance(picture, bytes):
        return (picture,)
    return iter(lambda: picture.read(CHUNK), b"")
