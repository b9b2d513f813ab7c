"""The order in which a network sees its inputs, and batches prepared while it trains on the one before."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.recognition.augmentation import Augmentation

AHEAD = 4
"""Batches prepared ahead of the training step."""

Guide = Callable[[NDArray[np.float32], NDArray[np.generic]], NDArray[np.generic]]
"""Pictures as they are shown and their targets to targets that say more."""

Batch = tuple[NDArray[np.float32], NDArray[np.generic]]


@dataclass(frozen=True)
class Batches:
    """Shuffled, augmented batches; equal seeds and epochs give equal ones.

    `inputs` are uint8 (n, height, width, channels), `targets` (n, ...). `weights` say how often an input is seen
    in relation to others, None for once each. A last, smaller batch is left out; the next epoch's order is
    another one.
    """

    inputs: NDArray[np.uint8]
    targets: NDArray[np.generic]
    weights: NDArray[np.float64] | None
    augmentation: Augmentation
    guide: Guide
    batch_size: int
    seed: int
    passes: int = 1
    """How often an epoch goes through all inputs."""

    def __len__(self) -> int:
        return self.passes * len(self.inputs) // self.batch_size

    def of_epoch(self, epoch: int, *, guided: bool = False) -> Iterator[Batch]:
        """The batches of an epoch: float32 (batch_size, height, width, channels) in 0..1, and their targets."""
        shuffling = np.random.default_rng([self.seed, epoch])
        passes = [epoch_order(len(self.inputs), self.weights, shuffling) for _ in range(self.passes)]
        order = np.concatenate(passes)

        def prepare(batch: int) -> Batch:
            chosen = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            random = np.random.default_rng([self.seed, epoch, batch])
            pictures, targets = self.augmentation.batch(self.inputs[chosen], random), self.targets[chosen]
            return pictures, self.guide(pictures, targets) if guided else targets

        with ThreadPoolExecutor(max_workers=1) as pool:
            waiting: list[Future[Batch]] = []
            try:
                for batch in range(len(self) + AHEAD):
                    if batch < len(self):
                        waiting.append(pool.submit(prepare, batch))
                    if batch >= AHEAD:
                        yield waiting.pop(0).result()
            finally:
                for future in waiting:
                    future.cancel()


def epoch_order(
    n: int, weights: NDArray[np.float64] | None, random: np.random.Generator
) -> NDArray[np.int64]:
    """Which of `n` inputs to see in which order: int64 (n,), each once, or as often as its weight says.

    Weighted inputs are drawn by systematic resampling (J. Carpenter et al., "Improved particle filter for
    nonlinear problems", 1999): each comes floor or ceiling of its expected number of times.
    """
    shuffled: NDArray[np.int64] = random.permutation(n)
    if weights is None:
        return shuffled
    edges = np.cumsum(weights[shuffled])
    places = (np.arange(n) + random.random()) * (edges[-1] / n)
    drawn = shuffled[np.searchsorted(edges, places, side="right").clip(max=n - 1)]
    order: NDArray[np.int64] = random.permutation(drawn)
    return order


def balancing_weights(
    encoded: NDArray[np.int64], characters: int, strength: float
) -> NDArray[np.float64] | None:
    """How often inputs should be seen so that rare characters are met more often; None where strength is 0.

    Takes class indices (n, characters per input); those from `characters` on are no characters. At strength 1,
    inputs of one character each are met equally often per class, the bootstrap of the balanced letter recipe;
    an input of several characters weighs as much as they do on average.
    """
    if not strength:
        return None
    counts = np.bincount(encoded[encoded < characters], minlength=characters)
    rarity = np.append(np.maximum(counts, 1.0) ** -strength, np.nan)
    weights: NDArray[np.float64] = np.nanmean(rarity[np.minimum(encoded, characters)], axis=1)
    weights /= weights.sum()
    return weights
