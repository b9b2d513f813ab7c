"""What can still be read of a zip archive whose table of contents is missing, as after a broken download.

Every member of a zip starts with a header of its own (APPNOTE.TXT of PKWARE, section 4.3.7), so the members
can be read one after another until the damage.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from labeling.imaging.archives.members import (
    DAMAGED,
    ENCRYPTED,
    UNUSUAL,
    Budget,
    Member,
    Rejected,
    RejectedMember,
    StopReading,
    check_not_nested,
    check_size,
    is_clutter,
    printable_name,
    safe_name,
)

_HEADER = struct.Struct("<4s5H3I2H")
_HEADER_START = b"PK\x03\x04"
_DIRECTORY_START = b"PK\x01\x02"
_DESCRIPTOR_START = b"PK\x07\x08"
_LONGEST_DESCRIPTOR = 24
_STORED, _DEFLATED = 0, 8
_FLAG_ENCRYPTED, _FLAG_SIZES_FOLLOW = 0x1, 0x8
_SIZE_ELSEWHERE = 0xFFFFFFFF
_CHUNK = 64 * 1024


class _CutOff(Exception):
    """The members cannot be followed any further."""


@dataclass(frozen=True)
class _Header:
    name: str
    encrypted: bool
    sizes_follow: bool
    method: int
    checksum: int
    compressed_size: int | None


def salvage_zip(file: BinaryIO, budget: Budget) -> Iterator[Member | RejectedMember]:
    """The members of a damaged zip archive up to the damage; then raises StopReading."""
    file.seek(0)
    count = 0
    try:
        while True:
            header = _read_header(file)
            wanted = not (header.name.endswith("/") or is_clutter(header.name))
            try:
                data = _read_data(file, header, budget)
                check_not_nested(data)
                member = Member(safe_name(header.name, budget.limits), data)
            except Rejected as rejected:
                if wanted:
                    yield RejectedMember(printable_name(header.name, budget.limits), str(rejected))
            else:
                if wanted:
                    count += 1
                    yield member
    except _CutOff:
        raise StopReading(
            f"The zip archive is damaged or cut off: {count} files at its beginning could be read, nothing "
            "after them. Pack or download it again."
        ) from None


def _read_header(file: BinaryIO) -> _Header:
    raw = file.read(_HEADER.size)
    if len(raw) < _HEADER.size or not raw.startswith(_HEADER_START):
        raise _CutOff
    _, _, flags, method, _, _, checksum, compressed_size, _, name_length, extra_length = _HEADER.unpack(raw)
    name = file.read(name_length)
    file.seek(extra_length, os.SEEK_CUR)
    sizes_follow = bool(flags & _FLAG_SIZES_FOLLOW)
    return _Header(
        name=decode_name(name),
        encrypted=bool(flags & _FLAG_ENCRYPTED),
        sizes_follow=sizes_follow,
        method=method,
        checksum=checksum,
        compressed_size=None if sizes_follow or compressed_size == _SIZE_ELSEWHERE else compressed_size,
    )


def decode_name(name: bytes) -> str:
    """A zip member's name: UTF-8, as many tools write it without saying so, or else code page 437."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("cp437")


def _read_data(file: BinaryIO, header: _Header, budget: Budget) -> bytes:
    """The member's bytes; the file then stands at the next header. Raises Rejected, or _CutOff."""
    start = file.tell()
    try:
        if header.encrypted:
            raise Rejected(ENCRYPTED)
        if header.method == _DEFLATED:
            data = _inflate(file, budget, header.name)
        elif header.method == _STORED and header.compressed_size is not None:
            check_size(header.compressed_size, header.name, budget.limits)
            data = file.read(header.compressed_size)
            if len(data) < header.compressed_size:
                raise _CutOff
        else:
            raise Rejected(UNUSUAL)
        budget.spend(len(data))
        checksum = _skip_descriptor(file) if header.sizes_follow else header.checksum
        if zlib.crc32(data) != checksum:
            raise Rejected(DAMAGED)
        return data
    except Rejected:
        if header.compressed_size is not None:
            file.seek(start + header.compressed_size)
        elif file.tell() == start:
            raise _CutOff from None
        raise


def _inflate(file: BinaryIO, budget: Budget, name: str) -> bytes:
    """The deflated bytes from here to the end of their stream, where the file then stands."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    data, most = bytearray(), budget.limits.bytes_of(name)
    start, used = file.tell(), 0
    while not stream.eof:
        chunk = stream.unconsumed_tail or file.read(_CHUNK)
        if not chunk:
            raise _CutOff
        try:
            data += stream.decompress(chunk, most + 1 - len(data))
        except zlib.error:
            file.seek(start)
            raise Rejected(DAMAGED) from None
        used += len(chunk) - len(stream.unconsumed_tail) - len(stream.unused_data)
        if len(data) > most:
            file.seek(start)
            check_size(len(data), name, budget.limits)
    file.seek(start + used)
    return bytes(data)


def _skip_descriptor(file: BinaryIO) -> int:
    """The checksum in the descriptor behind a member whose header did not know it; 12 to 24 bytes long."""
    start = file.tell()
    tail = file.read(_LONGEST_DESCRIPTOR + len(_HEADER_START))
    ends = [end for mark in (_HEADER_START, _DIRECTORY_START) if (end := tail.find(mark, 12)) >= 0]
    if not ends:
        raise _CutOff
    file.seek(start + min(ends))
    return int.from_bytes(tail[4:8] if tail.startswith(_DESCRIPTOR_START) else tail[:4], "little")
