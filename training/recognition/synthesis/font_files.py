"""Font files that somebody brings: whether they are fonts, and what they look like."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from training.recognition.synthesis.typefaces import Typeface, UnusableFont

MAX_BYTES = 10 * 2**20
"""The largest file; fonts of Latin letters and digits have a hundredth of that."""

KINDS = {
    b"\x00\x01\x00\x00": "ttf",
    b"true": "ttf",
    b"OTTO": "otf",
    b"wOFF": "woff",
    b"wOF2": "woff2",
}
"""How files begin, and the extension that a file of that kind gets. FreeType reads more: none that people bring."""

SPECIMEN_SIZE = 32
"""Pixels of a specimen's font, one of `typefaces.SIZES`."""


@dataclass(frozen=True)
class FontFile:
    """What a font file says of itself, its extension, and which characters of an alphabet it writes."""

    name: str
    extension: str
    written: str


def check_font(data: bytes, file_name: str, alphabet: str) -> FontFile:
    """Look into a file's bytes, whatever its name says that they are.

    Raises UnusableFont with a sentence for files that are too large, no font, or cannot be drawn with.
    """
    if len(data) > MAX_BYTES:
        megabytes = len(data) / 2**20
        raise UnusableFont(
            f"{file_name} has {megabytes:.1f} MB; a font may have {MAX_BYTES // 2**20} MB at most."
        )
    extension = KINDS.get(data[:4])
    if extension is None:
        raise UnusableFont(f"{file_name} is no TrueType, OpenType, WOFF or WOFF2 font.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"font.{extension}"
        path.write_bytes(data)
        try:
            typeface = Typeface(path)
            written = typeface.writes(alphabet)
        except UnusableFont as error:
            raise UnusableFont(f"{file_name} is a damaged font: its letters cannot be drawn.") from error
        name = typeface.name if typeface.names_itself else Path(file_name).stem
    if not written:
        raise UnusableFont(f"{file_name} has a letter for none of the characters that are wanted here.")
    return FontFile(name, extension, written)


def draw_specimen(typeface: Typeface, characters: Sequence[str]) -> bytes:
    """Characters side by side as black ink on nothing: a PNG of 3/2 SPECIMEN_SIZE high.

    What the font has no glyph for is an empty box. Raises UnusableFont with a sentence.
    """
    written = set(typeface.writes("".join(characters)))
    gap, line = SPECIMEN_SIZE // 8, SPECIMEN_SIZE * 9 // 8
    box = np.pad(np.zeros((SPECIMEN_SIZE * 5 // 8, SPECIMEN_SIZE // 2), np.uint8), 1, constant_values=90)
    drawn = []
    for character in characters:
        glyph = typeface.glyph(character, SPECIMEN_SIZE)
        drawn.append((glyph.mask, glyph.top) if character in written else (box, -box.shape[0]))
    width = sum(mask.shape[1] + gap for mask, _ in drawn) + gap
    ink = Image.new("L", (width, SPECIMEN_SIZE * 3 // 2))
    pen = gap
    for mask, top in drawn:
        ink.paste(Image.fromarray(mask), (pen, line + top))
        pen += mask.shape[1] + gap
    picture = Image.new("LA", ink.size)
    picture.putalpha(ink)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
