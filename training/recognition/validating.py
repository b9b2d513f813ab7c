"""What a model that is being trained reads in its validation samples, the same for every architecture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.recognition.data import Samples
from training.recognition.metrics import character_accuracy, whole_string_accuracy
from training.recognition.progress import EpochMetrics, Validated
from training.recognition.trained import TrainedModel


@dataclass(frozen=True)
class ReadValidation:
    """True texts, readings with their confidences 0..1, and losses in nats per character; n of each."""

    texts: Sequence[str]
    readings: Sequence[str]
    confidences: Sequence[float]
    losses: Sequence[float]

    @property
    def loss(self) -> float:
        return float(np.mean(self.losses))

    @property
    def whole_string_accuracy(self) -> float:
        return whole_string_accuracy(self.texts, self.readings)

    @property
    def character_accuracy(self) -> float:
        return character_accuracy(self.texts, self.readings)

    def told(self, metrics: EpochMetrics) -> Validated:
        """This as the listener of an epoch is told it."""
        return Validated(metrics, self.texts, self.readings, self.confidences, self.losses)


def read_validation(
    model: TrainedModel, samples: Samples, probabilities: NDArray[np.float32] | None = None
) -> ReadValidation:
    """Reads samples; `probabilities` are those of the model where they are known already."""
    if probabilities is None:
        probabilities = model.probabilities(samples)
    decoded = model.decoder.decode(probabilities, model.task)
    likelihoods = model.decoder.log_likelihoods(probabilities, model.task, samples.texts)
    return ReadValidation(
        texts=samples.texts,
        readings=[each.text for each in decoded],
        confidences=[each.confidence for each in decoded],
        losses=(-likelihoods / model.task.positions).tolist(),
    )
