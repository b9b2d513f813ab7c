"""Zip archives."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from labeling.imaging.archives.members import (
    DAMAGED,
    ENCRYPTED,
    NO_FILE,
    UNUSUAL,
    Budget,
    Limits,
    Member,
    Rejected,
    RejectedMember,
    Wanted,
    check_not_nested,
    check_size,
    is_clutter,
    printable_name,
    safe_name,
)
from labeling.imaging.archives.salvage import decode_name, salvage_zip

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_ENCRYPTED = 0x1
_UTF8 = 0x800

# zipfile raises these, and more, on damaged bytes.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    IndexError,
)


def read_zip(file: BinaryIO, limits: Limits, wanted: Wanted) -> Iterator[Member | RejectedMember]:
    """The files of a zip archive. Raises StopReading where the rest cannot or must not be read."""
    budget = Budget(file, limits)
    archive = _open(file)
    if archive is None:
        yield from salvage_zip(file, budget)
        return
    with archive:
        for info in archive.infolist():
            name = _name(info)
            if name.endswith("/") or is_clutter(name):
                continue
            try:
                path = safe_name(name, limits)
                yield Member(path, _read(archive, info, budget) if wanted(path) else b"")
            except Rejected as rejected:
                yield RejectedMember(printable_name(name, limits), str(rejected))


def _open(file: BinaryIO) -> zipfile.ZipFile | None:
    """The archive, or None without its table of contents, which is at the end and so the first to be lost."""
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGE:
        return None
    first = min((info.header_offset for info in archive.infolist()), default=0)
    # Members that begin later belong to the table of another archive, packed inside this one.
    return archive if first == 0 else None


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> bytes:
    limits = budget.limits
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise Rejected(NO_FILE)
    if info.flag_bits & _ENCRYPTED:
        raise Rejected(ENCRYPTED)
    if info.compress_type not in _METHODS:
        raise Rejected(UNUSUAL)
    check_size(info.file_size, info.filename, limits)
    if info.file_size > max(limits.ratio_free_bytes, info.compress_size * limits.ratio):
        raise Rejected(
            f"It unpacks to more than {limits.ratio} times its size, as archives made to do harm do; "
            "it was not read."
        )
    try:
        with archive.open(info) as stream:
            # One more byte than declared is asked for, because a declared size is only a claim.
            data = stream.read(info.file_size + 1)
    # zipfile raises NotImplementedError for compression methods and versions that it does not know.
    except (*_DAMAGE, NotImplementedError) as error:
        raise Rejected(DAMAGED) from error
    budget.spend(len(data))
    if len(data) != info.file_size:
        raise Rejected(DAMAGED)
    check_not_nested(data)
    return data


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name. Many tools write UTF-8 without saying so; zipfile then reads it as code page 437."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return decode_name(info.filename.encode("cp437"))
    except UnicodeEncodeError:
        return info.filename
