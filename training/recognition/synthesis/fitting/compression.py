"""What is left of how pictures were compressed, and of noise."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.fitting.gathering import Colours
from training.recognition.synthesis.fitting.ground import Ground

MOST = 30
"""So many pictures tell."""

QUALITIES = range(20, 99)

TRACE = 0.12
"""How strongly frequencies must keep to the steps of a quality for it to have left a trace, 0..1."""

CLIPPED = 6
"""Blocks with more pixels than this at the end of their range tell little: their frequencies were cut off."""

ENOUGH_BLOCKS, MOST_BLOCKS = 300, 3_000

LOW = 6
"""Frequencies up to this sum of both directions are looked at; higher ones are mostly rounded to nothing."""

LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
"""The steps of brightness at quality 50 (ITU-T T.81, annex K)."""

IS_LOW = np.add.outer(np.arange(8), np.arange(8)) <= LOW
IS_LOW[0, 0] = False

STEPS = LUMINANCE[IS_LOW]


def jpeg_quality(pictures: Sequence[Colours]) -> int | None:
    """The quality, 1..100, at which pictures were compressed as JPEG before; None where there is no trace.

    The frequencies of 8x8 blocks are whole multiples of the steps they were rounded to, also in a picture that was
    decoded since (Z. Fan and R. de Queiroz, "Identification of bitmap compression history: JPEG detection and quantizer
    estimation", IEEE TIP 12(2), 2003). Only brightness is looked at, as colours may be stored more coarsely.
    """
    found = [_frequencies(each) for each in pictures[:MOST]]
    frequencies = np.concatenate([each for each, _ in found])
    clipped = np.concatenate([each for _, each in found])
    if int((clipped <= CLIPPED).sum()) >= ENOUGH_BLOCKS:
        frequencies = frequencies[clipped <= CLIPPED]
    frequencies = frequencies[:: max(1, len(frequencies) // MOST_BLOCKS)]
    traces = [_trace(frequencies, quality) for quality in QUALITIES]
    best = int(np.argmax(traces))
    return QUALITIES[best] if traces[best] >= TRACE else None


def _frequencies(picture: Colours) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The low frequencies of a picture's blocks, (n, len(STEPS)), and how many pixels of each block are at the end of
    their range."""
    rows, columns = picture.shape[0] // 8, picture.shape[1] // 8
    cut = picture[: 8 * rows, : 8 * columns]
    bright = cut @ np.array([0.299, 0.587, 0.114]) - 128
    ends = ((cut <= 1) | (cut >= 254)).any(axis=2)
    blocks, ends = (
        each.reshape(rows, 8, columns, 8).swapaxes(1, 2).reshape(-1, 8, 8) for each in (bright, ends)
    )
    return (COSINES @ blocks @ COSINES.T)[:, IS_LOW], ends.sum(axis=(1, 2))


def _trace(frequencies: NDArray[np.float64], quality: int) -> float:
    """How well frequencies keep to the steps of a quality: 1 where all are multiples, about 0 by chance."""
    scale = 5000 / quality if quality < 50 else 200 - 2 * quality
    steps = np.clip((STEPS * scale + 50) // 100, 1, 255)
    kept = np.abs(frequencies) > 0.6 * steps
    if not kept.any():
        return 0.0
    return float(np.cos(2 * np.pi * frequencies / steps)[kept].mean())


def _cosines() -> NDArray[np.float64]:
    """The matrix of the cosine transform of eight values."""
    frequency, place = np.mgrid[:8, :8]
    matrix: NDArray[np.float64] = np.cos((2 * place + 1) * frequency * np.pi / 16) / 2
    matrix[0] /= np.sqrt(2)
    return matrix


COSINES = _cosines()


def grain(pictures: Sequence[Colours], ground: Ground) -> float:
    """The standard deviation of grain on the calm parts of pictures, as a share of 255.

    Of the smallest differences between neighbours that are not on strokes: the median absolute deviation of the
    diagonal high-pass (J. Immerkaer, "Fast noise variance estimation", CVIU 64(2), 1996).
    """
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    values = []
    for index, picture in enumerate(pictures[:MOST]):
        calm = (
            cv2.erode((ground.distance(picture, index) < 28).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        )
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        if ground.picture is not None:
            grey -= cv2.cvtColor(ground.picture, cv2.COLOR_RGB2GRAY)
        found = np.abs(cv2.filter2D(grey, -1, mask))[calm]
        if len(found) > 20:
            values.append(float(np.median(found)) / 0.6745 / 6)
    return float(np.median(values)) / 255 if values else 0.0
