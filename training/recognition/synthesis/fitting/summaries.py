"""What a picture comes to in numbers: the same for real and for drawn ones, so that they can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.fitting.gathering import Colours
from training.recognition.synthesis.fitting.ground import Ground, commonest_colour
from training.recognition.synthesis.fitting.ink import Ink, InkMap, ink_map
from training.recognition.synthesis.fitting.lines import line_length
from training.recognition.synthesis.fitting.marks import stroke_width, thin_share

ROWS, COLUMNS, DIRECTIONS = 8, 12, 8

PROPERTIES: tuple[tuple[str, str], ...] = (
    ("ink", "how much ink there is"),
    ("solid", "how much of the ink is solid"),
    ("stroke", "the width of strokes"),
    ("thin", "the share of thin lines and specks in the ink"),
    ("marks", "the number of separate marks"),
    ("mark_height", "the height of marks"),
    ("tallest", "the height of the tallest mark"),
    ("mark_width", "the width of marks"),
    ("widest", "the width of the widest mark"),
    ("mark_area", "the ink of a mark"),
    ("top", "where the ink begins at the top"),
    ("bottom", "where the ink ends at the bottom"),
    ("left", "where the ink begins on the left"),
    ("right", "where the ink ends on the right"),
    ("middle_down", "the middle of the ink from top to bottom"),
    ("middle_across", "the middle of the ink from left to right"),
    ("spread_down", "how far the ink spreads up and down"),
    ("spread_across", "how far the ink spreads left and right"),
    ("edges", "the length of edges beside the ink"),
    ("sharpness", "the sharpness of edges"),
    ("lines", "the length of stray lines"),
    ("width", "the width of the picture"),
    *((f"row_{n + 1}", f"the ink in the {n + 1}. of {ROWS} rows") for n in range(ROWS)),
    *((f"column_{n + 1}", f"the ink in the {n + 1}. of {COLUMNS} columns") for n in range(COLUMNS)),
    *(
        (f"direction_{n + 1}", f"edges that run at about {round(180 / DIRECTIONS * n)}°")
        for n in range(DIRECTIONS)
    ),
)
"""The properties of form, by name and in words that follow "give away" or "differ in"."""

COLOURS: tuple[tuple[str, str], ...] = (
    *((f"ink_{name}", f"the {name} of the ink") for name in ("red", "green", "blue")),
    *((f"ground_{name}", f"the {name} of the ground") for name in ("red", "green", "blue")),
    ("ground_unevenness", "the unevenness of the ground"),
    ("grain", "the grain of calm parts"),
    ("ringing", "the grain beside the ink"),
    ("blocks", "the edges of 8x8 blocks, which JPEG leaves"),
)
"""The properties of colour and texture."""

FORM, ALL = len(PROPERTIES), PROPERTIES + COLOURS

Summaries = NDArray[np.float32]
"""Properties of pictures, shape (n, len(ALL))."""

WORDS = dict(ALL)


@dataclass(frozen=True)
class Measure:
    """Measures pictures beside the ground and ink of the real ones."""

    ground: Ground
    ink: Ink

    def map_of(self, picture: Colours) -> InkMap:
        """The ink map of any picture, real or drawn."""
        ground = self.ground
        if ground.picture is None or ground.picture.shape != picture.shape:
            ground = Ground(None, commonest_colour(picture)[None], None, None, ground.unevenness)
        return ink_map(picture, 0, ground, self.ink)

    def all(self, pictures: Sequence[Colours]) -> Summaries:
        """One row for each picture."""
        return np.stack([summary(each, self.map_of(each), self._paper(each)) for each in pictures])

    def _paper(self, picture: Colours) -> NDArray[np.float32]:
        if self.ground.picture is not None and self.ground.picture.shape == picture.shape:
            return self.ground.picture.astype(np.float32)
        return commonest_colour(picture)


def summary(picture: Colours, ink: InkMap, paper: NDArray[np.float32]) -> NDArray[np.float32]:
    """The properties of a picture with this ink map and ground."""
    values = [
        *_amounts(ink),
        *_marks(ink),
        *_outline(ink),
        *_edges(ink),
        line_length(ink),
        ink.shape[1] / ink.shape[0],
    ]
    values += _profile(ink.mean(axis=1), ROWS) + _profile(ink.mean(axis=0), COLUMNS)
    values += _directions(ink)
    values += _colours(picture, ink, paper)
    return np.array(values, np.float32)


def _amounts(ink: InkMap) -> list[float]:
    total = float(ink.mean())
    solid = float((ink > 0.85).mean()) / max(total, 1e-6)
    return [total, solid, stroke_width(ink), thin_share(ink)]


def _marks(ink: InkMap) -> list[float]:
    height = ink.shape[0]
    _, _, stats, _ = cv2.connectedComponentsWithStats((ink > 0.5).astype(np.uint8), connectivity=8)
    found = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= 6]
    if not len(found):
        return [0.0] * 6
    heights, widths = found[:, cv2.CC_STAT_HEIGHT] / height, found[:, cv2.CC_STAT_WIDTH] / height
    area = found[:, cv2.CC_STAT_AREA].mean() / height**2
    return [len(found), heights.mean(), heights.max(), widths.mean(), widths.max(), area]


def _outline(ink: InkMap) -> list[float]:
    found: list[float] = []
    middles, spreads = [], []
    for axis in (1, 0):
        profile = ink.mean(axis=axis)
        places = (np.arange(len(profile)) + 0.5) / len(profile)
        total = max(float(profile.sum()), 1e-6)
        shares = np.cumsum(profile) / total
        found += [float(np.interp(0.01, shares, places)), float(np.interp(0.99, shares, places))]
        middle = float((profile * places).sum() / total)
        middles.append(middle)
        spreads.append(float(np.sqrt((profile * (places - middle) ** 2).sum() / total)))
    return found + middles + spreads


def _edges(ink: InkMap) -> list[float]:
    across, down = (
        cv2.Sobel(ink, cv2.CV_32F, 1, 0, scale=0.125),
        cv2.Sobel(ink, cv2.CV_32F, 0, 1, scale=0.125),
    )
    strength = np.sqrt(across * across + down * down)
    total = max(float(ink.sum()), 1e-6)
    strong = strength[strength > 0.1]
    return [float(strength.sum()) / total, float(np.quantile(strong, 0.8)) if len(strong) else 0.0]


def _profile(profile: NDArray[np.float32], parts: int) -> list[float]:
    """The means of equal parts."""
    return [float(value) for value in cv2.resize(profile[None], (parts, 1), interpolation=cv2.INTER_AREA)[0]]


def _directions(ink: InkMap) -> list[float]:
    across, down = cv2.Sobel(ink, cv2.CV_32F, 1, 0), cv2.Sobel(ink, cv2.CV_32F, 0, 1)
    strength, angle = cv2.cartToPolar(across, down)
    # An edge runs at right angles to its gradient, and either way round is the same.
    part = np.rint((angle / np.pi + 0.5) * DIRECTIONS).astype(int) % DIRECTIONS
    counts = np.bincount(part.ravel(), strength.ravel(), DIRECTIONS)
    return list(counts / max(counts.sum(), 1e-6))


def _colours(picture: Colours, ink: InkMap, paper: NDArray[np.float32]) -> list[float]:
    near = np.asarray(cv2.dilate((ink > 0.3).astype(np.uint8), np.ones((5, 5), np.uint8)), np.uint8)
    calm = (ink < 0.15).astype(np.uint8)
    beside, far = calm & near, calm & (1 - near)
    tones = [*cv2.mean(picture, (ink > 0.8).astype(np.uint8))[:3], *cv2.mean(picture, far)[:3]]
    grey = np.asarray(cv2.transform(picture.astype(np.float32) - paper, np.full((1, 3), 1 / 3)), np.float32)
    rough = cv2.absdiff(cv2.Laplacian(grey, cv2.CV_32F), np.zeros(1))
    uneven = float(cv2.meanStdDev(grey, mask=far)[1][0, 0])
    steps = np.abs(np.diff(grey, axis=1)).mean(axis=0)
    at_blocks = np.arange(len(steps)) % 8 == 7
    blocks = float(steps[at_blocks].mean() / max(steps[~at_blocks].mean(), 0.1)) if at_blocks.any() else 1.0
    return [*tones, uneven, cv2.mean(rough, far)[0], cv2.mean(rough, beside)[0], blocks]
