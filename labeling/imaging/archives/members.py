"""What archives consist of, how much of them is read, and which names are safe."""

import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from labeling.imaging.decode import MAX_BYTES

MB = 1024 * 1024

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:")
_TEXT_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}
_ARCHIVE_STARTS = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b\x08",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"Rar!\x1a",
    b"7z\xbc\xaf",
)


@dataclass(frozen=True)
class Limits:
    """What is read of one archive at most."""

    members: int = 300_000
    member_bytes: int = MAX_BYTES
    text_bytes: int = 64 * MB
    """The same for tables and JSON, whose rows may speak of many images."""
    total_bytes: int = 4096 * MB
    ratio: int = 200
    """How many times larger than its compressed form a member, or the whole archive, may become."""
    ratio_free_bytes: int = 4 * MB
    """Up to this size nothing counts as a bomb: blank images compress a thousandfold."""
    name_length: int = 500
    header_bytes: int = 2 * MB
    """What may lie between two members of a tar archive."""
    decompressor_bytes: int = 128 * MB
    """Memory that decompressing xz may take."""

    def bytes_of(self, name: str) -> int:
        """How large a member of this name may be."""
        return self.text_bytes if name.lower().endswith(_TEXT_SUFFIXES) else self.member_bytes


DEFAULT_LIMITS = Limits()

ENCRYPTED = "It is encrypted; pack it again without a password."
UNUSUAL = "It is compressed in an unusual way; pack it again as an ordinary zip."
DAMAGED = "It is damaged in the archive; pack or download the archive again."
NO_FILE = "It is a link or a device, not a file; pack the file itself."


Wanted = Callable[[str], bool]
"""Says of a member's name whether its bytes are wanted."""


@dataclass(frozen=True)
class Member:
    """A whole file of an archive. `name` is a relative path with `/`, without `..`, in valid Unicode; `data` is empty
    where it was not wanted."""

    name: str
    data: bytes


@dataclass(frozen=True)
class RejectedMember:
    """A file of an archive that is not used, or the archive itself where it could not be read to its end."""

    name: str
    message: str
    """Why, and what to do: a sentence for people."""


class StopReading(Exception):
    """The rest of the archive is not read; the message is a sentence for people."""


class Rejected(Exception):
    """This member is not used; the message is a sentence for people."""


class Budget:
    """Counts decompressed bytes against the limits of the whole archive."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        compressed = file.seek(0, os.SEEK_END)
        file.seek(0)
        self.limits = limits
        self.spent = 0
        self.bomb_bytes = max(limits.ratio_free_bytes, compressed * limits.ratio)

    def spend(self, count: int) -> None:
        """Raises StopReading when the archive has become larger than an honest one does."""
        self.spent += count
        if self.spent > self.limits.total_bytes:
            raise StopReading(
                f"The archive unpacks to more than {size_text(self.limits.total_bytes)}; "
                "the rest was not read. Split it."
            )
        if self.spent > self.bomb_bytes:
            raise StopReading(
                f"The archive unpacks to more than {self.limits.ratio} times its size, as archives "
                "made to do harm do; the rest was not read. If the images are genuine, upload them unpacked."
            )


def is_clutter(name: str) -> bool:
    """Whether a member is what macOS and Windows add for themselves, or a dotfile."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in (".", "..")]
    return any(part.startswith(".") or part == "__MACOSX" or part.lower() in _SYSTEM_FILES for part in parts)


def printable_name(name: str, limits: Limits) -> str:
    """A name that can be shown and stored: composed (NFC), bounded, what is no character replaced."""
    name = unicodedata.normalize("NFC", _CONTROL.sub("\ufffd", name.replace("\\", "/")))
    return name if len(name) <= limits.name_length else name[: limits.name_length - 1] + "…"


def safe_name(name: str, limits: Limits) -> str:
    """The name as a relative path. Raises Rejected if it is empty, too long or leaves the archive."""
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or _DRIVE.match(name) or ".." in parts:
        raise Rejected("Its name points outside the archive; pack the folder again with plain names.")
    if not parts:
        raise Rejected("It has no name; pack the folder again.")
    if len(name) > limits.name_length:
        raise Rejected(f"Its name has more than {limits.name_length} characters; give it a shorter one.")
    return printable_name("/".join(parts), limits)


def check_size(size: int, name: str, limits: Limits) -> None:
    """Raises Rejected for a member that is, or says it is, too large."""
    most = limits.bytes_of(name)
    if size > most:
        raise Rejected(f"It is larger than {size_text(most)}, the most that is read. Make it smaller.")


def check_not_nested(data: bytes) -> None:
    """Raises Rejected where the member is an archive itself."""
    if data.startswith(_ARCHIVE_STARTS) or data[257:262] == b"ustar":
        raise Rejected("It is an archive inside an archive; unpack it first, or upload it by itself.")


def size_text(count: int) -> str:
    """A number of bytes for people."""
    return f"{count / MB:,.0f} MB" if count >= MB else f"{count:,} bytes"
