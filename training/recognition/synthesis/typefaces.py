"""Fonts as masks of single glyphs, each drawn once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Mask = NDArray[np.uint8]
"""Ink 0..255, shape (height, width)."""

EM = 64
"""Size in pixels at which a text is laid out before anyone knows how large it will be."""

SIZES = (12, 16, 20, 24, 32, 40, 48, EM)
"""The sizes at which glyphs are kept; in between they are scaled."""

FINER = 3
"""Distances are measured on glyphs so many times larger than EM."""

LARGEST = 16
"""The longest side of a glyph, in sizes of its font; only a damaged or a hostile file goes beyond."""

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


@dataclass(frozen=True)
class Distances:
    """How far each pixel of a glyph lies from the edge of its ink.

    `outwards` has shape (height, width), in pixels, negative inside of the ink; it reaches `margin` pixels beyond the
    glyph's mask to every side.
    """

    outwards: NDArray[np.float32]
    margin: int


class Typeface:
    """One font file. Raises UnusableFont with a sentence."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fonts: dict[int, ImageFont.FreeTypeFont] = {}
        self._glyphs: dict[tuple[str, int], Glyph] = {}
        self._distances: dict[str, Distances] = {}
        self._at(EM)

    @cached_property
    def name(self) -> str:
        """Family and style as the file names them, or the file's own name."""
        return self._own_name or self.path.stem

    @property
    def names_itself(self) -> bool:
        return bool(self._own_name)

    @cached_property
    def _own_name(self) -> str:
        return " ".join(each for each in self._at(EM).getname() if each and each != "Regular")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the file, in hexadecimal digits."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @cached_property
    def middle(self) -> float:
        """How far below the baseline the middle of a line lies, in pixels at EM: less than 0."""
        ascent, descent = self._at(EM).getmetrics()
        return (descent - ascent) / 2

    def _at(self, size: int) -> ImageFont.FreeTypeFont:
        found = self._fonts.get(size)
        if found is None:
            try:
                found = self._fonts[size] = ImageFont.truetype(
                    str(self.path), size, layout_engine=ImageFont.Layout.BASIC
                )
            except OSError as error:
                raise UnusableFont(f"{self.path.name} is not a font that can be read.") from error
        return found

    def glyph(self, character: str, size: int = EM) -> Glyph:
        """The character at one of SIZES."""
        found = self._glyphs.get((character, size))
        if found is None:
            found = self._glyphs[character, size] = self._draw(character, size)
        return found

    def distances(self, character: str) -> Distances:
        """The distances of the character's glyph at EM size."""
        found = self._distances.get(character)
        if found is None:
            found = self._distances[character] = self._measure(character)
        return found

    def _measure(self, character: str) -> Distances:
        small = self.glyph(character)
        height, width = small.mask.shape
        margin = EM // 4
        size = ((width + 2 * margin) * FINER, (height + 2 * margin) * FINER)
        canvas = Image.new("L", size)
        pen = ((margin - small.left) * FINER, (margin - small.top) * FINER)
        ImageDraw.Draw(canvas).text(pen, character, fill=255, font=self._at(FINER * EM), anchor="ls")
        ink = (np.asarray(canvas) > 127).astype(np.uint8)
        outside = cv2.distanceTransform(1 - ink, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        inside = cv2.distanceTransform(ink, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        # Both count from middle to middle of pixels on either side of the edge, so the edge is half a pixel nearer.
        signed = np.where(ink, 0.5 - inside, outside - 0.5)
        outwards = cv2.resize(signed, (width + 2 * margin, height + 2 * margin), interpolation=cv2.INTER_AREA)
        return Distances(np.asarray(outwards / FINER, np.float32), margin)

    def _draw(self, character: str, size: int) -> Glyph:
        font = self._at(size)
        try:
            left, top, right, bottom = (int(edge) for edge in font.getbbox(character, anchor="ls"))
            if max(right - left, bottom - top) > LARGEST * size:
                raise UnusableFont(f"{self.path.name} draws {character!r} larger than any letter is.")
            return self._cut(character, font, (left, top, right, bottom))
        except OSError as error:
            raise UnusableFont(f"{self.path.name} cannot draw {character!r}.") from error

    def _cut(self, character: str, font: ImageFont.FreeTypeFont, box: tuple[int, int, int, int]) -> Glyph:
        left, top, right, bottom = box
        image = Image.new("L", (max(right - left, 1), max(bottom - top, 1)))
        ImageDraw.Draw(image).text((-left, -top), character, fill=255, font=font, anchor="ls")
        ink = image.getbbox() or (0, 0, 1, 1)
        return Glyph(np.array(image.crop(ink)), left + ink[0], top + ink[1], float(font.getlength(character)))

    def writes(self, alphabet: str) -> str:
        """Those characters of the alphabet that this font has a visible glyph of its own for.

        Where small letters look like capitals, only the capitals count: nobody could tell which was written.
        """
        present = [
            character
            for character in alphabet
            if self.glyph(character).mask.any()
            and not np.array_equal(self.glyph(character).mask, self._missing)
        ]
        if self._has_only_capitals:
            present = [character for character in present if not character.islower()]
        return "".join(present)

    @cached_property
    def _missing(self) -> Mask:
        """What stands for characters that the font has no glyph for."""
        return self._draw("\uffff", EM).mask

    @cached_property
    def _has_only_capitals(self) -> bool:
        return sum(self._looks_alike(letter, letter.upper()) for letter in "abdegnrt") > 4

    def _looks_alike(self, one: str, other: str) -> bool:
        """Whether two glyphs, stretched to one size, have the same ink."""
        first, second = (
            np.asarray(Image.fromarray(self.glyph(each).mask).resize((24, 24))) > 127 for each in (one, other)
        )
        return bool((first & second).sum() >= SAME_SHAPE * (first | second).sum())
