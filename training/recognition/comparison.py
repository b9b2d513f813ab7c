"""Whether one reader is better than another, or may only seem so by chance: both read the same images."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from scipy.special import bdtr, betaincinv

from labeling.intervals import Z_95, Share

CHANCE = 0.05
"""A difference that chance would bring less often than this is believed."""


@dataclass(frozen=True)
class DifferenceInterval:
    """A 95 % interval of a difference of two shares; both ends are within -1..1."""

    low: float
    high: float


@dataclass(frozen=True)
class PairedComparison:
    """Two readers on the same images: how many both read right, only the first, only the second, and neither."""

    both: int
    first_only: int
    second_only: int
    neither: int

    @classmethod
    def of(cls, right: Iterable[tuple[bool, bool]]) -> "PairedComparison":
        """Count pairs of whether the first and the second reader are right, one pair per image."""
        counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
        for first, second in right:
            counts[first, second] += 1
        return cls(counts[True, True], counts[True, False], counts[False, True], counts[False, False])

    @property
    def n(self) -> int:
        return self.both + self.first_only + self.second_only + self.neither

    @property
    def first(self) -> Share:
        """What the first reader reads right."""
        return Share(self.both + self.first_only, self.n)

    @property
    def second(self) -> Share:
        """What the second reader reads right."""
        return Share(self.both + self.second_only, self.n)

    @property
    def p_value(self) -> float:
        """How often, 0..1, chance alone would bring a difference at least as large between equally good readers.

        McNemar's test in its exact form: of the images that only one of the two reads right, each is as likely to be
        the first's as the second's. Q. McNemar, "Note on the sampling error of the difference between correlated
        proportions", Psychometrika 12 (1947).
        """
        differing = self.first_only + self.second_only
        if not differing:
            return 1.0
        # `bdtr` is the binomial distribution function; both of its tails are alike.
        return min(1.0, 2 * float(bdtr(min(self.first_only, self.second_only), differing, 0.5)))

    @property
    def is_shown(self) -> bool:
        """Whether the difference is more than chance would bring in 1 of 20 cases."""
        return self.p_value < CHANCE

    @property
    def difference(self) -> float:
        """The first reader's share of right images less the second's, -1..1; 0 of nothing is 0."""
        return (self.first_only - self.second_only) / self.n if self.n else 0.0

    @property
    def interval(self) -> DifferenceInterval:
        """The 95 % interval of the difference: at each end the wider one of two, so that it holds 0 wherever the test
        cannot tell the readers apart.

        One is the adjusted Wald interval: half an image is added to each of the four counts (A. Agresti and Y. Min,
        "Simple improved confidence intervals for comparing matched proportions", Statistics in Medicine 24, 2005). The
        other turns the exact test around: the Clopper-Pearson interval of the first reader's share of the images that
        only one reads right.
        """
        n = self.n + 2
        first, second = self.first_only + 0.5, self.second_only + 0.5
        centre = (first - second) / n
        half = Z_95 * sqrt(first + second - (first - second) ** 2 / n) / n
        low, high = self._exact_interval()
        return DifferenceInterval(max(-1.0, min(low, centre - half)), min(1.0, max(high, centre + half)))

    def _exact_interval(self) -> tuple[float, float]:
        first, second, tail = self.first_only, self.second_only, CHANCE / 2
        low = float(betaincinv(first, second + 1, tail)) if first else 0.0
        high = float(betaincinv(first + 1, second, 1 - tail)) if second else 1.0
        scale = (first + second) / self.n if self.n else 0.0
        return (2 * low - 1) * scale, (2 * high - 1) * scale


def fewest_to_differ() -> int:
    """How many images only one of two readers must read right, all of them the same reader, to show which is better."""
    differing = 1
    while not PairedComparison(0, differing, 0, 0).is_shown:
        differing += 1
    return differing
