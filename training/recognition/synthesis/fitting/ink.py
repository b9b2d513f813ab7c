"""The ink of pictures: where it is, and its colours."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.fitting.gathering import Colours, Gathered
from training.recognition.synthesis.fitting.ground import NEAR, Ground, commonest_colour

InkMap = NDArray[np.float32]
"""How far each pixel is ink, 0..1, shape (height, width)."""

FLOOR = 16
"""Less than this (of 255) from the ground is never ink."""

ROUGHNESS = 3
"""Nor is what differs less than so many times the ground's own unevenness."""

ONE = 0.75
"""Share of the pictures whose ink must be near one colour to say that there is but one."""

SEVERAL = 0.5
"""Share of the pictures whose marks differ in colour for each character to have a colour of its own."""

KEPT = 48
"""So many observed colours stand for colours that are drawn at random."""

REACH = 2
"""Pixels from which a gap in the ink map, where fixed noise hides it, is filled."""


@dataclass(frozen=True)
class Ink:
    """The colours of the text.

    colours: uint8 (m, 3), one or, where they are random, many observed ones.
    jitter: how far colours lie from these, standard deviation as a share of 255.
    many: whether characters of one picture have colours of their own.
    spread: how far the pictures' colours lie from their middle, median of 255.
    """

    colours: NDArray[np.uint8]
    jitter: float
    many: bool
    spread: float

    @property
    def only(self) -> NDArray[np.float32] | None:
        """The one colour of all text, (3,); None where there are several."""
        return self.colours[0].astype(np.float32) if len(self.colours) == 1 else None


def estimate_ink(gathered: Gathered, ground: Ground) -> Ink:
    """The colours of what stands out from the ground, measured away from the edges of strokes."""
    per_picture, within = [], []
    for index, picture in enumerate(gathered.pictures[:400]):
        distance = hide_noise(ground.distance(picture, index), ground.noise)
        core = _core(distance, _floor(ground))
        if core.sum() < 12:
            continue
        per_picture.append(commonest_colour(picture[core][None]))
        count, labels = cv2.connectedComponents(core.astype(np.uint8), connectivity=8)
        marks = [picture[labels == label] for label in range(1, min(count, 12))]
        tones = [np.median(mark, axis=0) for mark in marks if len(mark) >= 6]
        if len(tones) >= 3:
            spread = np.abs(np.array(tones) - np.median(tones, axis=0)).max(axis=1)
            within.append(float(np.median(spread)))
    if not per_picture:
        return Ink(np.zeros((1, 3), np.uint8), 0.0, False, 0.0)
    colours = np.stack(per_picture)
    middle = commonest_colour(colours[None].astype(np.uint8))
    distances = np.abs(colours - middle).max(axis=1)
    many = len(within) >= 20 and float(np.mean(np.array(within) > NEAR)) >= SEVERAL
    if float((distances <= NEAR).mean()) >= ONE and not many:
        near = colours[distances <= NEAR]
        jitter = float(np.clip(near.std(axis=0).mean() - 3, 0, None)) / 255
        return Ink(
            np.rint(np.median(near, axis=0)).astype(np.uint8)[None],
            jitter,
            False,
            float(np.median(distances)),
        )
    chosen = np.linspace(0, len(colours) - 1, min(KEPT, len(colours))).astype(int)
    return Ink(np.rint(colours[chosen]).astype(np.uint8), 0.04, many, float(np.median(distances)))


def ink_maps(gathered: Gathered, ground: Ground, ink: Ink) -> list[InkMap]:
    """One map for each picture.

    Of one ink on a fixed ground, a pixel's share of ink is how far it is on the way from ground to ink; else how far it
    differs from its ground beside the strongest difference within a stroke's reach.
    """
    return [ink_map(picture, index, ground, ink) for index, picture in enumerate(gathered.pictures)]


def ink_map(picture: Colours, index: int, ground: Ground, ink: Ink) -> InkMap:
    """The map of one picture, whose ground has this index."""
    floor = _floor(ground)
    if ink.only is not None:
        paper = ground.colours[index] if ground.picture is None else ground.picture.astype(np.float32)
        way = ink.only - paper
        length = np.maximum(np.square(way).sum(axis=-1), 1.0)
        share = ((picture.astype(np.float32) - paper) * way).sum(axis=2) / length
        share = share.astype(np.float32)
    else:
        distance = ground.distance(picture, index)
        strongest = cv2.dilate(distance, np.ones((5, 5), np.uint8))
        share = np.asarray(distance / np.maximum(strongest, 2 * floor), np.float32)
        share[distance < floor] = 0
    hidden = hide_noise(share, ground.noise)
    found: InkMap = np.clip(hidden, 0, 1)
    return found


def hide_noise(values: NDArray[np.float32], noise: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    """Values (h, w) with those of fixed noise filled from around."""
    if noise is None or not noise.any():
        return values
    side = (2 * REACH + 1,) * 2
    kept = (~noise).astype(np.float32)
    count = cv2.boxFilter(kept, -1, side, normalize=False)
    mean = cv2.boxFilter(values * kept, -1, side, normalize=False) / np.maximum(count, 1)
    return np.where(noise & (count > 0.5), mean, values).astype(np.float32)


def _floor(ground: Ground) -> float:
    return max(float(FLOOR), ROUGHNESS * ground.unevenness)


def _core(distance: NDArray[np.float32], floor: float) -> NDArray[np.bool_]:
    """The insides of strokes, (h, w); all ink where strokes are too thin to have any."""
    levels = np.minimum(distance, 255).astype(np.uint8)
    otsu, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = (distance > max(0.6 * otsu, floor)).astype(np.uint8)
    inside = cv2.erode(mask, np.ones((3, 3), np.uint8))
    core: NDArray[np.bool_] = (inside if inside.sum() >= 0.1 * mask.sum() else mask) > 0
    return core
