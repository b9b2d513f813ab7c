"""Names for pictures in archives: readable, writable on every system, and no two the same."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from labeling.formats.entries import Picture
from labeling.imaging.labels import stem_of_text

LONGEST_STEM = 150

_UNWRITABLE = re.compile(r"""[/\\:*?"<>|\x00-\x1f\x7f-\x9f\ud800-\udfff]""")
_SUFFIX = re.compile(r"\.(png|jpe?g|gif|bmp|webp|tiff?|ppm)$", re.IGNORECASE)


def names_by_text(pictures: Iterable[Picture]) -> Iterator[tuple[str, Picture]]:
    """Yield (file name, picture): the names read as the pictures' texts, numbered where a text comes again."""
    # Names that differ in case only are one file on some systems.
    counts: Counter[str] = Counter()
    for picture in pictures:
        key = picture.text.casefold()
        counts[key] += 1
        yield f"{stem_of_text(picture.text, counts[key])}.{picture.extension}", picture


def names_by_name(pictures: Iterable[Picture], folder: str) -> Iterator[tuple[str, Picture]]:
    """Yield (path, picture): the pictures' own names as far as files may have them, numbered where one comes again."""
    taken: set[str] = set()
    counts: Counter[str] = Counter()
    for picture in pictures:
        stem, suffix = _writable(picture)
        name = f"{stem}{suffix}"
        while name.casefold() in taken:
            counts[stem.casefold()] += 1
            name = f"{stem}_{counts[stem.casefold()] + 1}{suffix}"
        taken.add(name.casefold())
        yield f"{folder}/{name}", picture


def _writable(picture: Picture) -> tuple[str, str]:
    name = unicodedata.normalize("NFC", _UNWRITABLE.sub("_", picture.name)).strip().lstrip(".")
    found = _SUFFIX.search(name)
    stem, suffix = (name[: found.start()], found[0]) if found else (name, f".{picture.extension}")
    return stem[:LONGEST_STEM].strip() or picture.sha256[:16], suffix
