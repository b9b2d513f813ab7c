"""Where characters stand: each about a centre of its own, or in a line."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.fitting.glyphs import Matches, linear_map
from training.recognition.synthesis.fitting.marks import Mark
from training.recognition.synthesis.style import Centre, Range
from training.recognition.synthesis.typefaces import EM, Typeface

TOGETHER = 0.35
"""From this correlation of neighbours' places on, characters stand in a line and not each about its own centre."""

FEWEST = 12
"""Pictures with all characters found, below which a line is assumed."""


@dataclass(frozen=True)
class Placing:
    """Where characters stand.

    centres: mean and deviation for each character; empty where they stand in a line. anchor and scatter: as a style has
    them. together: how far neighbours' places go along with each other, correlation -1..1. em: the font's size in
    pixels, range. spacing, uneven: between the characters of a line, as shares of the font's size. rise: the largest
    shift of a character of a line up or down.
    """

    centres: tuple[Centre, ...]
    anchor: str
    scatter: str
    together: float
    em: Range
    spacing: Range
    uneven: float
    rise: float


def estimate_placing(
    marks: Sequence[Mark],
    matches: Matches,
    typeface: Typeface,
    alphabet: str,
    shape: tuple[int, int] | None,
    length: int | None,
    sure: NDArray[np.bool_],
) -> Placing:
    """From marks and the glyphs that explain them; `shape` and `length` are None where they differ, and
    sizes are those of the `sure` ones."""
    middles, anchored = _places(marks, matches, typeface, alphabet)
    rows = _complete(marks, length)
    centres: tuple[Centre, ...] = ()
    anchor, scatter, together = "ink", "even", 1.0
    low, middle, high = np.quantile(matches.em[sure], (0.1, 0.5, 0.9))
    # Measured sizes scatter by themselves; what most glyphs agree on is the size.
    em = (float(0.7 * low + 0.3 * middle), float(0.7 * high + 0.3 * middle))
    if shape is not None and length is not None and len(rows) >= FEWEST:
        by_ink, by_line = middles[rows], anchored[rows]
        anchor = "line" if _spread(by_line[..., 1]) < 0.9 * _spread(by_ink[..., 1]) else "ink"
        places = by_line if anchor == "line" else by_ink
        together = _together(places[..., 0])
        if together < TOGETHER:
            centres = _centres(places, shape)
            scatter = _scatter(places)
    spacing, uneven, rise = _line(marks, matches, typeface, alphabet, anchored)
    return Placing(centres, anchor, scatter, together, em, spacing, uneven, rise)


