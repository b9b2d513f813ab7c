"""What files say about pictures, on the way in and on the way out."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """What one annotator said that an image reads; an empty text: it was skipped."""

    text: str
    annotator: str = ""
    """A name for people; empty where the file names nobody."""


@dataclass(frozen=True)
class Entry:
    """What a file says about one picture."""

    name: str
    """The picture's own name or path, by which other files mean it."""
    where: str
    """Where it is said, for people: "labels.csv, line 5"."""
    said: tuple[Said, ...] = ()
    """In the order of the file: of two by one annotator the later one counts."""
    title: str = ""
    """How the picture was called where it comes from, if not `name`."""
    split: str = ""
    """"train", "validation", "test", or empty."""
    sha256: str = ""
    """Of the picture's bytes, 64 lower-case hex digits, or empty."""
    data: bytes | None = None
    """The picture itself, where the file holds it."""


@dataclass(frozen=True)
class BadEntry:
    """A part of a file that cannot be used. The name is for people; the message, a sentence, says why."""

    name: str
    message: str


@dataclass(frozen=True)
class Picture:
    """An image on its way out."""

    name: str
    extension: str
    """Of its format, without a dot."""
    sha256: str
    text: str
    """The agreed text; empty where there is none yet."""
    read: Callable[[], bytes]
    """Fetches its bytes, for formats that hold them."""
    said: tuple[Said, ...] = ()
    """What each annotator said, where that is asked for."""
