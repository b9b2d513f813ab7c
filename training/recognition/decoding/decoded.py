"""What decoding gives back."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SMALLEST_PROBABILITY = 1e-12


@dataclass(frozen=True)
class Decoded:
    """One chosen reading.

    `indices` are class indices of its characters and `probabilities` theirs, each 0..1; `distributions` are
    the probabilities of all characters at each place, float64 (length, characters), rows summing to at most 1.
    `steps` are the first and last step of the network's output where each character stands. `confidence` is
    the probability 0..1 of the whole text among all texts that the task allows.
    """

    text: str
    indices: tuple[int, ...]
    probabilities: tuple[float, ...]
    confidence: float
    steps: tuple[tuple[int, int], ...]
    distributions: NDArray[np.float64] = field(compare=False, repr=False)
