"""Which fonts explain the marks best."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.fitting.glyphs import (
    COARSE,
    FINE,
    MIDDLE,
    STROKES,
    Matches,
    Templates,
    match,
    normalise,
)
from training.recognition.synthesis.fitting.marks import Mark
from training.recognition.synthesis.fonts import Font
from training.recognition.synthesis.typefaces import Typeface

FIRST_LOOK, SECOND_LOOK, LAST_LOOK = 60, 160, 320
"""Marks that fonts are compared on: few for all fonts, more for those that are left."""

SECOND, LAST = 14, 6
"""Fonts that are left for the second and the last look."""

LEAST_WEIGHT = 0.04
"""Fonts that explain a smaller share of the marks are left out of a mixture."""

SURE = 0.93
"""A correlation from which on a mark is surely the character that it is taken for."""

AHEAD = 0.003
"""By how much a character explains a mark better than any other to be the only one that it may be."""

DOUBT = 0.4
"""Share of the mixture that goes to fonts by how near they come to the best."""

TELLING = 0.25
"""A font's lead counts in shares of what the best leaves unexplained."""


@dataclass(frozen=True)
class RankedFont:
    """A font, how well its glyphs explain the marks (mean correlation 0..1) and its share in the mixture 0..1."""

    font: Font
    score: float
    weight: float


@dataclass(frozen=True)
class Ranking:
    """All fonts that can write the alphabet, the best first; how the best of them explains each mark that was compared;
    and whether one picture is written in one font (0..1)."""

    fonts: list[RankedFont]
    marks: list[Mark]
    matches: Matches
    one_font: float

    @property
    def sure(self) -> NDArray[np.bool_]:
        """Which of the marks tell how characters look: those that are explained well, in comparison with the others and
        by themselves; parts of characters and pairs of them are not. Nor does an o tell its size that may be an O."""
        scores = self.matches.scores
        least = float(np.quantile(scores, 0.3))
        found: NDArray[np.bool_] = scores >= max(least, min(SURE, float(np.quantile(scores, 0.7))))
        one_only = found & (self.matches.margins >= AHEAD)
        return one_only if one_only.sum() >= found.sum() / 3 else found


def rank_fonts(
    fonts: Sequence[Font],
    marks: Sequence[Mark],
    alphabet: str,
    seed: int,
    progress: Callable[[float], object] = lambda _: None,
) -> Ranking:
    """Fonts by the mean correlation of the marks with their best glyphs, from coarse to fine (successive halving).

    The mixture's weights are those of the likeliest mixture of the best fonts, by expectation maximisation over marks;
    a mark's likelihood falls with what a font leaves unexplained, beside what the best font does.
    """
    typefaces = [font.typeface for font in fonts]
    compared = _of_whole_pictures(marks, LAST_LOOK, seed)
    templates, radii = normalise([each.ink for each in compared])
    spread = np.random.default_rng(seed).permutation(len(compared))
    first, second = spread[:FIRST_LOOK], spread[:SECOND_LOOK]
    scores: list[float] = []
    for number, face in enumerate(typefaces):
        looks = [match(face, alphabet, COARSE, templates[first], radii[first], stroke) for stroke in (0, 2)]
        scores.append(max(_score(each.scores) for each in looks))
        progress(0.5 * number / len(typefaces))
    left = np.argsort(scores)[::-1][:SECOND]
    finer: dict[int, Matches] = {}
    for index in left:
        finer[index] = _best_stroke(typefaces[index], alphabet, templates[second], radii[second])
        scores[index] = _score(finer[index].scores)
        progress(0.5 + 0.3 * len(finer) / len(left))
    best = sorted(left, key=lambda index: -scores[index])
    finals: dict[int, Matches] = {}
    for index in best[:LAST]:
        finals[index] = match(typefaces[index], alphabet, FINE, templates, radii, finer[index].stroke)
        scores[index] = _score(finals[index].scores)
        progress(0.8 + 0.2 * len(finals) / LAST)
    order = sorted(best[:LAST], key=lambda index: -scores[index])
    by_font = np.stack([finals[index].scores for index in order])
    weights = _doubted(_mixture(by_font), np.array([scores[index] for index in order]))
    share = dict(zip(order, weights, strict=True))
    order += best[LAST:] + [index for index in np.argsort(scores)[::-1] if index not in finer]
    ranked = [RankedFont(fonts[i], float(scores[i]), float(share.get(i, 0.0))) for i in order]
    return Ranking(ranked, compared, finals[order[0]], _one_font(by_font, weights, compared))


