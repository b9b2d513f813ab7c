"""What refining does to pictures, as few numbers with formulas, measured without labels and without a network."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.refinement.progress import Pictures

TILE = 8
"""Pixels: the side of a patch. JPEG's blocks are as large and lie in the same places."""

LEAST_SPREAD = 1.0
"""Grey levels: what varies less among the real patches counts as if it varied so much."""

QUANTILES = 64


def patch_distance(pictures: Pictures, real: Pictures) -> float:
    """How different patches of pictures are from those of real ones: 0 for the same, about 1 where they are a standard
    deviation apart.

    Tiles of 8 x 8 pixels, as coefficients of a discrete cosine transform per colour channel. Each coefficient's
    distribution is compared by the one-dimensional Wasserstein distance, in standard deviations among the real ones;
    the mean over all coefficients counts. (T. Karras et al., arXiv 1710.10196, compare patches by random
    projections; a fixed basis gives the same number each time.)
    """
    shares = (np.arange(QUANTILES) + 0.5) / QUANTILES
    ours, theirs = _coefficients(pictures), _coefficients(real)
    spread = np.maximum(theirs.std(axis=0), LEAST_SPREAD)
    apart = np.abs(np.quantile(ours, shares, axis=0) - np.quantile(theirs, shares, axis=0)).mean(axis=0)
    return float((apart / spread).mean())


def text_kept(synthetic: Pictures, refined: Pictures) -> float:
    """How much of each synthetic picture's strokes is still there: 1 for all, about 0 for none, -1..1.

    The correlation of a picture's edges before and after. Edges that all pictures have, such as those of a fixed
    ground, are taken out before, so that they count for nothing.
    """
    before, after = (_normalised(_own_edges(each)) for each in (synthetic, refined))
    return float((before * after).sum(axis=1).mean())


def variety(pictures: Pictures) -> float:
    """How much the edges of one picture differ from the mean of all, in grey levels; 0 where all look alike."""
    return float(np.sqrt(np.square(_own_edges(pictures)).mean()))


def separation(real: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The probability 0..1 that a real picture's score is above another's, ties halved: 0.5 says nothing, 1 all.

    H. Mann and D. Whitney, "On a test of whether one of two random variables is stochastically larger" (1947).
    """
    above = (real[:, None] > other[None, :]).mean()
    return float(above + (real[:, None] == other[None, :]).mean() / 2)


def separation_by_chance(real: int, other: int) -> float:
    """What `separation` of so many equal pictures exceeds once in 44 times (two standard deviations)."""
    return 0.5 + 2 * math.sqrt((real + other + 1) / (12 * real * other))


def _coefficients(pictures: Pictures) -> NDArray[np.float32]:
    """(tiles, coefficients of all channels), orthonormal; pixels that fill no tile are left out."""
    n, height, width, channels = pictures.shape
    side = min(TILE, height, width)
    rows, columns = height // side, width // side
    cut = pictures[:, : rows * side, : columns * side].astype(np.float32)
    tiles = cut.reshape(n, rows, side, columns, side, channels).transpose(0, 1, 3, 5, 2, 4)
    places = np.arange(side)
    basis = np.cos(np.pi * np.outer(places, places + 0.5) / side) * math.sqrt(2 / side)
    basis[0] /= math.sqrt(2)
    basis = basis.astype(np.float32)
    return np.asarray((basis @ tiles @ basis.T).reshape(-1, channels * side * side), np.float32)


def _own_edges(pictures: Pictures) -> NDArray[np.float32]:
    """Strength of edges, softened by a pixel so that a stroke may become thicker, less the mean of all pictures:
    (n, height * width)."""
    edges = []
    for picture in pictures:
        grey = picture.astype(np.float32).mean(axis=-1)
        across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
        edges.append(cv2.blur(np.hypot(across, down) / 8, (3, 3)).ravel())
    stacked = np.stack(edges)
    return np.asarray(stacked - stacked.mean(axis=0), np.float32)


def _normalised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of mean 0 and length 1; a row without any variation becomes zeros."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(lengths, 1e-6), np.float32)
