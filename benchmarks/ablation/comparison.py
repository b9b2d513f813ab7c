"""How a variant differs from the default on the same images, and how sure one may be of that."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000

Outcomes = NDArray[np.float64]
"""Of one set: (trainings, images), 1 where an image was read right and 0 where not."""


@dataclass(frozen=True)
class Difference:
    """Of two shares of images read right, -1..1, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_shown(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0


def difference(variant: Sequence[Outcomes], default: Sequence[Outcomes], seed: int = 0) -> Difference:
    """The variant's share less the default's, over one set or several; row by row, trainings of both had the same
    seed, and columns are the same images.

    The interval is a percentile bootstrap that draws images and trainings anew, each on its own, within each set: A. B.
    Owen, "The pigeonhole bootstrap" (Annals of Applied Statistics 1, 2007). Images alone would leave out the luck of
    a training, and make it too narrow.
    """
    random = np.random.default_rng(seed)
    gains = [one - other for one, other in zip(variant, default, strict=True)]
    sizes = np.array([each.shape[1] for each in gains])
    weights = sizes / sizes.sum()
    value = float(sum(weight * each.mean() for weight, each in zip(weights, gains, strict=True)))
    drawn = sum(weight * _redrawn(each, random) for weight, each in zip(weights, gains, strict=True))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Difference(value, float(low), float(high))


def _redrawn(gains: Outcomes, random: np.random.Generator) -> NDArray[np.float64]:
    """Means of gains (trainings, images) that were drawn with replacement: (RESAMPLES,)."""
    trainings, images = gains.shape
    how_often = random.multinomial(images, np.full(images, 1 / images), RESAMPLES)
    means = how_often @ gains.T / images
    chosen = random.integers(0, trainings, (RESAMPLES, trainings))
    redrawn: NDArray[np.float64] = np.take_along_axis(means, chosen, axis=1).mean(axis=1)
    return redrawn