def _of_whole_pictures(marks: Sequence[Mark], most: int, seed: int) -> list[Mark]:
    """All marks of some pictures."""
    pictures = sorted({mark.picture for mark in marks})
    of_picture: dict[int, list[Mark]] = {picture: [] for picture in pictures}
    for mark in marks:
        of_picture[mark.picture].append(mark)
    chosen: list[Mark] = []
    for index in np.random.default_rng(seed).permutation(len(pictures)):
        if len(chosen) >= most:
            break
        chosen += of_picture[pictures[index]]
    return chosen


def _best_stroke(typeface: Typeface, alphabet: str, marks: Templates, radii: NDArray[np.float64]) -> Matches:
    """The matches with the outlines that explain all marks best: a family's strokes are of one width."""
    tried = [match(typeface, alphabet, MIDDLE, marks, radii, stroke) for stroke in STROKES]
    return max(tried, key=lambda each: _score(each.scores))


def _score(scores: NDArray[np.float32]) -> float:
    """The mean without the worst fifth: marks that are no single characters."""
    kept = np.sort(scores)[len(scores) // 5 :]
    return float(kept.mean())


def _likelihoods(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    best = scores.max(axis=0)
    unexplained = max(float(np.median(1 - best)), 0.002)
    likelihood: NDArray[np.float64] = np.exp((scores - best).astype(np.float64) / (TELLING * unexplained))
    return likelihood


def _mixture(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Shares of fonts, (fonts,), from their scores (fonts, marks)."""
    likelihood = _likelihoods(scores)
    weights = np.full(len(scores), 1 / len(scores))
    for _ in range(200):
        owned = weights[:, None] * likelihood
        weights = (owned / owned.sum(axis=0)).mean(axis=1)
    weights[weights < LEAST_WEIGHT] = 0
    found: NDArray[np.float64] = weights / weights.sum()
    return found


def _doubted(weights: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """A part of the shares goes to fonts that explain nearly as much as the best: the true one may not be at hand."""
    close = np.exp((scores - scores.max()) / (0.5 * max(1 - float(scores.max()), 0.001)))
    mixed = (1 - DOUBT) * weights + DOUBT * close / close.sum()
    mixed[mixed < LEAST_WEIGHT] = 0
    found: NDArray[np.float64] = mixed / mixed.sum()
    return found


def _one_font(scores: NDArray[np.float32], weights: NDArray[np.float64], marks: Sequence[Mark]) -> float:
    """How much more often two marks of a picture ask for the same font than two of different pictures, 0..1."""
    owned = weights[:, None] * _likelihoods(scores)
    owned /= owned.sum(axis=0)
    of_picture: dict[int, list[int]] = {}
    for index, mark in enumerate(marks):
        of_picture.setdefault(mark.picture, []).append(index)
    together = [
        float((owned[:, a] * owned[:, b]).sum())
        for row in of_picture.values()
        for a, b in itertools.pairwise(row)
    ]
    chance = float(np.square(owned.mean(axis=1)).sum())
    most = float(np.square(owned).sum(axis=0).mean())
    if len(together) < 10 or most - chance < 0.1:
        return 1.0
    return float(np.clip((np.mean(together) - chance) / (most - chance), 0, 1))
