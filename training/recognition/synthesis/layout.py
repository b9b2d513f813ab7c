"""Where each character of a text goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from training.recognition.synthesis.affine import Affine, Box
from training.recognition.synthesis.style import Centre, FontChoice, Style
from training.recognition.synthesis.typefaces import EM, Typeface


class Placed(NamedTuple):
    """A character of a laid out text: where its glyph's pixels, at EM size, go."""

    typeface: Typeface
    character: str
    place: Affine

    @property
    def box(self) -> Box:
        """What encloses its glyph in the picture."""
        height, width = self.typeface.glyph(self.character).mask.shape
        return self.place.box(width, height)


def lay_out(
    text: str, typefaces: Sequence[Typeface], style: Style, random: Random
) -> tuple[list[Placed], int]:
    """The characters in place, and the picture's width.

    Raises ValueError where the style has centres for another number of characters.
    """
    written_in = _choose(len(text), typefaces, style, random)
    shapes = _shapes(len(text), style, random)
    if style.centres:
        return _about_centres(text, written_in, shapes, style, random)
    placed = _in_line(text, written_in, shapes, style, random)
    return _fit(placed, style, random)


def _choose(count: int, typefaces: Sequence[Typeface], style: Style, random: Random) -> list[Typeface]:
    """The typeface of each character: one for all, or each its own."""
    one_font = random.random() < style.one_font
    if not style.fonts:
        return [typefaces[0]] * count if one_font else random.choices(typefaces, k=count)
    weights = font_weights(style.fonts, typefaces)
    if one_font:
        return random.choices(typefaces, weights) * count
    return random.choices(typefaces, weights, k=count)


def font_weights(choices: Sequence[FontChoice], typefaces: Sequence[Typeface]) -> list[float]:
    """How often each typeface is written in. Raises ValueError where none of them is among the choices."""
    by_file = {each.fingerprint: each.weight for each in choices if each.fingerprint}
    by_name = {each.name: each.weight for each in choices}
    weights = [by_file.get(each.fingerprint, by_name.get(each.name, 0.0)) for each in typefaces]
    if not any(weights):
        names = ", ".join(each.name for each in choices)
        raise ValueError(f"None of the typefaces at hand is one that the style is written in: {names}.")
    return weights


def _shapes(count: int, style: Style, random: Random) -> list[Affine]:
    """Each character's turn, slant and change of size."""
    upright = random.random() < style.upright
    turn = 0.0 if upright else math.radians(random.uniform(*style.rotation))
    skew = 0.0 if upright else random.uniform(*style.skew)
    slant = math.tan(math.radians(random.uniform(-style.slant, style.slant)))
    slanted = Affine(1, -slant, 0, 1)
    return [_distortion(turn, skew, style.resize, random).after(slanted) for _ in range(count)]


def _distortion(turn: float, skew: float, resize: float, random: Random) -> Affine:
    angle = random.uniform(-turn, turn)
    cos, sin = math.cos(angle), math.sin(angle)
    across, down = random.uniform(-skew, skew), random.uniform(-skew, skew) / 2
    wider, higher = (1 + random.uniform(-resize, resize) for _ in range(2))
    return Affine(cos, -sin, sin, cos).after(Affine(1, across, down, 1)).of(wider, higher)


def _about_centres(
    text: str,
    typefaces: Sequence[Typeface],
    shapes: Sequence[Affine],
    style: Style,
    random: Random,
) -> tuple[list[Placed], int]:
    """Each character about its own centre, wherever the others are."""
    if len(text) != len(style.centres):
        raise ValueError(
            f"The style has places for {len(style.centres)} characters, and {text!r} has {len(text)}."
        )
    width = style.width or style.max_width
    size = style.height * random.uniform(*(style.letter_height or style.text_height)) / EM
    resized = Affine(size * random.uniform(*style.stretch), 0, 0, size)
    placed = []
    for character, typeface, shape, centre in zip(text, typefaces, shapes, style.centres, strict=True):
        where = _scattered(centre, width, style, random)
        place = resized.after(shape).putting(_anchor(typeface, character, style), where)
        placed.append(Placed(typeface, character, place))
    return placed, width


def _scattered(centre: Centre, width: int, style: Style, random: Random) -> tuple[float, float]:
    """A point in the picture, in pixels."""
    if style.scatter == "normal":
        x, y = random.gauss(centre.x, centre.x_deviation), random.gauss(centre.y, centre.y_deviation)
    else:
        # A uniform distribution reaches so many of its standard deviations to either side.
        reach = math.sqrt(3)
        x = centre.x + random.uniform(-reach, reach) * centre.x_deviation
        y = centre.y + random.uniform(-reach, reach) * centre.y_deviation
    return x * width, y * style.height


def _anchor(typeface: Typeface, character: str, style: Style) -> tuple[float, float]:
    """The point of a glyph, in its pixels, that lies on the centre."""
    glyph = typeface.glyph(character)
    if style.anchor == "line":
        return glyph.advance / 2 - glyph.left, typeface.middle - glyph.top
    height, width = glyph.mask.shape
    return width / 2, height / 2


def _in_line(
    text: str,
    typefaces: Sequence[Typeface],
    shapes: Sequence[Affine],
    style: Style,
    random: Random,
) -> list[Placed]:
    """One character after the other, at EM size."""
    slope = random.uniform(-style.slope, style.slope)
    spacing = EM * random.uniform(*(style.wide_spacing if random.random() < style.wide else style.spacing))
    placed, pen = [], 0.0
    for character, typeface, shape in zip(text, typefaces, shapes, strict=True):
        glyph = typeface.glyph(character)
        height, width = glyph.mask.shape
        across = pen + glyph.left + width / 2
        down = glyph.top + height / 2 + slope * pen + EM * random.uniform(-style.rise, style.rise) / 2
        place = shape.putting((width / 2, height / 2), (across, down))
        placed.append(Placed(typeface, character, place))
        uneven = EM * random.uniform(-style.uneven_spacing, style.uneven_spacing)
        pen += max(glyph.advance + spacing + uneven, 0.4 * width)
    return placed


def _fit(placed: Sequence[Placed], style: Style, random: Random) -> tuple[list[Placed], int]:
    """Scales and moves a line into a picture of the style's height."""
    left, top, right, bottom = _around(placed)
    most = style.width or style.max_width
    if style.letter_height is None:
        down = style.height * random.uniform(*style.text_height) / max(bottom - top, 1.0)
    else:
        down = style.height * random.uniform(*style.letter_height) / EM
    across = down * random.uniform(*style.stretch)
    before, after = (style.height * random.uniform(*style.margin) for _ in range(2))
    if style.width is not None and before + after >= most / 2:
        before, after = (share * most / 2 / (before + after) for share in (before, after))
    across = min(across, (most - before - after) / max(right - left, 1.0))
    text_width = across * (right - left)
    width = style.width or min(math.ceil(text_width + before + after), most)
    if style.width is not None:
        before += (width - text_width - before - after) * random.uniform(*style.across)
    above = (style.height - down * (bottom - top)) * random.uniform(*style.down)
    fitting = Affine(across, 0, 0, down, before - across * left, above - down * top)
    return [each._replace(place=fitting.after(each.place)) for each in placed], width


def _around(placed: Sequence[Placed]) -> Box:
    """What encloses all characters."""
    lefts, tops, rights, bottoms = zip(*(each.box for each in placed), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
