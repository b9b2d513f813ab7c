"""Fonts as masks of single glyphs, each drawn once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Mask = NDArray[np.uint8]
"""Ink 0..255, shape (height, width)."""

EM = 64
"""Size in pixels at which a text is laid out before anyone knows how large it will be."""

SIZES = (12, 16, 20, 24, 32, 40, 48, EM)
"""The sizes at which glyphs are kept; in between they are scaled."""

FONT_FILES = ("*.ttf", "*.otf", "*.woff")

SAME_SHAPE = 0.9
"""From this share of common ink on, two glyphs are one shape."""


class UnusableFont(ValueError):
    """A file is not a font that can be drawn with; the message is a sentence for people."""


@dataclass(frozen=True)
class Glyph:
    """A character's ink, cut to its edges.

    `left` and `top` lead from the pen's place on the baseline to the mask's corner and `advance` to the next
    pen's place, all in pixels to the right and down.
    """

    mask: Mask
    left: int
    top: int
    advance: float


class Typeface:
    """One font file. Raises UnusableFont with a sentence."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._fonts = {size: ImageFont.truetype(str(path), size) for size in SIZES}
        except OSError as error:
            raise UnusableFont(f"{path.name} is not a font that can be read.") from error
        self._glyphs: dict[tuple[str, int], Glyph] = {}

    def glyph(self, character: str, size: int = EM) -> Glyph:
        """The character at one of SIZES."""
        found = self._glyphs.get((character, size))
        if found is None:
            found = self._glyphs[character, size] = self._draw(character, size)
        return found

    def _draw(self, character: str, size: int) -> Glyph:
        font = self._fonts[size]
        left, top, right, bottom = (int(edge) for edge in font.getbbox(character, anchor="ls"))
        image = Image.new("L", (max(right - left, 1), max(bottom - top, 1)))
        ImageDraw.Draw(image).text((-left, -top), character, fill=255, font=font, anchor="ls")
        ink = image.getbbox() or (0, 0, 1, 1)
        return Glyph(np.array(image.crop(ink)), left + ink[0], top + ink[1], float(font.getlength(character)))

    def writes(self, alphabet: str) -> str:
        """Those characters of the alphabet that this font has a visible glyph of its own for.

        Where small letters look like capitals, only the capitals count: nobody could tell which was written.
        """
        missing = self._draw("\uffff", EM).mask
        present = [
            character
            for character in alphabet
            if self.glyph(character).mask.any() and not np.array_equal(self.glyph(character).mask, missing)
        ]
        if self._has_only_capitals:
            present = [character for character in present if not character.islower()]
        return "".join(present)

    @cached_property
    def _has_only_capitals(self) -> bool:
        return sum(self._looks_alike(letter, letter.upper()) for letter in "abdegnrt") > 4

    def _looks_alike(self, one: str, other: str) -> bool:
        """Whether two glyphs, stretched to one size, have the same ink."""
        first, second = (
            np.asarray(Image.fromarray(self.glyph(each).mask).resize((24, 24))) > 127 for each in (one, other)
        )
        return bool((first & second).sum() >= SAME_SHAPE * (first | second).sum())


def find_typefaces(folders: Iterable[Path]) -> list[Typeface]:
    """All fonts in folders and their sub-folders, in the order of their names; unreadable ones are left out."""
    paths = sorted({path for folder in folders for kind in FONT_FILES for path in folder.rglob(kind)})
    found = []
    for path in paths:
        try:
            found.append(Typeface(path))
        except UnusableFont:
            continue
    return found
