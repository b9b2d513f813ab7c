"""The colours of a picture, and the ground behind its text."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.style import Colour, Style

Picture = NDArray[np.uint8]
"""Red, green and blue, shape (height, width, 3)."""

MOST_TRIES = 200
"""Colours that are tried before the best of them is taken: on some grounds no ink has the contrast wanted."""

LUMA = (0.299, 0.587, 0.114)


def choose_colours(characters: int, style: Style, random: Random) -> tuple[Colour, list[Colour]]:
    """The ground's colour and one for each character."""
    grey = random.random() < style.grey
    if style.ground_picture is not None:
        ground = style.ground_colour
    elif style.grounds:
        ground = random.choice(style.grounds)
    elif random.random() < style.white_ground:
        ground = (255, 255, 255)
    else:
        bright = random.uniform(*style.ground_brightness)
        ground = random_colour(bright, 0.0 if grey else style.ground_colourfulness, random)

    def ink() -> Colour:
        if style.inks and style.grounds:
            return _of_contrast(ground, style, random)
        if style.inks:
            return _jittered(random.choice(style.inks), style.ink_jitter, random)
        return _told_apart(ground, grey, style, random)

    many = (style.inks or not grey) and random.random() < style.many_colours
    inks = [ink() for _ in range(characters)] if many else [ink()] * characters
    held_fast = style.ground_picture is not None or style.grounds or style.inks
    if random.random() < style.dark and not held_fast:
        ground, *inks = (_inverted(each) for each in (ground, *inks))
    return ground, inks


def _of_contrast(ground: Colour, style: Style, random: Random) -> Colour:
    """One of the style's inks that can be told from the ground, where there is one."""
    for _ in range(MOST_TRIES):
        found = _jittered(random.choice(style.inks), style.ink_jitter, random)
        if max(abs(a - b) for a, b in zip(found, ground, strict=True)) >= 255 * style.contrast:
            break
    return found


def _told_apart(ground: Colour, grey: bool, style: Style, random: Random) -> Colour:
    """A colour that can be told from the ground; mostly a darker one, as most inks are."""
    best, best_contrast = ground, -1.0
    for _ in range(MOST_TRIES):
        bright = random.uniform(*style.ink_brightness)
        found = random_colour(bright, 0.0 if grey else style.ink_colourfulness, random)
        reached = max(abs(a - b) for a, b in zip(found, ground, strict=True)) / 255
        if reached >= style.contrast and (_luma(found) < _luma(ground) or random.random() < 0.1):
            return found
        if reached > best_contrast:
            best, best_contrast = found, reached
    return best


def _jittered(colour: Colour, jitter: float, random: Random) -> Colour:
    red, green, blue = (
        round(min(max(value + 255 * random.uniform(-jitter, jitter), 0), 255)) for value in colour
    )
    return red, green, blue


def random_colour(brightness: float, colourfulness: float, random: Random) -> Colour:
    """A colour about as bright as told, 0..1, and as far from grey."""
    spread = [brightness + colourfulness * random.uniform(-0.6, 0.6) for _ in range(3)]
    red, green, blue = (int(255 * min(max(value, 0.0), 1.0)) for value in spread)
    return red, green, blue


def _inverted(colour: Colour) -> Colour:
    red, green, blue = (255 - value for value in colour)
    return red, green, blue


def _luma(colour: Colour) -> float:
    return sum(weight * value for weight, value in zip(LUMA, colour, strict=True))


def draw_ground(height: int, width: int, colour: Colour, style: Style, random: Random) -> Picture:
    """One colour, or patches of colours nearby, from large and soft to small and hard; or the style's own."""
    if style.ground_picture is not None:
        return style.ground_picture.copy()
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
