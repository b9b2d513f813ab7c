"""Fitting a reader to samples: one entry for all architectures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.recognition.architectures import Architecture, Hyperparameters, get_architecture
from training.recognition.calibration import fit_temperature
from training.recognition.data import Samples
from training.recognition.progress import (
    BatchProgress,
    Ending,
    EpochMetrics,
    FitListener,
    SilentListener,
    TrainingFailed,
    Validated,
)
from training.recognition.task import ReadingTask
from training.recognition.trained import TrainedModel, softmax

__all__ = [
    "BatchProgress",
    "Ending",
    "EpochMetrics",
    "FitListener",
    "FitRequest",
    "FitResult",
    "SilentListener",
    "TrainingFailed",
    "Validated",
    "check_samples",
    "fit_reader",
]

USUAL_LOG_TEMPERATURE = 0.5
"""How far the logarithm of a temperature usually lies from 0: what a handful of validation images, all read
right, would otherwise turn into boundless confidence."""


@dataclass(frozen=True)
class FitRequest:
    """What an architecture needs to know to fit itself; see `fit_reader`."""

    task: ReadingTask
    hyperparameters: Hyperparameters
    train: Samples
    validation: Samples
    folder: Path
    seed: int
    epochs: int
    seconds: float | None
    listener: FitListener
    on_validation: Callable[[Validated], None] | None = None
    begin_with: TrainedModel | None = None


@dataclass(frozen=True)
class FitResult:
    """A trained reader with its best weights, and how it came about.

    `seconds` includes former, resumed parts. `best` is None, and the model hardly trained, where the training
    was stopped before its first epoch ended.
    """

    model: TrainedModel
    history: tuple[EpochMetrics, ...]
    best: EpochMetrics | None
    ending: Ending
    seconds: float


def fit_reader(
    *,
    task: ReadingTask,
    architecture: str | Architecture,
    hyperparameters: Mapping[str, Any] | None,
    train: Samples,
    validation: Samples,
    folder: Path,
    seed: int = 0,
    max_epochs: int | None = None,
    max_minutes: float | None = None,
    listener: FitListener | None = None,
    on_validation: Callable[[Validated], None] | None = None,
    begin_with: TrainedModel | None = None,
) -> FitResult:
    """Trains an architecture and returns it with the weights that did best on the validation samples.

    Among epochs that the validation samples cannot tell apart, the latest is the best. When whole-string accuracy
    and loss on them have not improved for `patience` epochs, training is cut short: it ends with a few epochs at
    falling learning rates.

    The learning rate warms up and decays along a cosine that ends with `max_epochs` (by default what
    `Architecture.epochs` says) or with `max_minutes`, whichever comes first. After every epoch the whole
    state is kept in `folder`; a second call with the same folder and arguments goes on where the first one
    stopped, and ends as it would have ended without the interruption. Without `max_minutes`, equal seeds give
    equal results on the same machine.

    Last, the validation samples set the temperature that makes the confidences honest.

    `on_validation` is told after each epoch what is read in the validation samples, by architectures that read whole
    texts while they are trained; by the others once they are trained.

    `begin_with` is a model of the same architecture, task and hyper-parameters whose weights the training begins with;
    architectures that are not one network begin anew all the same.

    Raises TrainingFailed, InvalidTask or InvalidHyperparameters with a sentence.
    """
    chosen = get_architecture(architecture) if isinstance(architecture, str) else architecture
    chosen.check(task)
    check_samples(train, validation, task)
    parsed = chosen.parse(hyperparameters)
    request = FitRequest(
        task=task,
        hyperparameters=parsed,
        train=train,
        validation=validation,
        folder=folder,
        seed=seed,
        epochs=max_epochs or chosen.epochs(len(train), parsed),
        seconds=None if max_minutes is None else max_minutes * 60,
        listener=listener or SilentListener(),
        on_validation=on_validation,
        begin_with=begin_with,
    )
    folder.mkdir(parents=True, exist_ok=True)
    result = chosen.fit(request)
    if result.best is not None:
        result.model.temperature = temperature_on(result.model, validation)
    return result


def temperature_on(model: TrainedModel, validation: Samples) -> float:
    """The temperature at which the true texts of the validation samples are most probable, but for a prior
    (log-normal, see USUAL_LOG_TEMPERATURE) that tames what few samples say."""
    logits = model.logits(validation)

    def loss(temperature: float) -> float:
        probabilities = softmax(logits / np.float32(temperature))
        likelihoods = model.decoder.log_likelihoods(probabilities, model.task, validation.texts)
        return float(-likelihoods.sum()) + 0.5 * (math.log(temperature) / USUAL_LOG_TEMPERATURE) ** 2

    return fit_temperature(loss)


def check_samples(train: Samples, validation: Samples, task: ReadingTask) -> None:
    """Raises TrainingFailed with a sentence when these samples cannot teach the task."""
    if not len(validation):
        raise TrainingFailed(
            "There is no labelled image to validate on: label more images, then train again."
        )
    if len(train) < len(task.alphabet):
        raise TrainingFailed(
            f"There are {len(train)} labelled images to train on, fewer than the {len(task.alphabet)} "
            "characters of the alphabet: label more images, then train again."
        )
    seen = sorted(set("".join(train.texts)))
    if len(seen) < 2:
        raise TrainingFailed(
            f"All training texts consist of {seen[0]!r} alone: label images with other characters, too."
        )
    if all(_is_blank(picture) for picture in train.pictures):
        raise TrainingFailed(
            "All training images are blank after preparation: check its steps, such as a crop or a threshold."
        )
    first = train.pictures[0]
    if all(np.array_equal(picture, first) for picture in train.pictures):
        raise TrainingFailed("All training images look the same after preparation: check the preparation.")


def _is_blank(picture: NDArray[np.uint8]) -> bool:
    """Whether each of a sample's parts (parts, height, width, channels) has one colour all over."""
    return not np.ptp(picture, axis=(1, 2)).any()
