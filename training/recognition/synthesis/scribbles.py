"""Lines, arcs and dots over or under a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.colours import Picture, random_colour
from training.recognition.synthesis.style import Colour, Style

COLOURS_OF_DOTS = 8
"""So many different ones in a picture whose dots differ; more cannot be told from each other."""

BEYOND = (10, 5)
"""Pixels beyond the left and right, and the upper and lower edges, to which lines and dots reach."""

Paint = Callable[[], Colour]


def scribble(picture: Picture, inks: Sequence[Colour], style: Style, random: Random) -> None:
    """Draws lines, arcs and dots into a picture."""

    def paint() -> Colour:
        if style.line_inks:
            return random.choice(style.line_inks)
        if random.random() < style.in_ink:
            return random.choice(inks)
        if random.random() < 1 / 3:
            return (0, 0, 0)
        return random_colour(random.random(), 0.0 if len(set(inks[0])) == 1 else 1.0, random)

    if random.random() < style.lined:
        _draw_lines(picture, paint, style, random)
    if random.random() < style.dotted:
        _draw_dots(picture, paint, style, random)


def _draw_lines(picture: Picture, paint: Paint, style: Style, random: Random) -> None:
    height, width, _ = picture.shape

    def point() -> tuple[int, int]:
        return (
            random.randint(-BEYOND[0], width + BEYOND[0]),
            random.randint(-BEYOND[1], height + BEYOND[1]),
        )

    one_colour = paint() if random.random() < 0.6 else None
    for _ in range(random.randint(*style.lines)):
        thickness = _within(style.line_width, random.choice((1, 1, 1, 1, 2, 2, 3)))
        colour = one_colour or paint()
        if random.random() >= style.arcs:
            cv2.line(picture, point(), point(), colour, thickness, cv2.LINE_AA)
        else:
            axes = (random.randint(5, width), random.randint(3, height))
            start, turn = random.randint(0, 360), random.randint(0, 180)
            end = start + random.randint(40, 200)
            cv2.ellipse(picture, point(), axes, turn, start, end, colour, thickness, cv2.LINE_AA)


def _draw_dots(picture: Picture, paint: Paint, style: Style, random: Random) -> None:
    height, width, _ = picture.shape
    radius = _within(style.dot_radius, random.choice((0, 0, 1, 2)))
    count = random.randint(*style.dots) // (1 + 2 * radius)
    palette = [paint()] if random.random() < 0.5 else [paint() for _ in range(COLOURS_OF_DOTS)]
    generator = np.random.default_rng(random.getrandbits(32))
    middles = generator.integers(
        (-BEYOND[1], -BEYOND[0]), (height + BEYOND[1], width + BEYOND[0]), (count, 2), endpoint=True
    )
    colours = np.array(palette, np.uint8)[generator.integers(len(palette), size=count)]
    pixels = middles[:, None] + _disc(radius)
    inside = ((pixels >= 0) & (pixels < (height, width))).all(axis=2)
    rows, columns = pixels[inside].T
    picture[rows, columns] = np.broadcast_to(colours[:, None], (*inside.shape, 3))[inside]


@lru_cache
def _disc(radius: int) -> NDArray[np.int64]:
    """The pixels of a dot, down and across from its middle: shape (n, 2)."""
    size = 2 * radius + 1
    drawn = cv2.circle(np.zeros((size, size), np.uint8), (radius, radius), radius, 1, -1)
    return np.argwhere(drawn) - radius


def _within(bounds: tuple[int, int], value: int) -> int:
    return min(max(value, bounds[0]), bounds[1])
