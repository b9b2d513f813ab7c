"""What every way of decoding can do."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from training.recognition.decoding.decoded import Decoded
from training.recognition.task import ReadingTask


class Decoder(Protocol):
    """Reads outputs of one kind: probabilities (n, steps, symbols) in 0..1, each row of symbols summing to 1."""

    name: ClassVar[str]

    def symbols(self, task: ReadingTask) -> int:
        """How many symbols a network has to tell apart at each step."""
        ...

    def decode(self, probabilities: NDArray[np.floating], task: ReadingTask) -> list[Decoded]:
        """The most probable text of each image."""
        ...

    def log_likelihoods(
        self, probabilities: NDArray[np.floating], task: ReadingTask, texts: Sequence[str]
    ) -> NDArray[np.float64]:
        """The logarithm of the probability of each image's given text among all texts the task allows: (n,)."""
        ...
