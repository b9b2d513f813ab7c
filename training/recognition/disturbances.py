"""Noise that is added to pictures, to see what it costs readers: each kind at one fixed, written-down strength."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from labeling.imaging.arrays import Pixels
from labeling.imaging.slicing import find_ink
from training.recognition.picture_properties import on_white

LINES = 3
SPECKLE = 0.15
FAINT = 0.35
BEND = 0.12
BEND_CELL = 0.5


@dataclass(frozen=True)
class Disturbance:
    """A kind of noise. `apply` gives a new picture of the same shape; equal generators give equal noise."""

    name: str
    title: str
    what: str
    apply: Callable[[Pixels, np.random.Generator], Pixels]

    def of_all(self, items: Iterable[tuple[Pixels, str]], seed: int) -> Iterator[tuple[Pixels, str]]:
        """(picture, text) pairs with this noise, another one for each, the same in every call."""
        for index, (pixels, text) in enumerate(items):
            yield self.apply(pixels, np.random.default_rng([seed, index])), text


def _lines(pixels: Pixels, random: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    ink = find_ink(on_white(pixels))
    colour = np.median(pixels[ink], axis=0) if ink.any() else np.array([0, 0, 0, 255])
    drawn = pixels.copy()
    for _ in range(LINES):
        left, right = random.uniform(0.15, 0.85, 2) * (height - 1)
        ends = (0, round(left)), (width - 1, round(right))
        thickness = max(1, round(height / 30))
        cv2.line(drawn, *ends, [float(each) for each in colour], thickness, cv2.LINE_AA)
    return drawn


def _speckle(pixels: Pixels, random: np.random.Generator) -> Pixels:
    noise = random.normal(0, SPECKLE * 255, pixels.shape)
    return _where_it_varies(pixels, pixels + noise)


def _faint(pixels: Pixels, random: np.random.Generator) -> Pixels:
    background = np.median(_border(pixels), axis=0)
    return _where_it_varies(pixels, background + FAINT * (pixels - background))


def _bent(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """A smooth bend on a coarse grid, as the elastic distortions of P. Simard et al., "Best Practices for Convolutional
    Neural Networks Applied to Visual Document Analysis" (ICDAR 2003)."""
    height, width = pixels.shape[:2]
    cell = max(BEND_CELL * height, 1)
    grid = (2, round(height / cell) + 2, round(width / cell) + 2)
    coarse = random.uniform(-BEND * height, BEND * height, grid).astype(np.float32)
    x, y = (cv2.resize(each, (width, height), interpolation=cv2.INTER_CUBIC) for each in coarse)
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bent = cv2.remap(pixels, columns + x, rows + y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bent, np.uint8)


def _border(pixels: Pixels) -> Pixels:
    return np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))


def _where_it_varies(pixels: Pixels, changed: NDArray[Any]) -> Pixels:
    """The change of the channels that carry something: an alpha that is 255 all over stays so."""
    whole: Pixels = np.rint(np.clip(changed, 0, 255)).astype(np.uint8)
    if not np.ptp(pixels[..., 3]):
        whole[..., 3] = pixels[..., 3]
    return whole


DISTURBANCES = (
    Disturbance(
        "lines",
        "Lines through the text",
        f"{LINES} straight lines from edge to edge in the text's colour, as thick as a thirtieth of the height",
        _lines,
    ),
    Disturbance(
        "speckle",
        "Speckle",
        f"normal noise of {100 * SPECKLE:.0f} % of the range of brightness on every pixel",
        _speckle,
    ),
    Disturbance(
        "faint",
        "Faint text",
        f"contrast to the background lowered to {100 * FAINT:.0f} % of what it was",
        _faint,
    ),
    Disturbance(
        "bent", "Bent text", f"a smooth random bend by up to {100 * BEND:.0f} % of the height", _bent
    ),
)
