"""How right pseudo-labels are, before anybody has looked at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labeling.intervals import Interval, Share, wilson_interval

WEIGHT_OF_CONFIDENCE = 10.0
"""The mean confidence counts as much as so many held-out readings."""

WEIGHT_OF_DRAWN = 10.0
"""Held-out readings of drawn pictures count as so many at most: to read these right says little of real ones."""


@dataclass(frozen=True)
class PrecisionEstimate:
    """An expected share 0..1 of right pseudo-labels, with its 95 % interval."""

    value: float
    interval: Interval


def estimate_precision(
    confidences: Sequence[float], held_out: Share, *, is_drawn: bool = False
) -> PrecisionEstimate:
    """Of the pseudo-labels with these confidences 0..1, the share that is right.

    Confidences that temperature scaling made honest (C. Guo et al. 2017) say it by their mean; the readings of held-out
    samples that pass the same threshold check that. Both are pooled, the former as a prior of WEIGHT_OF_CONFIDENCE
    readings, and the interval is Wilson's of that many. With no pseudo-label at all, nothing is known: 0, from 0 to 1.
    """
    if not len(confidences):
        return PrecisionEstimate(0.0, Interval(0.0, 1.0))
    expected = sum(confidences) / len(confidences)
    checked = min(float(held_out.n), WEIGHT_OF_DRAWN) if is_drawn else float(held_out.n)
    n = WEIGHT_OF_CONFIDENCE + checked
    right = min(expected * WEIGHT_OF_CONFIDENCE + held_out.value * checked, n)
    return PrecisionEstimate(right / n, wilson_interval(right, n))
