"""What captchas do to a drawn text beyond what a style says: uneven light, strokes from edge to edge in the text's
colour, ragged ink, edge filters, cut edges, paleness.

Each effect takes a picture, uint8 (height, width, 3), and gives one of the same size. None of them copies a generator:
they are the families of tricks that such pictures use, in strengths that people still read.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

SAMPLED = 300
"""Pixels that are asked for the text's colour."""


def spoil(picture: Picture, random: Random) -> Picture:
    """The picture after each of `EFFECTS` as often as it says there."""
    for effect, probability in EFFECTS:
        if random.random() < probability:
            picture = effect(picture, random)
    return picture


def cut_edges(picture: Picture, random: Random) -> Picture:
    """Less above or below, or both: characters may touch the edge or lose a little there."""
    height, width, _ = picture.shape
    above, below = (int(height * max(0.0, random.uniform(-0.1, 0.22))) for _ in range(2))
    rest = picture[above : height - below]
    return np.asarray(cv2.resize(rest, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def cross(picture: Picture, random: Random) -> Picture:
    """Waves or jagged lines from side to side, mostly in the text's own colour."""
    height, width, _ = picture.shape
    ink = _ink(picture, random)
    crossed = picture.copy()
    most = random.choice((1, 1, 2, 3))
    for _ in range(random.choice((1, 1, 2, 2, 3, 4))):
        any_colour = tuple(random.randint(0, 255) for _ in range(3))
        (colour,) = random.choices((ink, (0, 0, 0), any_colour), (0.65, 0.15, 0.2))
        line = _wave(height, width, random) if random.random() < 0.6 else _jagged(height, width, random)
        thickness = random.randint(1, most)
        smooth = cv2.LINE_AA if random.random() < 0.7 else cv2.LINE_8
        cv2.polylines(crossed, [line], False, colour, thickness, smooth)
    return crossed


def _ink(picture: Picture, random: Random) -> tuple[int, ...]:
    """The colour that is farthest from the most usual one, among a few pixels."""
    height, width, _ = picture.shape
    generator = np.random.default_rng(random.getrandbits(32))
    pixels = picture[generator.integers(0, height, SAMPLED), generator.integers(0, width, SAMPLED)].astype(
        int
    )
    far = np.abs(pixels - np.median(pixels, axis=0)).sum(axis=1).argmax()
    return tuple(int(value) for value in pixels[far])


def _wave(height: int, width: int, random: Random) -> NDArray[np.int32]:
    x = np.arange(int(width * random.uniform(-0.05, 0.4)), int(width * random.uniform(0.6, 1.05)), 3)
    length = height * random.uniform(0.8, 5)
    y = (
        height * random.uniform(0.15, 0.85)
        + height * random.uniform(0.02, 0.22) * np.sin(2 * math.pi * x / length + random.uniform(0, 7))
        + random.uniform(-0.25, 0.25) * height * (x / width - 0.5)
    )
    return np.stack([x, y], axis=1).round().astype(np.int32)


def _jagged(height: int, width: int, random: Random) -> NDArray[np.int32]:
    bends = random.randint(2, 6)
    left, right = random.uniform(-0.05, 0.3) * width, random.uniform(0.6, 1.05) * width
    x = np.linspace(left, right, bends) + np.array([random.uniform(-8, 8) for _ in range(bends)])
    y = np.array([random.uniform(0.05, 0.95) * height for _ in range(bends)])
    return np.stack([x, y], axis=1).round().astype(np.int32)


def fray(picture: Picture, random: Random) -> Picture:
    """Every pixel from a place nearby, drawn at random: ragged ink, in the whole picture or ever more to one side."""
    height, width, _ = picture.shape
    generator = np.random.default_rng(random.getrandbits(32))
    reach = random.uniform(0.6, 2.2)
    strength = np.full(width, reach, np.float32)
    if random.random() < 0.5:
        strength = np.linspace(0, reach, width, dtype=np.float32)[:: random.choice((1, -1))]
    jumps = generator.uniform(-1, 1, (2, height, width)).astype(np.float32) * strength
    if random.random() < 0.4:
        jumps[random.randint(0, 1)] = 0
    x = np.arange(width, dtype=np.float32) + jumps[0]
    y = np.arange(height, dtype=np.float32)[:, None] + jumps[1]
    how = random.choice((cv2.INTER_NEAREST, cv2.INTER_LINEAR))
    return np.asarray(cv2.remap(picture, x, y, how, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def light(picture: Picture, random: Random) -> Picture:
    """Darker or brighter from one side or corner to the other."""
    height, width, _ = picture.shape
    turn = random.uniform(0, 2 * math.pi)
    x, y = np.linspace(-0.5, 0.5, width, dtype=np.float32), np.linspace(-0.5, 0.5, height, dtype=np.float32)
    ramp = (math.cos(turn) * x + math.sin(turn) * y[:, None])[..., None]
    strength = random.uniform(20, 110)
    return _bytes(picture + strength * ramp - strength / 3)


def filter_edges(picture: Picture, random: Random) -> Picture:
    """Sharpened edges, edges alone, or a relief, as picture editors make them."""
    kind = random.random()
    if kind < 0.5:
        blurred = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.8, 2.0))
        share = random.uniform(0.5, 2.5)
        return np.asarray(cv2.addWeighted(picture, 1 + share, blurred, -share, 0), np.uint8)
    if kind < 0.75:
        kernel, ground = np.array([[-1, 0, 0], [0, 1, 0], [0, 0, 0]], np.float32), 128
    else:
        kernel, ground = np.full((3, 3), -1, np.float32), random.choice((0, 255))
        kernel[1, 1] = 8
    return np.asarray(cv2.filter2D(picture, -1, kernel, delta=ground), np.uint8)


def fade(picture: Picture, random: Random) -> Picture:
    """Less contrast."""
    grey = random.choice((0, 128, 200, 255))
    share = random.uniform(0.25, 0.7)
    return _bytes(grey + share * (picture.astype(np.float32) - grey))


def _bytes(picture: NDArray[np.floating]) -> Picture:
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


EFFECTS: tuple[tuple[Callable[[Picture, Random], Picture], float], ...] = (
    (cut_edges, 0.2),
    (cross, 0.35),
    (fray, 0.2),
    (light, 0.2),
    (filter_edges, 0.06),
    (fade, 0.1),
)
"""In this order; the probability of each."""