def _places(
    marks: Sequence[Mark], matches: Matches, typeface: Typeface, alphabet: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each mark the middle of its glyph's box, and of its place in the line, as (x, y) in pixels."""
    middles, lines = np.empty((len(marks), 2)), np.empty((len(marks), 2))
    for index, mark in enumerate(marks):
        glyph = typeface.glyph(alphabet[matches.characters[index]])
        height, width = glyph.mask.shape
        ys, xs = np.mgrid[:height, :width]
        weight = glyph.mask.astype(np.float64)
        total = max(weight.sum(), 1.0)
        centroid = np.array([(xs * weight).sum(), (ys * weight).sum()]) / total + 0.5
        linear = (
            matches.em[index]
            / EM
            * linear_map(matches.turns[index], matches.slants[index], matches.stretches[index])
        )
        ink_ys, ink_xs = np.mgrid[: mark.ink.shape[0], : mark.ink.shape[1]]
        ink_total = max(float(mark.ink.sum()), 1e-6)
        seen = np.array([(ink_xs * mark.ink).sum(), (ink_ys * mark.ink).sum()]) / ink_total + 0.5
        seen += (mark.box.left, mark.box.top)
        middles[index] = seen + linear @ (np.array([width / 2, height / 2]) - centroid)
        pen = np.array([glyph.advance / 2 - glyph.left, typeface.middle - glyph.top])
        lines[index] = seen + linear @ (pen - centroid)
    return middles, lines


def _complete(marks: Sequence[Mark], length: int | None) -> NDArray[np.int64]:
    """The indices of the marks of pictures of which all characters are there, in their order, (pictures, length)."""
    found: dict[int, dict[int, int]] = {}
    for index, mark in enumerate(marks):
        found.setdefault(mark.picture, {})[mark.place] = index
    rows = (
        [[row[place] for place in range(length)] for row in found.values() if len(row) == length]
        if length
        else []
    )
    return np.array(rows, np.int64).reshape(len(rows), length or 0)


def _spread(values: NDArray[np.float64]) -> float:
    return float((np.quantile(values, 0.8, axis=0) - np.quantile(values, 0.2, axis=0)).mean())


def _together(across: NDArray[np.float64]) -> float:
    """The mean correlation of neighbours' places, (pictures, length)."""
    off = across - across.mean(axis=0)
    if across.shape[1] < 2:
        return 0.0
    spread = np.maximum(off.std(axis=0), 1e-6)
    if float(spread.mean()) < 1.0:
        return 0.0
    return float(np.mean((off[:, 1:] * off[:, :-1]).mean(axis=0) / (spread[1:] * spread[:-1])))


def _centres(places: NDArray[np.float64], shape: tuple[int, int]) -> tuple[Centre, ...]:
    height, width = shape
    low, middle, high = np.quantile(places, (0.1, 0.5, 0.9), axis=0)
    # Of an even scatter, from the tenth to the ninth tenth is 2.77 standard deviations; of a normal one 2.56.
    deviation = (high - low) / 2.7
    mean = np.clip(places, low - deviation, high + deviation).mean(axis=0)
    return tuple(
        Centre(
            float(mean[k, 0] / width),
            float(mean[k, 1] / height),
            float(deviation[k, 0] / width),
            float(deviation[k, 1] / height),
        )
        for k in range(len(middle))
    )


def _scatter(places: NDArray[np.float64]) -> str:
    """Which of both distributions reaches as far: 95 % lie within 1.65 deviations of an even one, 1.96 of a normal."""
    off = (places - places.mean(axis=0)) / np.maximum(places.std(axis=0), 1e-6)
    return "even" if float(np.quantile(np.abs(off), 0.95)) < 1.8 else "normal"


def _line(
    marks: Sequence[Mark],
    matches: Matches,
    typeface: Typeface,
    alphabet: str,
    anchored: NDArray[np.float64],
) -> tuple[Range, float, float]:
    """Spacing, unevenness and rise of neighbours, as shares of the font's size."""
    advances = np.array([typeface.glyph(alphabet[c]).advance / EM for c in matches.characters])
    neighbours: dict[int, list[int]] = {}
    for index, mark in enumerate(marks):
        neighbours.setdefault(mark.picture, []).append(index)
    of_picture, within, rises = [], [], []
    for indices in neighbours.values():
        ordered = sorted(indices, key=lambda index: marks[index].place)
        steps = [
            (one, other)
            for one, other in itertools.pairwise(ordered)
            if marks[other].place == marks[one].place + 1
        ]
        gaps = [
            (anchored[b, 0] - anchored[a, 0]) / np.sqrt(matches.em[a] * matches.em[b])
            - (advances[a] + advances[b]) / 2
            for a, b in steps
        ]
        if gaps:
            of_picture.append(float(np.median(gaps)))
        if len(gaps) >= 2:
            within.append(float(np.median(np.abs(np.array(gaps) - np.median(gaps)))))
        if len(ordered) >= 3:
            ys = anchored[ordered, 1] / matches.em[ordered]
            rises.append(float(np.median(np.abs(ys - np.median(ys)))))
    if not of_picture:
        return (0.0, 0.1), 0.05, 0.05
    low, high = np.quantile(of_picture, (0.1, 0.9))
    # The median deviation of an even distribution is half its reach.
    uneven = 2 * float(np.median(within)) if within else 0.05
    rise = 4 * float(np.median(rises)) if rises else 0.05
    return (float(np.clip(low, -0.6, 3)), float(np.clip(high, -0.6, 3))), min(uneven, 0.3), min(rise, 0.6)
