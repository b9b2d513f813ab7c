"""How well fonts explain marks of ink: every glyph, turned and slanted, beside every mark.

Marks and glyphs are brought to one place and size by their moments (M.-K. Hu, "Visual pattern recognition by moment
invariants", 1962; here centroid and radius of gyration only, for the turn is what is wanted) and compared by normalised
cross-correlation, all at once as one matrix product. The size that was normalised away gives the size of the letters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.fitting.ink import InkMap
from training.recognition.synthesis.typefaces import EM, Mask, Typeface

SIDE = 24
"""Pixels of a normalised mark."""

RADII = 2.4
"""Half a normalised mark's side in radii of gyration: enough for an l as well as for an o."""

Templates = NDArray[np.float32]
"""Normalised, shape (n, SIDE * SIDE), each of mean 0 and length 1."""


@dataclass(frozen=True)
class Poses:
    """The turns (degrees), slants (across per down) and stretches (width by height) that glyphs are tried in."""

    turns: tuple[float, ...]
    slants: tuple[float, ...]
    stretches: tuple[float, ...] = (1.0,)

    @property
    def linear(self) -> NDArray[np.float64]:
        """All of them as matrices, shape (n, 2, 2), in the order of `values`."""
        return np.array([linear_map(*each) for each in self.values])

    @property
    def values(self) -> list[tuple[float, float, float]]:
        """Turn, slant and stretch of each pose."""
        return [
            (turn, slant, stretch)
            for turn in self.turns
            for slant in self.slants
            for stretch in self.stretches
        ]


COARSE = Poses((-36.0, -24.0, -12.0, 0.0, 12.0, 24.0, 36.0), (0.0,))
MIDDLE = Poses(tuple(range(-40, 41, 8)), (-0.15, 0.0, 0.15))
FINE = Poses(tuple(range(-42, 43, 6)), (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3), (0.85, 1.0, 1.18))

STROKES = (-1, 0, 1, 2, 3)
"""By how many pixels of the EM an outline is moved outwards when fonts are compared: a family's strokes may be thicker
than its font's, and blur makes them look so."""


@dataclass(frozen=True)
class Matches:
    """How well one font explains each of n marks.

    scores: correlation with the best glyph, -1..1, (n,). characters: its index in the alphabet. turns, slants and
    stretches: its pose. em: the font's size in pixels that
    the mark's size asks for. margins: by how much the best glyph is ahead of the best of another character. stroke: by
    how many pixels of the EM outlines were moved outwards.
    """

    scores: NDArray[np.float32]
    characters: NDArray[np.int64]
    turns: NDArray[np.float64]
    slants: NDArray[np.float64]
    stretches: NDArray[np.float64]
    em: NDArray[np.float64]
    margins: NDArray[np.float32]
    stroke: int


def normalise(inks: Sequence[InkMap]) -> tuple[Templates, NDArray[np.float64]]:
    """Marks as templates, and their radii of gyration in pixels, (n,)."""
    templates, radii = [], []
    for ink in inks:
        centre, covariance = _moments(ink)
        radius = math.sqrt(max(np.trace(covariance), 1e-6))
        templates.append(_resample(ink, centre, np.eye(2), radius))
        radii.append(radius)
    return _unit(np.stack(templates)), np.array(radii)


def match(
    typeface: Typeface,
    alphabet: str,
    poses: Poses,
    marks: Templates,
    radii: NDArray[np.float64],
    stroke: int = 0,
) -> Matches:
    """The best glyph and pose of a font, its outlines moved outwards by `stroke` pixels of the EM, for each mark."""
    linear, values = poses.linear, np.array(poses.values)
    everyone = np.arange(len(marks))
    scores = np.empty((len(alphabet), len(marks)), np.float32)
    best_pose = np.empty(scores.shape, np.int64)
    sizes = np.empty((len(alphabet), len(linear)))
    for index, character in enumerate(alphabet):
        templates, sizes[index] = _turned(typeface, character, linear, stroke)
        found = templates @ marks.T
        best_pose[index] = found.argmax(axis=0)
        scores[index] = found[best_pose[index], everyone]
    characters = scores.argmax(axis=0)
    pose = best_pose[characters, everyone]
    top = np.sort(scores, axis=0)
    margins = top[-1] - top[-2] if len(alphabet) > 1 else np.ones(len(marks), np.float32)
    turns, slants, stretches = values[pose].T
    em = EM * radii / sizes[characters, pose]
    return Matches(top[-1], characters, turns, slants, stretches, em, margins, stroke)


