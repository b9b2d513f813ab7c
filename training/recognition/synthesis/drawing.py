"""Draws one picture of a text in a style."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.colours import Picture, choose_colours, draw_ground
from training.recognition.synthesis.layout import Placed, lay_out
from training.recognition.synthesis.scribbles import scribble
from training.recognition.synthesis.style import Colour, Style
from training.recognition.synthesis.typefaces import EM, SIZES, Typeface
from training.recognition.synthesis.wear import bend, blur, wear


def draw(text: str, typefaces: Sequence[Typeface], style: Style, random: Random) -> Picture:
    """A picture of `text`, `style.height` high and at most `style.max_width` wide; equal seeds of `random` give
    equal pictures.

    The characters are written in one of the typefaces or each in one of them: as often as the style's `fonts` say,
    or else all in the first. Raises ValueError with a sentence where the style has places for another number of
    characters, or is written in fonts that are not among the typefaces.
    """
    placed, width = lay_out(text, typefaces, style, random)
    ground, inks = choose_colours(len(text), style, random)
    picture = draw_ground(style.height, width, ground, style, random)
    behind = random.random() < style.behind
    if behind:
        scribble(picture, inks, style, random)
    _write(picture, placed, inks, style, random)
    if not behind:
        scribble(picture, inks, style, random)
    if style.cover is not None:
        _blend(picture, style.cover[:, :, :3], style.cover[:, :, 3])
    return wear(picture, style, random)


def _write(
    picture: Picture, placed: Sequence[Placed], inks: Sequence[Colour], style: Style, random: Random
) -> None:
    """Puts the characters' ink on the picture."""
    height, width, _ = picture.shape
    kind = random.random()
    stroke = random.uniform(*style.stroke)
    mask = np.zeros((height, width), np.uint8)
    ink = np.empty_like(picture)
    ink[:] = inks[0]
    for each, colour in zip(placed, inks, strict=True):
        area = _stamp(mask, each, kind, stroke, style)
        if area is not None and colour != inks[0]:
            rows, columns, own = area
            ink[rows, columns][own] = colour
    if style.crisp and random.random() < style.crisp:
        mask = np.where(mask > 127, 255, 0).astype(np.uint8)
    if style.ground_picture is not None and random.random() < style.bent:
        ink, mask = bend([ink, mask], height * random.uniform(*style.bend), random)
    if style.ground_picture is not None and random.random() < style.blurred:
        mask = blur(mask, style, random)
    _blend(picture, ink, mask)


def _blend(picture: Picture, ink: Picture, mask: NDArray[np.uint8]) -> None:
    """Covers a picture with ink where the mask is 255, and in part where it is less."""
    left, top, width, height = cv2.boundingRect(mask)
    if width == 0:
        return
    where = (slice(top, top + height), slice(left, left + width))
    share = mask[where] * np.float32(1 / 255)
    picture[where] = cv2.blendLinear(ink[where], picture[where], share, 1 - share)


def _stamp(
    mask: NDArray[np.uint8], placed: Placed, kind: float, stroke: float, style: Style
) -> tuple[slice, slice, NDArray[np.bool_]] | None:
    """Adds one character's ink to the mask; where, and which pixels there are its own."""
    height, width = mask.shape
    left, top, right, bottom = placed.box
    around = 1 + max(stroke, 0.0)
    left, top = max(math.floor(left - around), 0), max(math.floor(top - around), 0)
    right, bottom = min(math.ceil(right + around), width), min(math.ceil(bottom + around), height)
    if right <= left or bottom <= top:
        return None
    size = (right - left, bottom - top)
    moved = placed._replace(place=placed.place.moved(-left, -top))
    stamped = _plain(moved, size) if stroke == 0 else _stroked(moved, size, stroke)
    stamped = _restroke(stamped, kind, style)
    rows, columns = slice(top, bottom), slice(left, right)
    before = mask[rows, columns]
    own: NDArray[np.bool_] = stamped > before
    np.maximum(before, stamped, out=before)
    return rows, columns, own


def _plain(placed: Placed, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The character's ink in a picture of that width and height."""
    typeface, character, place = placed
    wanted = 0.9 * EM * place.scale
    mask = typeface.glyph(character, next((each for each in SIZES if each >= wanted), EM)).mask
    height, width = typeface.glyph(character).mask.shape
    matrix = place.of(width / mask.shape[1], height / mask.shape[0]).for_pixels()
    return np.asarray(cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


def _stroked(placed: Placed, size: tuple[int, int], stroke: float) -> NDArray[np.uint8]:
    """The same with strokes that are `stroke` pixels wider: the distance to the edge, moved."""
    typeface, character, place = placed
    distances = typeface.distances(character)
    matrix = place.putting((distances.margin, distances.margin), (place.x, place.y)).for_pixels()
    far = cv2.warpAffine(distances.outwards, matrix, size, flags=cv2.INTER_LINEAR, borderValue=EM)
    share = cv2.convertScaleAbs(
        np.maximum((0.5 + stroke / 2) / place.scale - np.asarray(far, np.float32), 0), alpha=255 * place.scale
    )
    return np.asarray(share, np.uint8)


CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


def _restroke(ink: NDArray[np.uint8], kind: float, style: Style) -> NDArray[np.uint8]:
    """Thinner, thicker or hollow strokes, as `kind` 0..1 falls on one of their probabilities."""
    if kind < style.thinner:
        return np.asarray(cv2.addWeighted(ink, 0.5, cv2.erode(ink, CROSS), 0.5, 0), np.uint8)
    kind -= style.thinner
    if kind < style.thicker:
        return np.asarray(cv2.dilate(ink, CROSS), np.uint8)
    kind -= style.thicker
    if kind < style.hollow:
        return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_GRADIENT, CROSS), np.uint8)
    return ink
