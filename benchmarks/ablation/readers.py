"""Ways to read with what one training left behind."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition import checkpoints
from training.recognition.augmentation import Augmentation
from training.recognition.batches import Batches
from training.recognition.data import Samples
from training.recognition.fit import EpochMetrics, SilentListener
from training.recognition.network_fit import LAST
from training.recognition.trained import TrainedNetwork

Weights = list[NDArray[Any]]

LAST_SHARE = 4
"""The last 1 / LAST_SHARE of the epochs is averaged equally."""

STATISTICS_EPOCHS = 10
"""Epochs over which batch normalisation gathers its statistics anew, about 40 to 80 batches."""

SHIFT, SCALE = 0.02, 0.05
"""Of the versions of a picture that are read beside it: shares of its width, and of its size."""


class RawWeights(SilentListener):
    """Remembers what the network's weights were after each epoch, before any averaging."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.epochs: list[Weights] = []

    def on_epoch(self, metrics: EpochMetrics) -> None:
        groups, _ = checkpoints.read_checkpoint(self.folder / LAST)
        self.epochs.append(groups["model"])


@dataclass(frozen=True)
class Finished:
    """A finished training: the model as the product keeps it, the raw weights after each epoch, and what it was
    trained on."""

    model: TrainedNetwork
    raw: Sequence[Weights]
    train: Samples
    augmentation: Augmentation
    seed: int
    cache: dict[str, Weights] = field(default_factory=dict)


Reader = Callable[[Finished, Samples], list[str]]


def as_kept(finished: Finished, samples: Samples) -> list[str]:
    """With the moving average of the weights, of the epoch that the validation images chose."""
    return [each.text for each in finished.model.read(samples)]


def last_weights(finished: Finished, samples: Samples) -> list[str]:
    """With the weights as they were after the last step."""
    with _weights(finished.model, finished.raw[-1]):
        return as_kept(finished, samples)


def equal_average(finished: Finished, samples: Samples) -> list[str]:
    """With the equal average of the weights after each epoch of the last quarter: P. Izmailov et al., "Averaging
    Weights Leads to Wider Optima and Better Generalization" (arXiv 1803.05407)."""
    if "equal_average" not in finished.cache:
        finished.cache["equal_average"] = _equally_averaged(finished)
    with _weights(finished.model, finished.cache["equal_average"]):
        return as_kept(finished, samples)


def several_versions(finished: Finished, samples: Samples) -> list[str]:
    """From the mean of the probabilities over a picture and four versions of it, shifted or scaled a little."""
    model = finished.model
    versions = [samples, *(Samples(each, samples.texts) for each in _versions(samples.pictures))]
    mean = np.mean([model.probabilities(each) for each in versions], axis=0)
    return [each.text for each in model.decoder.decode(mean, model.task)]


def _equally_averaged(finished: Finished) -> Weights:
    model, raw = finished.model, finished.raw
    variables = checkpoints.model_variables(model.network)
    averaged = raw[-max(1, len(raw) // LAST_SHARE) :]
    learnt = {id(each) for each in model.network.trainable_variables}
    weights = [
        np.mean([epoch[index] for epoch in averaged], axis=0) if id(variable) in learnt else raw[-1][index]
        for index, variable in enumerate(variables)
    ]
    with _weights(model, weights):
        # Where features lie has changed with the weights.
        for pictures in _shown(finished):
            model.network(pictures, training=True)
        return checkpoints.values_of(variables)


def _shown(finished: Finished) -> Iterator[NDArray[np.float32]]:
    """Batches as training showed them."""
    pictures = finished.train.pictures
    inputs = pictures.reshape(-1, *pictures.shape[2:])
    batches = Batches(
        inputs=inputs,
        targets=np.zeros(len(inputs)),
        weights=None,
        augmentation=finished.augmentation,
        guide=lambda _, targets: targets,
        batch_size=min(32, len(inputs)),
        seed=finished.seed,
    )
    for epoch in range(STATISTICS_EPOCHS):
        for shown, _ in batches.of_epoch(epoch):
            yield shown


@contextmanager
def _weights(model: TrainedNetwork, weights: Weights) -> Iterator[None]:
    """The model with other weights for a while."""
    variables = checkpoints.model_variables(model.network)
    kept = checkpoints.values_of(variables)
    checkpoints.assign(variables, weights)
    try:
        yield
    finally:
        checkpoints.assign(variables, kept)


def _versions(pictures: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Four times uint8 (n, parts, height, width, channels): a little to the right and left, larger and smaller."""
    height, width = pictures.shape[2:4]
    moves = [(SHIFT * width, 1.0), (-SHIFT * width, 1.0), (0.0, 1 + SCALE), (0.0, 1 - SCALE)]
    return [_mapped(pictures, _about_the_centre(height, width, shift, scale)) for shift, scale in moves]


def _about_the_centre(height: int, width: int, shift: float, scale: float) -> NDArray[np.float64]:
    rest = (1 - scale) / 2
    return np.array([[scale, 0, rest * (width - 1) + shift], [0, scale, rest * (height - 1)]])


def _mapped(pictures: NDArray[np.uint8], matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    size = pictures.shape[3], pictures.shape[2]
    flat = pictures.reshape(-1, *pictures.shape[2:])
    mapped = [cv2.warpAffine(each, matrix, size, borderMode=cv2.BORDER_REPLICATE) for each in flat]
    return np.stack(mapped).reshape(pictures.shape).astype(np.uint8)
