"""Shares of what was counted, and how sure one may be of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A confidence interval of a share; both ends are within 0..1."""

    low: float
    high: float

    def to_json(self) -> list[float]:
        """[low, high]."""
        return [self.low, self.high]


def wilson_interval(successes: float, n: float, z: float = Z_95) -> Interval:
    """The Wilson score interval of a share, 95 % by default; (0, 1) when nothing was counted.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    Raises ValueError unless 0 <= successes <= n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes out of {n} is impossible.")
    if n == 0:
        return Interval(0.0, 1.0)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(
        low=0.0 if successes == 0 else centre - half, high=1.0 if successes == n else centre + half
    )


def difference_interval(one: "Share", other: "Share", z: float = Z_95) -> tuple[float, float]:
    """The interval of the difference of two shares of different things, within -1..1; 95 % by default.

    Method 10 of R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
    Medicine 17 (1998): Wilson's intervals of both, put together.
    """
    first, second = wilson_interval(one.count, one.n, z), wilson_interval(other.count, other.n, z)
    difference = one.value - other.value
    below = sqrt((one.value - first.low) ** 2 + (second.high - other.value) ** 2)
    above = sqrt((first.high - one.value) ** 2 + (other.value - second.low) ** 2)
    return max(difference - below, -1.0), min(difference + above, 1.0)


def clustered_interval(scores: Sequence[float], trials: int) -> Interval:
    """The interval of a mean of scores 0..1, each over several trials that tend to fail together, such as the
    characters of one image; `trials` counts them all.

    Wilson's interval with the effective number of trials that the scores' variance tells, between the number
    of scores and `trials`, as E. L. Korn and B. I. Graubard do for surveys ("Confidence intervals for
    proportions with small expected number of positive counts", Survey Methodology 24, 1998). Where all scores
    are 0 or all are 1, nothing shows that trials fail together: then all of them count.
    """
    n = len(scores)
    if n == 0:
        return Interval(0.0, 1.0)
    mean = min(max(sum(scores) / n, 0.0), 1.0)
    variance = sum((score - mean) ** 2 for score in scores) / n
    effective = float(trials)
    if variance > 0:
        effective = min(effective, max(n, n * mean * (1 - mean) / variance))
    return wilson_interval(min(mean * effective, effective), effective)


@dataclass(frozen=True)
class Share:
    """So many of n."""

    count: int
    n: int

    @property
    def value(self) -> float:
        """0..1; 0 of nothing is 0."""
        return self.count / self.n if self.n else 0.0

    @property
    def interval(self) -> Interval:
        """The 95 % Wilson interval."""
        return wilson_interval(self.count, self.n)

    def to_json(self) -> dict[str, Any]:
        """count, n, share and interval [low, high]."""
        return {
            "count": self.count,
            "n": self.n,
            "share": self.value,
            "interval": self.interval.to_json(),
        }
