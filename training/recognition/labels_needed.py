"""How many labels a reader needs to read a share of the images: read off a learning curve, or fitted to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.recognition.curve_point import CurvePoint

TARGETS = (0.5, 0.9, 0.99)

REACH = 4.0
"""A fit is believed up to so many times the labels that were measured: two doublings."""

FEWEST_FOR_FIT = 3
DRAWS = 2000
"""Of the bootstrap that gives a fit its interval."""


class Evidence(StrEnum):
    """What a number of labels rests on."""

    MEASURED = "measured"
    FITTED = "fitted"
    NONE = "none"


@dataclass(frozen=True)
class LabelsNeeded:
    """How many labels it takes to read the share `target` (0..1) of the images.

    MEASURED: a reader with `labels` read so much; with `low` at least one might have (its 95 % interval holds the
    target), with `high` one surely did (its interval lies above the target); each None where no reader did.
    `cpu_seconds` of processor time is what the reader with `labels` took.
    FITTED: no reader did; a power law through the curve says `labels`, with a 95 % interval whose ends are None where
    they lie beyond REACH.
    NONE: neither; there is no number.
    """

    target: float
    evidence: Evidence
    labels: int | None = None
    low: int | None = None
    high: int | None = None
    cpu_seconds: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return vars(self) | {"evidence": self.evidence.value}


def labels_needed(points: Sequence[CurvePoint], target: float) -> LabelsNeeded:
    """Say how many labels a learning curve (fewest labels first) shows or lets expect for a target."""
    reached = next((point for point in points if point.test.value >= target), None)
    if reached is not None:
        might = next(point for point in points if point.test.interval.high >= target)
        surely = next((point for point in points if point.test.interval.low >= target), None)
        return LabelsNeeded(
            target,
            Evidence.MEASURED,
            labels=reached.labels,
            low=might.labels,
            high=None if surely is None else surely.labels,
            cpu_seconds=reached.cpu_seconds,
        )
    return _fitted(points, target)


def _fitted(points: Sequence[CurvePoint], target: float) -> LabelsNeeded:
    """By the power law error = a * labels ** -b that learning curves follow beyond their first, slow part.

    J. Hestness et al., "Deep Learning Scaling is Predictable, Empirically" (arXiv 1712.00409). The interval is that of
    a parametric bootstrap: each point's count is drawn anew from its binomial distribution, and the law fitted anew.
    """
    used = _falling(points)
    nothing = LabelsNeeded(target, Evidence.NONE)
    if len(used) < FEWEST_FOR_FIT:
        return nothing
    labels = np.array([point.labels for point in used], float)
    right = np.array([point.test.count for point in used])
    n = np.array([point.test.n for point in used])
    furthest = REACH * labels[-1]
    needed = float(_needed(labels, right[None, :], n, target)[0])
    if not needed <= furthest:
        return nothing
    random = np.random.default_rng(0)
    # As in the fit: half an image more right and wrong, so that no share is 0 or 1.
    drawn = random.binomial(n, (right + 0.5) / (n + 1), (DRAWS, len(used)))
    low, high = np.quantile(_needed(labels, drawn, n, target), (0.025, 0.975), method="nearest")
    return LabelsNeeded(
        target,
        Evidence.FITTED,
        labels=round(needed),
        # What was measured stands against fewer.
        low=round(max(low, labels[-1])) if low <= furthest else None,
        high=round(high) if high <= furthest else None,
    )


def _falling(points: Sequence[CurvePoint]) -> list[CurvePoint]:
    """The end of a curve, from the last point on before which hardly anything was read: the law begins there."""
    start = 0
    for place, (one, _) in enumerate(pairwise(points)):
        if one.test.value < 0.1:
            start = place + 1
    return list(points[start:])


def _needed(
    labels: NDArray[np.float64], right: NDArray[np.int64], n: NDArray[np.int64], target: float
) -> NDArray[np.float64]:
    """Labels at which the law, fitted to each row of counts, reaches the target; infinite where it never does.

    Straight lines through the logarithms of labels and errors, by weighted least squares: a logarithm's variance is
    about (1 - error) / (error * n).
    """
    errors = 1 - (right + 0.5) / (n + 1)
    weights = errors * n / (1 - errors)
    x, y = np.log(labels)[None, :], np.log(errors)
    total = weights.sum(axis=1)
    mean_x, mean_y = (weights * x).sum(axis=1) / total, (weights * y).sum(axis=1) / total
    across = x - mean_x[:, None]
    slope = (weights * across * (y - mean_y[:, None])).sum(axis=1) / (weights * across**2).sum(axis=1)
    falls = slope < 0
    needed = np.full(len(right), np.inf)
    with np.errstate(over="ignore"):
        needed[falls] = np.exp(mean_x[falls] + (np.log(1 - target) - mean_y[falls]) / slope[falls])
    return needed
