"""Draws one picture of a text in a style."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.style import Style
from training.recognition.synthesis.typefaces import EM, SIZES, Glyph, Typeface

Picture = NDArray[np.uint8]
"""Red, green and blue, shape (height, width, 3)."""

Affine = NDArray[np.float64]
"""From a glyph's pixels to the picture's, shape (2, 3)."""

Colour = tuple[int, int, int]

LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class _Placed:
    """A character of the laid out text, at EM size: where its glyph's pixels go."""

    typeface: Typeface
    character: str
    place: Affine

    @property
    def glyph(self) -> Glyph:
        return self.typeface.glyph(self.character)

    def corners(self) -> NDArray[np.float64]:
        """The four corners of its glyph in the picture, shape (2, 4)."""
        return _corners(self.place, *self.glyph.mask.shape)


def draw(text: str, typefaces: Sequence[Typeface], style: Style, random: Random) -> Picture:
    """A picture of `text`, `style.height` high and at most `style.max_width` wide; equal seeds of `random` give
    equal pictures. The characters are written in the first of the typefaces or each in one of them."""
    placed, width = _lay_out(text, typefaces, style, random)
    ground, inks = _colours(len(text), style, random)
    picture = _ground(style.height, width, ground, style, random)
    behind = random.random() < 0.5
    if behind:
        _scribble(picture, inks, style, random)
    _write(picture, placed, inks, style, random)
    if not behind:
        _scribble(picture, inks, style, random)
    return _spoil(picture, style, random)


def _lay_out(
    text: str, typefaces: Sequence[Typeface], style: Style, random: Random
) -> tuple[list[_Placed], int]:
    """The characters in place, and the picture's width."""
    one_font = random.random() < style.one_font
    upright = random.random() < style.upright
    turn = 0.0 if upright else math.radians(random.uniform(*style.rotation))
    skew = 0.0 if upright else random.uniform(*style.skew)
    slant = math.tan(math.radians(random.uniform(-style.slant, style.slant)))
    slope = random.uniform(-style.slope, style.slope)
    spacing = EM * random.uniform(*(style.wide_spacing if random.random() < style.wide else style.spacing))
    placed, pen = [], 0.0
    for character in text:
        typeface = typefaces[0] if one_font else random.choice(typefaces)
        glyph = typeface.glyph(character)
        height, width = glyph.mask.shape
        linear = _distortion(turn, skew, style.resize, random) @ [[1, -slant], [0, 1]]
        centre = np.array(
            [
                pen + glyph.left + width / 2,
                glyph.top + height / 2 + slope * pen + EM * random.uniform(-style.rise, style.rise) / 2,
            ]
        )
        place = np.column_stack([linear, centre - linear @ (width / 2, height / 2)])
        placed.append(_Placed(typeface, character, place))
        uneven = EM * random.uniform(-style.uneven_spacing, style.uneven_spacing)
        pen += max(glyph.advance + spacing + uneven, 0.4 * width)
    return _fit(placed, style, random)


def _distortion(turn: float, skew: float, resize: float, random: Random) -> NDArray[np.float64]:
    """A random turn (radians), slant and change of size of one character, shape (2, 2)."""
    angle = random.uniform(-turn, turn)
    cos, sin = math.cos(angle), math.sin(angle)
    across, down = random.uniform(-skew, skew), random.uniform(-skew, skew) / 2
    size = np.diag([1 + random.uniform(-resize, resize) for _ in range(2)])
    distortion: NDArray[np.float64] = np.array([[cos, -sin], [sin, cos]]) @ [[1, across], [down, 1]] @ size
    return distortion


def _fit(placed: list[_Placed], style: Style, random: Random) -> tuple[list[_Placed], int]:
    """Scales and moves a laid out text into a picture of the style's height."""
    corners = np.concatenate([each.corners() for each in placed], axis=1)
    (left, top), (right, bottom) = corners.min(axis=1), corners.max(axis=1)
    text_height = style.height * random.uniform(*style.text_height)
    down = text_height / max(bottom - top, 1.0)
    across = down * random.uniform(*style.stretch)
    before, after = (style.height * random.uniform(*style.margin) for _ in range(2))
    across = min(across, (style.max_width - before - after) / max(right - left, 1.0))
    width = math.ceil(across * (right - left) + before + after)
    above = random.uniform(0, style.height - text_height)
    scale = np.array([[across], [down]])
    moved = np.array([before - across * left, above - down * top])
    fitted = []
    for each in placed:
        place = each.place * scale
        place[:, 2] += moved
        fitted.append(_Placed(each.typeface, each.character, place))
    return fitted, min(width, style.max_width)


