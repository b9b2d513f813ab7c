"""Corrects a style by drawing in it: numbers are turned until what is drawn measures as what is real does.

This is the method of simulated moments (D. McFadden, Econometrica 57(5), 1989) with quantiles for moments: how they
answer to each knob is measured, and damped Gauss-Newton steps (D. Marquardt, 1963) are taken towards the real ones.
Then the cross-entropy method (R. Rubinstein, Methodology and Computing in Applied Probability 1, 1999) goes on from
there, for knobs that only matter together: candidates are drawn from a normal distribution over all knobs, which moves
to the best of them and narrows. The same texts and seeds are drawn for all that is compared, so that differences are
the knobs' and not chance's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.fitting.drawing import draw_texts, random_texts
from training.recognition.synthesis.fitting.gathering import Colours
from training.recognition.synthesis.fitting.knobs import Values, knobs_of, turned
from training.recognition.synthesis.fitting.summaries import ALL, FORM, Measure, Summaries
from training.recognition.synthesis.style import Style
from training.recognition.synthesis.typefaces import Typeface

STEPS = 4
"""Gauss-Newton steps at most."""

POPULATION, ELITE, GENERATIONS = 16, 4, 4

PICTURES = 90
"""Pictures of each candidate, of about 5,000 pixels; fewer of larger ones."""

LEVELS = np.linspace(0.04, 0.96, 24)
"""The quantiles by which distributions are compared."""

FURTHEST = 5.0
"""Spreads; what is further off counts no more."""

LEAST_SPREAD = 0.02
"""Properties that hardly vary count as if they varied by this share of their mean."""

SOFT = {"ground_unevenness": 0.5, "grain": 0.5, "ringing": 0.5}
"""Properties of texture that count beside those of form, and how much."""

LEASH = 0.01
"""What straying from an estimate costs, per squared spread: enough to hold a knob that changes nothing."""


@dataclass(frozen=True)
class Simulated:
    """The style that came closest; its knobs; distances before and after; and how many candidates were drawn."""

    style: Style
    values: dict[str, float]
    before: float
    after: float
    candidates: int


class Comparison:
    """Distances of drawn from real pictures' summaries."""

    def __init__(self, real: Summaries) -> None:
        weights = [1.0 if index < FORM else SOFT.get(name, 0.0) for index, (name, _) in enumerate(ALL)]
        self._weights = np.sqrt(np.array(weights) / (sum(weights) * len(LEVELS)))
        self._real = np.quantile(real, LEVELS, axis=0)
        spread = real.std(axis=0).astype(np.float64)
        self._scale = np.maximum(spread, LEAST_SPREAD * np.abs(real.mean(axis=0)) + 1e-4)

    def residuals(self, drawn: Summaries) -> NDArray[np.float64]:
        """How far each quantile of each property is off, in the property's real spread; a property that is far off
        counts as several that are a little, but no more than FURTHEST."""
        off = (np.quantile(drawn, LEVELS, axis=0) - self._real) / self._scale
        bounded: NDArray[np.float64] = (np.clip(off, -FURTHEST, FURTHEST) * self._weights).ravel()
        return bounded


