"""Stray lines that differ from picture to picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.fitting.gathering import Colours
from training.recognition.synthesis.fitting.ground import commonest_colour
from training.recognition.synthesis.fitting.ink import InkMap
from training.recognition.synthesis.fitting.marks import thin_share, without_lines

LONG = 0.3
"""A thin mark that reaches at least so many heights of the picture is a piece of a line."""

THIN, LONGER_THAN_TEXT = 0.4, 1.4
"""Where more than this share of the ink is thin, text is: then a line is longer than so many usual heights of marks."""

MOST = 300
"""So many pictures tell."""


@dataclass(frozen=True)
class Lines:
    """Lines beside the text.

    share: of pictures that have any. count: how many a picture with lines has, (low, high). width: in pixels.
    colours: uint8 (m, 3), observed ones.
    """

    share: float
    count: tuple[int, int]
    width: float
    colours: NDArray[np.uint8]


def line_pieces(ink: InkMap, longer: float = LONG) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels of thin marks (h, w) and the rows of OpenCV's statistics of those that reach further than so many heights
    of the picture, with their label in front: (pieces, 6)."""
    thin = (ink > 0.5) & (cv2.dilate(without_lines(ink), np.ones((3, 3), np.uint8)) < 0.5)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(thin.astype(np.uint8), connectivity=8)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    long = extent >= longer * ink.shape[0]
    long[0] = False
    found = np.flatnonzero(long).astype(np.int32)
    return np.asarray(labels, np.int32), np.column_stack([found, stats[found]]).astype(np.int32)


def line_length(ink: InkMap) -> float:
    """The length of all pieces of lines, in heights of the picture."""
    _, pieces = line_pieces(ink)
    length = float(np.hypot(pieces[:, 3], pieces[:, 4]).sum())
    return length / int(ink.shape[0])


def _text_height(ink: InkMap) -> float:
    """The usual height of separate marks, in heights of the picture."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((ink > 0.5).astype(np.uint8), connectivity=8)
    heights = stats[1:, cv2.CC_STAT_HEIGHT][stats[1:, cv2.CC_STAT_AREA] >= 6]
    return float(np.median(heights)) / ink.shape[0] if len(heights) else 0.0


def estimate_lines(pictures: Sequence[Colours], maps: Sequence[InkMap]) -> Lines:
    """Lines by the long thin pieces that are left where the strokes of text are taken away. Where these are thin, too,
    only what is longer than a character is high is a line."""
    longer = LONG
    if float(np.median([thin_share(ink) for ink in maps[:MOST]])) > THIN:
        longer = max(LONG, LONGER_THAN_TEXT * float(np.median([_text_height(ink) for ink in maps[:MOST]])))
    lengths, widths, colours = [], [], []
    for picture, ink in zip(pictures[:MOST], maps, strict=False):
        labels, pieces = line_pieces(ink, longer)
        extents = np.hypot(pieces[:, 3], pieces[:, 4])
        lengths.append(float(extents.sum()))
        for piece, extent in zip(pieces, extents, strict=True):
            where = labels == piece[0]
            widths.append(float(ink[where].sum() / max(extent, 1)))
            colours.append(commonest_colour(picture[where][None]))
    some = np.array(lengths) > 0
    share = float(some.mean())
    if share < 0.05:
        return Lines(0.0, (0, 0), 1.0, np.zeros((0, 3), np.uint8))
    # Lines that are drawn between any two points are about as long as the picture is high.
    each = np.array(lengths)[some] / maps[0].shape[0]
    low, high = np.quantile(each, (0.15, 0.85))
    count = (max(1, round(float(low) / 1.5)), max(1, round(float(high) / 1.2)))
    chosen = np.linspace(0, len(colours) - 1, min(48, len(colours))).astype(int)
    kept = np.rint(np.stack(colours)[chosen]).astype(np.uint8)
    return Lines(share, count, float(np.median(widths)), kept)
