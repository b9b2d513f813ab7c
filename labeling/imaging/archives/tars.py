"""Tar archives, plain or compressed, read as a stream."""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Self

from labeling.imaging.archives.members import (
    NO_FILE,
    Budget,
    Limits,
    Member,
    Rejected,
    RejectedMember,
    StopReading,
    Wanted,
    check_not_nested,
    check_size,
    is_clutter,
    printable_name,
    safe_name,
)

_CUT_OFF = "The archive is damaged or cut off; what came before was read. Pack or download it again."

# tarfile and the decompressors raise these, and more, on damaged bytes.
_DAMAGE = (
    tarfile.TarError,
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
    ValueError,
    IndexError,
    OverflowError,
)


def read_tar(file: BinaryIO, limits: Limits, wanted: Wanted) -> Iterator[Member | RejectedMember]:
    """The files of a tar archive. Raises StopReading where the rest cannot or must not be read."""
    stream = _BoundedStream(_decompressed(file, limits), Budget(file, limits))
    stream.allow(limits.header_bytes)
    try:
        archive = tarfile.open(fileobj=stream, mode="r|", tarinfo=_StrictHeader)  # noqa: SIM115 (closed below)
    except _DAMAGE as error:
        raise StopReading(
            "This is not a zip or tar archive that can be read; pack or download it again."
        ) from error
    with archive:
        while (header := _next_header(archive)) is not None:
            # tarfile remembers every header it has seen; a stream has no use for them.
            archive.members.clear()  # type: ignore[attr-defined]
            stream.allow(header.size + limits.header_bytes)
            name = _name(header)
            if header.isdir() or is_clutter(name):
                continue
            try:
                path = safe_name(name, limits)
                yield Member(path, _read(archive, header, limits) if wanted(path) else b"")
            except Rejected as rejected:
                yield RejectedMember(printable_name(name, limits), str(rejected))


def _next_header(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    try:
        return archive.next()
    except _DAMAGE as error:
        raise StopReading(_CUT_OFF) from error


def _read(archive: tarfile.TarFile, header: tarfile.TarInfo, limits: Limits) -> bytes:
    if not header.isreg() or header.issparse():
        raise Rejected(NO_FILE)
    check_size(header.size, header.name, limits)
    try:
        content = archive.extractfile(header)
        assert content is not None
        data = content.read()
    except _DAMAGE as error:
        raise StopReading(_CUT_OFF) from error
    check_not_nested(data)
    return data


def _name(header: tarfile.TarInfo) -> str:
    """The member's name; one that is not UTF-8 is read as Latin-1, so that no two names become the same."""
    try:
        return header.name.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError:
        return header.name.encode("utf-8", "surrogateescape").decode("latin-1")


class _StrictHeader(tarfile.TarInfo):
    """tarfile takes a damaged header for the end of the archive; here only the end mark ends it."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error)) from error


def _decompressed(file: BinaryIO, limits: Limits) -> BinaryIO:
    file.seek(0)
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]
    if start.startswith(b"BZh"):
        return bz2.BZ2File(file)  # type: ignore[return-value]
    if start.startswith(b"\xfd7zXZ\x00"):
        return io.BufferedReader(_XzStream(file, limits.decompressor_bytes))
    return file


class _XzStream(io.RawIOBase):
    """Decompressed bytes of an xz file with bounded memory, which lzma.LZMAFile does not offer."""

    def __init__(self, file: BinaryIO, memory: int) -> None:
        self._file = file
        self._decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=memory)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._decompressor.eof:
            compressed = self._file.read(io.DEFAULT_BUFFER_SIZE) if self._decompressor.needs_input else b""
            if self._decompressor.needs_input and not compressed:
                raise EOFError("the xz stream is cut off")
            data = self._decompressor.decompress(compressed, len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)
        return 0


class _BoundedStream(io.RawIOBase):
    """Counts what is read: in total against the budget, and up to the next member against an allowance.

    The allowance keeps a forged header from making tarfile gather gigabytes as one long name.
    """

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self._allowance = 0

    def allow(self, count: int) -> None:
        self._allowance = count

    def read(self, size: int = -1) -> bytes:
        data = self._read_until_damage(size)
        self._budget.spend(len(data))
        self._allowance -= len(data)
        if self._allowance < 0:
            raise StopReading(_CUT_OFF)
        return data

    def _read_until_damage(self, size: int) -> bytes:
        """What can be read, where a decompressor's own `read` would drop it together with what cannot."""
        if not isinstance(self._stream, gzip.GzipFile | bz2.BZ2File | io.BufferedReader):
            return self._stream.read(size)
        data = bytearray()
        try:
            while len(data) < size and (part := self._stream.read1(size - len(data))):
                data += part
        except _DAMAGE:
            if not data:
                raise
        return bytes(data)
