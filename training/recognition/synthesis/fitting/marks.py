"""Marks of ink that are probably single characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from labeling.imaging.slicing import Box, Components, natural_parts, slice_boxes
from training.recognition.synthesis.fitting.ink import InkMap

SMALLEST = 0.12
"""A mark that is lower than this share of the picture is no character."""

ENOUGH = 60
"""So many pictures whose characters stand apart tell how characters look; with fewer, touching ones are cut."""


@dataclass(frozen=True)
class Mark:
    """A character's ink, cut out: `ink` float32 (h, w), `box` where in the picture, `picture` which of them, `place`
    its number from the left."""

    ink: InkMap
    box: Box
    picture: int
    place: int


@dataclass(frozen=True)
class Marks:
    """Single characters; `apart` is the share of the pictures whose characters stand apart, `cut` whether touching ones
    had to be cut by their profile."""

    marks: list[Mark]
    apart: float
    cut: bool


def find_marks(maps: Sequence[InkMap], min_length: int, max_length: int, thin: bool) -> Marks:
    """Single characters of pictures with as many separate marks as the text has characters.

    Thin lines are opened away first where `thin` says that there are any. Where few pictures have separate characters,
    their ink is cut into as many parts as characters are expected (labeling.imaging.slicing).
    """
    natural: list[Mark] = []
    forced: list[Mark] = []
    apart = 0
    for index, ink in enumerate(maps):
        cleaned = without_lines(ink) if thin else ink
        parts = [
            part
            for part in natural_parts(cleaned[..., None], Components(), max_length)
            if part.height >= SMALLEST * ink.shape[0]
        ]
        if min_length <= len(parts) <= max_length and _alike(parts):
            apart += 1
            natural += [_cut(cleaned, part, index, place) for place, part in enumerate(parts)]
        elif min_length == max_length and len(forced) < 300 * max_length:
            parts = slice_boxes(cleaned[..., None], Components(), max_length)
            forced += [_cut(cleaned, part, index, place) for place, part in enumerate(parts)]
    if apart >= min(ENOUGH, 0.5 * len(maps)) or not forced:
        return Marks(natural, apart / len(maps), cut=False)
    return Marks(natural + forced, apart / len(maps), cut=True)


def without_lines(ink: InkMap) -> InkMap:
    """The ink without strokes thinner than three pixels; what was cut out of the edges of thicker ones comes back."""
    body = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    near = cv2.dilate(body, np.ones((3, 3), np.uint8))
    return np.minimum(ink, near).astype(np.float32)


def thin_share(ink: InkMap) -> float:
    """The share of the ink in strokes thinner than three pixels, 0..1."""
    total = float(ink.sum())
    return 1 - float(without_lines(ink).sum()) / total if total > 0 else 0.0


def stroke_width(ink: InkMap) -> float:
    """The usual width of strokes in pixels: twice the distance from their spines (ridges of the distance transform) to
    where the ink ends."""
    mask = (ink > 0.5).astype(np.uint8)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    ridge = (inside >= cv2.dilate(inside, np.ones((3, 3), np.uint8))) & (mask > 0)
    return float(2 * np.median(inside[ridge]) - 1) if ridge.any() else 0.0


def _alike(parts: Sequence[Box]) -> bool:
    """Whether boxes may all be single characters: none twice as high, or more than two and a half times as wide, as
    is usual among them."""
    heights, widths = [part.height for part in parts], [part.width for part in parts]
    return max(heights) <= 2.0 * float(np.median(heights)) and max(widths) <= 2.6 * float(np.median(widths))


def _cut(ink: InkMap, box: Box, picture: int, place: int) -> Mark:
    return Mark(ink[box.top : box.bottom, box.left : box.right], box, picture, place)


def touches_edge(mark: Mark, shape: tuple[int, ...]) -> bool:
    """Whether a mark may be cut off by its picture of this shape."""
    return (
        mark.box.left <= 0 or mark.box.top <= 0 or mark.box.right >= shape[1] or mark.box.bottom >= shape[0]
    )