def _corners(place: Affine, height: int, width: int) -> NDArray[np.float64]:
    corners: NDArray[np.float64] = place @ np.array(
        [[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]]
    )
    return corners


def _colours(characters: int, style: Style, random: Random) -> tuple[Colour, list[Colour]]:
    """The ground's colour and one for each character."""
    grey = random.random() < style.grey
    if random.random() < style.white_ground:
        ground = (255, 255, 255)
    else:
        bright = random.uniform(0.6, 1.0)
        ground = _colour(bright, 0.0 if grey else 0.25, random)

    def ink() -> Colour:
        while True:
            found = _colour(random.random(), 0.0 if grey else 1.0, random)
            if max(abs(a - b) for a, b in zip(found, ground, strict=True)) >= 255 * style.contrast and (
                _luma(found) < _luma(ground) or random.random() < 0.1
            ):
                return found

    many = not grey and random.random() < style.many_colours
    inks = [ink() for _ in range(characters)] if many else [ink()] * characters
    if random.random() < style.dark:
        ground, *inks = (_inverted(each) for each in (ground, *inks))
    return ground, inks


def _colour(brightness: float, colourfulness: float, random: Random) -> Colour:
    spread = [brightness + colourfulness * random.uniform(-0.6, 0.6) for _ in range(3)]
    red, green, blue = (int(255 * min(max(value, 0.0), 1.0)) for value in spread)
    return red, green, blue


def _inverted(colour: Colour) -> Colour:
    red, green, blue = (255 - value for value in colour)
    return red, green, blue


def _luma(colour: Colour) -> float:
    return sum(weight * value for weight, value in zip(LUMA, colour, strict=True))


def _ground(height: int, width: int, colour: Colour, style: Style, random: Random) -> Picture:
    """One colour, or patches of colours nearby, from large and soft to small and hard."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = colour
    if random.random() < style.plain_ground:
        return picture
    cell = random.choice((2, 4, 8, 16, 40))
    rows, columns = -(-height // cell) + 1, -(-width // cell) + 1
    strength = random.uniform(3, 24)
    generator = np.random.default_rng(random.getrandbits(32))
    channels = 1 if colour[0] == colour[1] == colour[2] else 3
    patches = generator.uniform(-strength, strength, (rows, columns, channels)).astype(np.float32)
    how = cv2.INTER_LINEAR if random.random() < 0.7 else cv2.INTER_NEAREST
    spread = np.asarray(cv2.resize(patches, (width, height), interpolation=how), np.float32)
    patchy: Picture = np.clip(picture + spread.reshape(height, width, channels), 0, 255).astype(np.uint8)
    return patchy


def _write(
    picture: Picture, placed: Sequence[_Placed], inks: Sequence[Colour], style: Style, random: Random
) -> None:
    """Puts the characters' ink on the picture."""
    height, width, _ = picture.shape
    stroke = random.random()
    mask = np.zeros((height, width), np.uint8)
    ink = np.empty_like(picture)
    ink[:] = inks[0]
    for each, colour in zip(placed, inks, strict=True):
        area = _stamp(mask, each, stroke, style)
        if area is not None and colour != inks[0]:
            rows, columns, own = area
            ink[rows, columns][own] = colour
    share = mask[..., None].astype(np.uint16)
    picture[:] = (picture * (255 - share) + ink * share) // 255


def _stamp(
    mask: NDArray[np.uint8], placed: _Placed, stroke: float, style: Style
) -> tuple[slice, slice, NDArray[np.bool_]] | None:
    """Adds one character's ink to the mask; where, and which pixels there are its own."""
    height, width = mask.shape
    corners = placed.corners()
    left, top = np.maximum(np.floor(corners.min(axis=1)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=1)).astype(int) + 1, (width, height))
    if right <= left or bottom <= top:
        return None
    scale = math.sqrt(abs(float(np.linalg.det(placed.place[:, :2]))))
    size = next((each for each in SIZES if each >= 0.9 * EM * scale), EM)
    glyph = placed.typeface.glyph(placed.character, size)
    place = placed.place.copy()
    large = placed.glyph.mask.shape
    place[:, 0] *= large[1] / glyph.mask.shape[1]
    place[:, 1] *= large[0] / glyph.mask.shape[0]
    place[:, 2] -= (left, top)
    stamped = cv2.warpAffine(
        glyph.mask, place, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR
    )
    stamped = _restroke(np.asarray(stamped, np.uint8), stroke, style)
    rows, columns = slice(int(top), int(bottom)), slice(int(left), int(right))
    before = mask[rows, columns]
    own: NDArray[np.bool_] = stamped > before
    np.maximum(before, stamped, out=before)
    return rows, columns, own


CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


def _restroke(ink: NDArray[np.uint8], stroke: float, style: Style) -> NDArray[np.uint8]:
    """Thinner, thicker or hollow strokes, as `stroke` 0..1 falls on one of their probabilities."""
    if stroke < style.thinner:
        return np.asarray(cv2.addWeighted(ink, 0.5, cv2.erode(ink, CROSS), 0.5, 0), np.uint8)
    stroke -= style.thinner
    if stroke < style.thicker:
        return np.asarray(cv2.dilate(ink, CROSS), np.uint8)
    stroke -= style.thicker
    if stroke < style.hollow:
        return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_GRADIENT, CROSS), np.uint8)
    return ink


def _scribble(picture: Picture, inks: Sequence[Colour], style: Style, random: Random) -> None:
    """Lines, arcs and dots."""
    height, width, _ = picture.shape

    def colour() -> Colour:
        kind = random.random()
        if kind < 0.4:
            return random.choice(inks)
        if kind < 0.6:
            return (0, 0, 0)
        return _colour(random.random(), 0.0 if len(set(inks[0])) == 1 else 1.0, random)

    def point() -> tuple[int, int]:
        return random.randint(-10, width + 10), random.randint(-5, height + 5)

    if random.random() < style.lined:
        one_colour = colour() if random.random() < 0.6 else None
        for _ in range(random.randint(*style.lines)):
            thickness = random.choice((1, 1, 1, 1, 2, 2, 3))
            paint = one_colour or colour()
            if random.random() < 0.75:
                cv2.line(picture, point(), point(), paint, thickness, cv2.LINE_AA)
            else:
                axes = (random.randint(5, width), random.randint(3, height))
                start = random.randint(0, 360)
                end = start + random.randint(40, 200)
                cv2.ellipse(
                    picture, point(), axes, random.randint(0, 180), start, end, paint, thickness, cv2.LINE_AA
                )
    if random.random() < style.dotted:
        one_colour = colour() if random.random() < 0.5 else None
        radius = random.choice((0, 0, 1, 2))
        for _ in range(random.randint(*style.dots) // (1 + 2 * radius)):
            cv2.circle(picture, point(), radius, one_colour or colour(), -1)


def _spoil(picture: Picture, style: Style, random: Random) -> Picture:
    """What printing, scaling and compressing do to a picture."""
    height, width, _ = picture.shape
    if random.random() < style.bent:
        picture = _bend(picture, height * random.uniform(*style.bend), random)
    if random.random() < style.coarse:
        share = random.uniform(0.6, 0.9)
        small = (max(int(width * share), 1), max(int(height * share), 1))
        small_picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        how = random.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST))
        picture = np.asarray(cv2.resize(small_picture, (width, height), interpolation=how), np.uint8)
    if random.random() < style.blurred:
        deviation = max(height * random.uniform(*style.blur), 0.05)
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation), np.uint8)
    if random.random() < style.noisy:
        deviation = 255 * random.uniform(*style.noise)
        generator = np.random.default_rng(random.getrandbits(32))
        channels = 1 if random.random() < 0.5 else 3
        grains = generator.standard_normal((height, width, channels), np.float32) * np.float32(deviation)
        picture = np.clip(picture + grains, 0, 255).astype(np.uint8)
    if random.random() < style.compressed:
        quality = random.randint(*style.jpeg)
        _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return picture


def _bend(picture: Picture, amplitude: float, random: Random) -> Picture:
    height, width, _ = picture.shape
    length = height * random.uniform(1.5, 5)
    phase, other = random.uniform(0, 2 * math.pi), random.uniform(0, 2 * math.pi)
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    from_y = y[:, None] + (amplitude * np.sin(2 * np.pi * x / length + phase)).astype(np.float32)[None, :]
    from_x = x[None, :] + (amplitude * np.sin(2 * np.pi * y / length + other)).astype(np.float32)[:, None]
    bent = cv2.remap(picture, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bent, np.uint8)
