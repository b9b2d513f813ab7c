"""The pictures to fit to, made alike: laid on white, of one height, and of one size where they share one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

import cv2
import numpy as np
from numpy.typing import NDArray

from labeling.imaging.arrays import Pixels

Colours = NDArray[np.uint8]
"""A picture's red, green and blue, shape (height, width, 3)."""

FEWEST = 50
"""From fewer pictures, what happens to repeat could pass for what is fixed."""

ONE_SIZE = 0.9
"""Share of the pictures that must have one size for the others to be left out."""

MOST_VALUES = 40_000_000
"""Of the pictures' red, green and blue: more are sampled, so that memory and time stay bounded."""

TALLEST = 120
"""Pixels; taller pictures are fitted to at this height, for which readers scale them down anyway."""

LEAST_CHANGE = 12
"""A picture nowhere differs more than this (of 255) from its commonest colour: nothing is written on it."""


class NothingToFit(ValueError):
    """A style cannot be told from these pictures; the message is a sentence for people."""


@dataclass(frozen=True)
class Gathered:
    """Pictures of one height; `width` is None where their widths differ. `left_out` counts pictures of other sizes."""

    pictures: list[Colours]
    height: int
    width: int | None
    left_out: int

    @property
    def stack(self) -> NDArray[np.uint8]:
        """All pictures in one array, shape (n, height, width, 3). Raises ValueError where their widths differ."""
        return np.stack(self.pictures)


def gather(pixels: Sequence[Pixels], seed: int) -> Gathered:
    """Pictures of uint8 RGBA pixels (h, w, 4), at least FEWEST and with something on them.

    Where nearly all have one size, the others are left out; else all get the middle one of their heights.
    Raises NothingToFit with a sentence.
    """
    if len(pixels) < FEWEST:
        raise NothingToFit(
            f"A style cannot be told from {len(pixels)} {'picture' if len(pixels) == 1 else 'pictures'}: "
            f"what repeats by chance would pass for what is fixed. Import at least {FEWEST}."
        )
    (commonest, count), *_ = Counter(each.shape[:2] for each in pixels).most_common(1)
    same = count >= ONE_SIZE * len(pixels)
    used = [each for each in pixels if each.shape[:2] == commonest] if same else list(pixels)
    height = commonest[0] if same else median_low([each.shape[0] for each in used])
    height = min(height, TALLEST)
    widths = [round(each.shape[1] * height / each.shape[0]) for each in used]
    most = max(FEWEST, MOST_VALUES // (3 * height * max(1, sum(widths) // len(widths))))
    if len(used) > most:
        chosen = np.sort(np.random.default_rng(seed).permutation(len(used))[:most])
        used = [used[index] for index in chosen]
    pictures = [_to_height(on_white(each), height) for each in used]
    _check(pictures)
    return Gathered(pictures, height, pictures[0].shape[1] if same else None, len(pixels) - len(used))


def on_white(pixels: Pixels) -> Colours:
    """RGBA pixels laid on white, as people see them."""
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    if int(alpha.min()) == 255:
        return np.ascontiguousarray(pixels[..., :3])
    laid: Colours = ((pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return laid


def _to_height(picture: Colours, height: int) -> Colours:
    if picture.shape[0] == height:
        return picture
    width = max(1, round(picture.shape[1] * height / picture.shape[0]))
    how = cv2.INTER_AREA if height < picture.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)


def _check(pictures: Sequence[Colours]) -> None:
    """Raises NothingToFit where there is nothing to read on the pictures, or the same on all."""
    blank = sum(int(np.ptp(each.reshape(-1, 3), axis=0).max()) <= LEAST_CHANGE for each in pictures)
    if blank > len(pictures) / 2:
        raise NothingToFit(
            f"{blank} of {len(pictures)} pictures are of one colour: nothing is written on them. Look at them on "
            "the page Images; the text may be in a channel that is lost on white paper."
        )
    different = len({each.tobytes() for each in pictures})
    if different < FEWEST:
        raise NothingToFit(
            f"Only {different} of {len(pictures)} pictures differ from each other; what varies can be told from "
            f"at least {FEWEST} different ones. Import more."
        )
