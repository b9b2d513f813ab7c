"""Writing a zip archive piece by piece, so that its size is limited by the disk alone."""

import io
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import IO, BinaryIO, Self, TextIO


class ZipWriter:
    """Writes members one after the other. The same members make the same bytes, whenever they are written."""

    def __init__(self, target: BinaryIO) -> None:
        self._archive = zipfile.ZipFile(target, "w", allowZip64=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.close()

    def picture(self, name: str, data: bytes) -> None:
        """Add a picture, as it is: its format has compressed it already."""
        self._archive.writestr(_info(name, zipfile.ZIP_STORED), data)

    def copy(self, name: str, source: IO[bytes]) -> None:
        """Add what a file holds from where it stands, compressed."""
        with self._archive.open(_info(name, zipfile.ZIP_DEFLATED), "w", force_zip64=True) as member:
            shutil.copyfileobj(source, member)

    @contextmanager
    def text(self, name: str) -> Iterator[TextIO]:
        """Add a member as it is written, in UTF-8 and compressed. Nothing else may be added meanwhile."""
        with (
            self._archive.open(_info(name, zipfile.ZIP_DEFLATED), "w", force_zip64=True) as member,
            io.TextIOWrapper(member, encoding="utf-8", newline="") as text,
        ):
            yield text


def _info(name: str, method: int) -> zipfile.ZipInfo:
    # A fixed time, the earliest that a zip knows.
    info = zipfile.ZipInfo(name)
    info.compress_type = method
    info.external_attr = 0o644 << 16
    return info