def simulate(
    style: Style,
    real: Sequence[Colours],
    measure: Measure,
    typefaces: Sequence[Typeface],
    alphabet: str,
    lengths: Sequence[int],
    seed: int,
    is_over: Callable[[], bool],
    progress: Callable[[float], bool] = lambda _: True,
    pictures: int = PICTURES,
) -> Simulated:
    """The style with its numbers turned to where drawn pictures measure as the real ones.

    `lengths` are those of texts, as often as they should occur. Ends early when time `is_over`, or where `progress`,
    which is told the share done, says no. Whether the estimates, the steps' or the search's values are taken, fresh
    pictures decide. Each candidate draws `pictures` of them, fewer of large ones.
    """
    comparison = Comparison(measure.all(real))
    knobs = knobs_of(style)
    pixels = float(np.mean([each.shape[0] * each.shape[1] for each in real]))
    count = int(np.clip(pictures * (5_000 / pixels) ** 0.7, min(30, pictures), pictures))
    start, spread = (np.array([getattr(knob, name) for knob in knobs]) for name in ("start", "spread"))
    low, high = (np.array([getattr(knob, name) for knob in knobs]) for name in ("low", "high"))
    drawn_in = 0

    def residuals(values: Values, of_seed: int, times: int = 1) -> NDArray[np.float64]:
        nonlocal drawn_in
        drawn_in += 1
        texts = random_texts(alphabet, lengths, times * count, of_seed)
        return comparison.residuals(
            measure.all(draw_texts(texts, turned(style, knobs, values), typefaces, of_seed))
        )

    def cost(of_residuals: NDArray[np.float64], values: Values) -> float:
        return float(np.square(of_residuals).sum()) + LEASH * float(
            np.square((values - start) / spread).mean()
        )

    def may_go_on(share: float) -> bool:
        return progress(share) and not is_over()

    stepped = _step(start, spread, low, high, residuals, cost, seed, lambda share: may_go_on(0.5 * share))
    searched = _search(
        stepped, spread, low, high, residuals, cost, seed + 1, lambda share: may_go_on(0.5 + 0.5 * share)
    )
    tried = [
        (np.linalg.norm(residuals(values, seed + 7919, 2)), n)
        for n, values in enumerate((start, stepped, searched))
    ]
    after, chosen = min(tried)
    values = (start, stepped, searched)[chosen]
    by_name = {knob.name: float(value) for knob, value in zip(knobs, values, strict=True)}
    return Simulated(turned(style, knobs, values), by_name, float(tried[0][0]), float(after), drawn_in)


Residuals = Callable[..., NDArray[np.float64]]
Cost = Callable[[NDArray[np.float64], Values], float]


def _step(
    start: Values,
    spread: Values,
    low: Values,
    high: Values,
    residuals: Residuals,
    cost: Cost,
    seed: int,
    may_go_on: Callable[[float], bool],
) -> Values:
    """Damped Gauss-Newton steps; the damping is that one of a few that comes out best."""
    values = start
    for step in range(STEPS):
        here = residuals(values, seed + step)
        answers = np.empty((len(here), len(values)))
        for knob in range(len(values)):
            if not may_go_on((step + knob / len(values)) / STEPS):
                return values
            aside = values.copy()
            # Towards the side on which there is more room.
            reach = 0.6 * spread[knob] * (1 if high[knob] - values[knob] >= values[knob] - low[knob] else -1)
            aside[knob] = np.clip(values[knob] + reach, low[knob], high[knob])
            moved = (aside[knob] - values[knob]) / spread[knob]
            answers[:, knob] = (residuals(aside, seed + step) - here) / moved
        square, pull = answers.T @ answers, answers.T @ here
        leash = LEASH / len(values)
        best, least = values, cost(here, values)
        for damping in (0.03, 0.3, 3.0):
            damped = square + np.diag(damping * np.diag(square) + leash + 1e-9)
            turn = -np.linalg.solve(damped, pull + leash * (values - start) / spread)
            candidate = np.clip(values + np.clip(turn, -3, 3) * spread, low, high)
            if (found := cost(residuals(candidate, seed + step), candidate)) < least:
                best, least = candidate, found
        if best is values:
            break
        values = best
    return values


def _search(
    start: Values,
    spread: Values,
    low: Values,
    high: Values,
    residuals: Residuals,
    cost: Cost,
    seed: int,
    may_go_on: Callable[[float], bool],
) -> Values:
    """The middle of the best after some generations of the cross-entropy method."""
    random = np.random.default_rng(seed)
    mean, deviation = start, 0.4 * spread
    for generation in range(GENERATIONS):
        candidates = mean + deviation * random.standard_normal((POPULATION, len(mean)))
        candidates = np.clip(candidates, low, high)
        candidates[0] = mean
        costs = []
        for index, values in enumerate(candidates):
            if not may_go_on((generation + index / POPULATION) / GENERATIONS):
                return mean
            costs.append(cost(residuals(values, seed + generation), values))
        elite = candidates[np.argsort(costs)[:ELITE]]
        mean = 0.3 * mean + 0.7 * elite.mean(axis=0)
        deviation = 0.5 * deviation + 0.5 * elite.std(axis=0)
    return mean
