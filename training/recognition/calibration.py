"""Whether confidences mean what they say: of the readings given with 90 %, are 90 % right?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, exp, log, sqrt

BINS = 15

LARGEST_TEMPERATURE = 10.0
"""Temperatures are looked for between its reciprocal and this."""

PRECISION_OF_LOG = 1e-4
"""How closely the logarithm of the best temperature is found."""

GOLDEN = (sqrt(5) - 1) / 2


@dataclass(frozen=True)
class ReliabilityBin:
    """The readings whose confidence lies in (low, high]: how many, how sure they were on average, how many of
    them were right. The first bin includes confidence 0."""

    low: float
    high: float
    n: int
    right: int
    mean_confidence: float

    @property
    def accuracy(self) -> float:
        """The share of right readings, 0..1."""
        return self.right / self.n


def reliability_bins(
    confidences: Sequence[float], right: Sequence[bool], bins: int = BINS
) -> tuple[ReliabilityBin, ...]:
    """The points of a reliability diagram: readings grouped by confidence into bins of equal width, least
    sure first; bins without readings are left out.

    `confidences` are 0..1, `right` tells which of those readings were right. Raises ValueError for unequal
    numbers of them.
    """
    members: dict[int, list[tuple[float, bool]]] = {}
    for confidence, is_right in zip(confidences, right, strict=True):
        members.setdefault(_bin_of(confidence, bins), []).append((confidence, is_right))
    return tuple(
        ReliabilityBin(
            low=index / bins,
            high=(index + 1) / bins,
            n=len(readings),
            right=sum(is_right for _, is_right in readings),
            mean_confidence=sum(confidence for confidence, _ in readings) / len(readings),
        )
        for index, readings in sorted(members.items())
    )


def _bin_of(confidence: float, bins: int) -> int:
    return min(max(ceil(confidence * bins) - 1, 0), bins - 1)


def expected_calibration_error(
    confidences: Sequence[float], right: Sequence[bool], bins: int = BINS
) -> float:
    """The mean distance between confidence and accuracy over the reliability bins, weighted by their
    readings: 0 (confidences mean what they say) to 1; 0 when there are no readings.

    M. P. Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015; C. Guo
    et al., "On Calibration of Modern Neural Networks", ICML 2017. With few readings per bin it is too large
    even for perfect confidences: chance alone takes a bin of m readings about 0.4 / sqrt(m) off.
    """
    groups = reliability_bins(confidences, right, bins)
    distances = sum(each.n * abs(each.accuracy - each.mean_confidence) for each in groups)
    return distances / len(confidences) if confidences else 0.0


def fit_temperature(negative_log_likelihood: Callable[[float], float]) -> float:
    """The temperature within [1/10, 10] that makes validation texts most probable; 1 where none does better.

    Takes the mean negative log-likelihood of the true texts as a function of the temperature that logits are
    divided by (temperature scaling, Guo et al. 2017). For a softmax it is convex in the reciprocal
    temperature, so it has one valley, and golden-section search finds its floor (J. Kiefer, "Sequential
    minimax search for a maximum", 1953). Where validation readings are all right by far, sharper is always
    more probable: then the answer is the lower bound.
    """

    def cost(logarithm: float) -> float:
        return negative_log_likelihood(exp(logarithm))

    low, high = -log(LARGEST_TEMPERATURE), log(LARGEST_TEMPERATURE)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    cost_left, cost_right = cost(left), cost(right)
    while high - low > PRECISION_OF_LOG:
        if cost_left <= cost_right:
            high, right, cost_right = right, left, cost_left
            left = high - GOLDEN * (high - low)
            cost_left = cost(left)
        else:
            low, left, cost_left = left, right, cost_right
            right = low + GOLDEN * (high - low)
            cost_right = cost(right)
    best = (low + high) / 2
    return exp(best) if cost(best) < cost(0.0) else 1.0