def _turned(
    typeface: Typeface, character: str, linear: NDArray[np.float64], stroke: int
) -> tuple[Templates, NDArray[np.float64]]:
    """A glyph in all poses as templates, and its radii at EM size."""
    mask = np.asarray(_restroke(typeface.glyph(character).mask, stroke), np.float32) / np.float32(255)
    centre, covariance = _moments(mask)
    templates, radii = np.empty((len(linear), SIDE * SIDE), np.float32), np.empty(len(linear))
    # What is shrunk must be smoothed first, or thin strokes fall between the pixels.
    shrinking = RADII * 2 * math.sqrt(max(np.trace(covariance), 1e-6)) / SIDE
    if shrinking > 1:
        border = math.ceil(2 * shrinking)
        roomy = cv2.copyMakeBorder(mask, border, border, border, border, cv2.BORDER_CONSTANT)
        mask = np.asarray(cv2.GaussianBlur(roomy, (0, 0), 0.45 * shrinking), np.float32)
        centre = centre + border
    for index, each in enumerate(linear):
        radius = math.sqrt(max(np.trace(each @ covariance @ each.T), 1e-6))
        templates[index] = _resample(mask, centre, each, radius).ravel()
        radii[index] = radius
    return _unit(templates), radii


def _restroke(mask: Mask, stroke: int) -> Mask:
    """The glyph with its outline moved outwards by so many pixels, inwards where negative."""
    if stroke == 0:
        return mask
    side = 2 * abs(stroke) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    if stroke < 0:
        return np.asarray(cv2.erode(mask, disc, borderType=cv2.BORDER_CONSTANT, borderValue=0), np.uint8)
    room = cv2.copyMakeBorder(mask, stroke, stroke, stroke, stroke, cv2.BORDER_CONSTANT)
    return np.asarray(cv2.dilate(room, disc), np.uint8)


def linear_map(turn: float, slant: float, stretch: float) -> NDArray[np.float64]:
    """First stretched, then slanted, then turned; a positive turn is clockwise, a positive slant leans right."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    root = math.sqrt(stretch)
    made: NDArray[np.float64] = (
        np.array([[cos, -sin], [sin, cos]]) @ [[1, -slant], [0, 1]] @ np.diag([root, 1 / root])
    )
    return made


def _moments(ink: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centroid (2,) and covariance (2, 2) of ink, in pixels."""
    found = cv2.moments(ink)
    total = max(found["m00"], 1e-6)
    centre = np.array([found["m10"], found["m01"]]) / total
    across, both, down = found["mu20"] / total, found["mu11"] / total, found["mu02"] / total
    # A pixel is no point: even a single one has a radius.
    return centre, np.array([[across + 1 / 12, both], [both, down + 1 / 12]])


def _resample(
    ink: NDArray[np.float32], centre: NDArray[np.float64], linear: NDArray[np.float64], radius: float
) -> NDArray[np.float32]:
    """The ink, transformed about its centre, in SIDE x SIDE pixels of RADII radii to each side."""
    scale = SIDE / (2 * RADII * radius)
    matrix = np.empty((2, 3))
    matrix[:, :2] = scale * linear
    matrix[:, 2] = (SIDE - 1) / 2 - matrix[:, :2] @ centre
    return np.asarray(cv2.warpAffine(ink, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR), np.float32)


def _unit(templates: NDArray[np.float32]) -> Templates:
    """Slightly smoothed, so that neither a pixel's shift nor another blur decides."""
    flat = np.stack([cv2.GaussianBlur(each.reshape(SIDE, SIDE), (0, 0), 0.8).ravel() for each in templates])
    flat -= flat.mean(axis=1, keepdims=True)
    unit: Templates = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    return unit
