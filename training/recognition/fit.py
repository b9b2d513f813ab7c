"""Fitting a reader to samples: one loop for all architectures, on any Keras backend."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from training.recognition import checkpoints
from training.recognition.architectures import (
    Architecture,
    Hyperparameters,
    get_architecture,
)
from training.recognition.augmentation import Augmentation
from training.recognition.backend import compile_for_training, load_keras
from training.recognition.data import Samples
from training.recognition.decoding import decode
from training.recognition.metrics import character_accuracy, whole_string_accuracy
from training.recognition.schedule import Budget, learning_rate
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras

LAST = "last.npz"
BEST = "best.npz"
AHEAD = 4
"""Batches prepared ahead of the training step."""

EMA_MOMENTUM = 0.99
"""Validated and kept is an exponential moving average of the weights over about the last hundred steps."""

TRAINING_SAMPLE = 64
"""Training images that are read after each epoch beside the validation images."""

Ending = Literal["finished", "no longer improving", "out of time", "stopped"]


class TrainingFailed(RuntimeError):
    """Training cannot start or go on; the message is a sentence for people."""


@dataclass(frozen=True)
class BatchProgress:
    """Where a training is after a batch. Epochs and batches count from 1; seconds are of training, resumes
    included.

    `progress` is the share 0..1 of the whole training; `seconds_left` is an estimate, None before there is
    one.
    """

    epoch: int
    batch: int
    batches: int
    loss: float
    progress: float
    seconds: float
    seconds_left: float | None
    images_per_second: float


@dataclass(frozen=True)
class EpochMetrics:
    """What an epoch came to: mean training loss, and loss and accuracies 0..1 on the validation samples.

    `loss` is of the augmented batches as they were trained on; the training accuracies are of a fixed few
    training samples as they are, so that they compare with the validation's. `best` marks an epoch whose
    weights were kept in place of former ones.
    """

    epoch: int
    loss: float
    training_whole_string_accuracy: float
    training_character_accuracy: float
    validation_loss: float
    whole_string_accuracy: float
    character_accuracy: float
    learning_rate: float
    seconds: float
    best: bool


class FitListener(Protocol):
    """Whoever watches a training; called in its thread, so answers must be quick."""

    def on_batch(self, progress: BatchProgress) -> None: ...

    def on_epoch(self, metrics: EpochMetrics) -> None: ...

    def should_stop(self) -> bool: ...


class SilentListener:
    """Watches nothing and never stops a training."""

    def on_batch(self, progress: BatchProgress) -> None: ...

    def on_epoch(self, metrics: EpochMetrics) -> None: ...

    def should_stop(self) -> bool:
        return False


@dataclass(frozen=True)
class FitResult:
    """A trained network with its best weights, and how it came about.

    `seconds` includes former, resumed parts. `best` is None, and the network hardly trained, where the
    training was stopped before its first epoch ended.
    """

    model: keras.Model
    history: tuple[EpochMetrics, ...]
    best: EpochMetrics | None
    ending: Ending
    seconds: float


@dataclass
class _State:
    """What a checkpoint remembers besides arrays."""

    epoch: int = 0
    seconds: float = 0.0
    history: list[EpochMetrics] = dataclasses.field(default_factory=list)

    @property
    def best(self) -> EpochMetrics | None:
        return next((each for each in reversed(self.history) if each.best), None)

    @property
    def peak(self) -> EpochMetrics | None:
        """The most accurate epoch; where several are, the one with the smallest loss."""
        return max(
            self.history, key=lambda each: (each.whole_string_accuracy, -each.validation_loss), default=None
        )

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> _State:
        history = [EpochMetrics(**each) for each in data["history"]]
        return cls(epoch=data["epoch"], seconds=data["seconds"], history=history)


def fit_reader(
    *,
    task: ReadingTask,
    architecture: str,
    hyperparameters: Mapping[str, Any] | None,
    train: Samples,
    validation: Samples,
    folder: Path,
    seed: int = 0,
    max_epochs: int | None = None,
    max_minutes: float | None = None,
    listener: FitListener | None = None,
) -> FitResult:
    """Trains an architecture and returns it with the weights that did best on the validation samples.

    Among epochs that the validation samples cannot tell apart, the latest is the best; training ends early
    when whole-string accuracy and loss on them have not improved for `patience` epochs.

    The learning rate warms up and decays along a cosine that ends with `max_epochs` (by default what
    `Architecture.epochs` says) or with `max_minutes`, whichever comes first. After every epoch the whole
    state is kept in `folder`; a second call with the same folder and arguments goes on where the first one
    stopped, and ends as it would have ended without the interruption. Without `max_minutes`, equal seeds give
    equal results on the same machine.

    Raises TrainingFailed, InvalidTask or InvalidHyperparameters with a sentence.
    """
    chosen = get_architecture(architecture)
    chosen.check(task)
    check_samples(train, validation, task)
    fitting = _Fitting(
        task=task,
        architecture=chosen,
        hyperparameters=chosen.parse(hyperparameters),
        train=train,
        validation=validation,
        folder=folder,
        seed=seed,
        epochs=max_epochs or chosen.epochs(len(train)),
        seconds=None if max_minutes is None else max_minutes * 60,
        listener=listener or SilentListener(),
    )
    return fitting.run()


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
    first = train.pictures[0]
    if all(np.array_equal(picture, first) for picture in train.pictures):
        raise TrainingFailed("All training images look the same after preparation: check the preparation.")


@dataclass
class _Fitting:
    task: ReadingTask
    architecture: Architecture
    hyperparameters: Hyperparameters
    train: Samples
    validation: Samples
    folder: Path
    seed: int
    epochs: int
    seconds: float | None
    listener: FitListener

    def __post_init__(self) -> None:
        self.state = _State()
        self.inputs = self.train.pictures.reshape(-1, *self.train.pictures.shape[2:])
        self.targets = self._one_hot(self.task.encode_all(self.train.texts))
        self.batch_size = min(self.hyperparameters.batch_size, len(self.inputs))
        # A last, smaller batch is left out; the next epoch's order is another one.
        self.batches = len(self.inputs) // self.batch_size
        self.budget = Budget(steps=self.epochs * self.batches, seconds=self.seconds)
        sampled = np.random.default_rng(self.seed).permutation(len(self.train))[:TRAINING_SAMPLE]
        self.training_sample = self.train.take(int(index) for index in sampled)
        self.augmentation = Augmentation.of(self.hyperparameters)

    def _one_hot(self, encoded: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n, positions) to smoothed targets (network inputs, positions per input, classes)."""
        per_input = self.task.positions // self.train.parts
        smoothing = self.hyperparameters.label_smoothing
        targets = np.eye(self.task.classes, dtype=np.float32)[encoded.reshape(-1, per_input)]
        return targets * np.float32(1 - smoothing) + np.float32(smoothing / self.task.classes)

    def run(self) -> FitResult:
        keras = load_keras()
        from training.recognition.averaging import AveragingAdamW

        keras.utils.set_random_seed(self.seed)
        model = self.architecture.build(self.task, dataclasses.asdict(self.hyperparameters), self.seed)
        optimizer = AveragingAdamW(
            learning_rate=self.hyperparameters.learning_rate,
            weight_decay=self.hyperparameters.weight_decay,
            use_ema=True,
            ema_momentum=EMA_MOMENTUM,
        )
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        optimizer.build(model.trainable_variables)
        compile_for_training(model, optimizer, keras.losses.CategoricalCrossentropy(from_logits=True))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._resume(model)
        ending = self._epochs(model)
        if self.state.history:
            groups, _ = checkpoints.read_checkpoint(self.folder / BEST)
            checkpoints.assign(checkpoints.model_variables(model), groups["model"])
        return FitResult(model, tuple(self.state.history), self.state.best, ending, self.state.seconds)

    def _epochs(self, model: keras.Model) -> Ending:
        while True:
            if self.state.epoch >= self.epochs:
                return "finished"
            if self._stale():
                return "no longer improving"
            if self._out_of_time(self.state.seconds):
                return "out of time"
            if self.listener.should_stop():
                return "stopped"
            interrupted = self._one_epoch(model)
            if interrupted is not None:
                return interrupted

    def _one_epoch(self, model: keras.Model) -> Ending | None:
        """Trains one epoch and validates. On an interruption the unfinished epoch counts for nothing but its
        time."""
        before, start = self.state.seconds, time.perf_counter()
        steps_before = self.state.epoch * self.batches
        loss = rate = 0.0
        model.reset_metrics()
        for index, (inputs, targets) in enumerate(self._batches(self.state.epoch)):
            seconds = before + time.perf_counter() - start
            rate = learning_rate(
                self.budget.progress(steps_before + index, seconds), self.hyperparameters.learning_rate
            )
            model.optimizer.learning_rate = rate
            loss = float(model.train_on_batch(inputs, targets))
            seconds = before + time.perf_counter() - start
            self._check_loss(loss)
            self._report(index + 1, loss, before, seconds)
            last = index + 1 == self.batches
            if not last and self.listener.should_stop():
                self.state.seconds = seconds
                return "stopped"
            if not last and self._out_of_time(seconds):
                self.state.seconds = seconds
                self._finish_epoch(model, loss, rate)
                return "out of time"
        self.state.seconds = before + time.perf_counter() - start
        self._finish_epoch(model, loss, rate)
        self.state.seconds = before + time.perf_counter() - start
        return None

    def _batches(self, epoch: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Shuffled, augmented batches, prepared in a thread while the network trains on the one before."""
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.inputs))

        def prepare(batch: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
            chosen = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            random = np.random.default_rng([self.seed, epoch, batch])
            return self.augmentation.batch(self.inputs[chosen], random), self.targets[chosen]

        with ThreadPoolExecutor(max_workers=1) as pool:
            waiting: list[Future[tuple[NDArray[np.float32], NDArray[np.float32]]]] = []
            try:
                for batch in range(self.batches + AHEAD):
                    if batch < self.batches:
                        waiting.append(pool.submit(prepare, batch))
                    if batch >= AHEAD:
                        yield waiting.pop(0).result()
            finally:
                for future in waiting:
                    future.cancel()

    def _report(self, batch: int, loss: float, before: float, seconds: float) -> None:
        """`before` is the training time when this epoch began: its own speed is the freshest estimate."""
        steps = self.state.epoch * self.batches + batch
        speed = batch / max(seconds - before, 1e-9)
        self.listener.on_batch(
            BatchProgress(
                epoch=self.state.epoch + 1,
                batch=batch,
                batches=self.batches,
                loss=loss,
                progress=self.budget.progress(steps, seconds),
                seconds=seconds,
                seconds_left=self.budget.seconds_left(steps, seconds, speed),
                images_per_second=speed * self.batch_size / self.train.parts,
            )
        )

    def _check_loss(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise TrainingFailed(
                f"The loss became infinite or undefined in epoch {self.state.epoch + 1}: train again with a "
                f"smaller learning rate than {self.hyperparameters.learning_rate:g}."
            )

    def _out_of_time(self, seconds: float) -> bool:
        return self.seconds is not None and seconds >= self.seconds

    def _stale(self) -> bool:
        peak = self.state.peak
        return peak is not None and self.state.epoch - peak.epoch >= self.hyperparameters.patience

    def _finish_epoch(self, model: keras.Model, loss: float, rate: float) -> None:
        """Validates with the averaged weights, tells the listener and writes the checkpoints."""
        network, optimizer = checkpoints.model_variables(model), model.optimizer
        current = checkpoints.values_of(network)
        optimizer.finalize_variable_values(model.trainable_variables)
        metrics = self._validate(model, loss, rate)
        self.state.epoch += 1
        self.state.history.append(metrics)
        if metrics.best:
            averaged = {"model": checkpoints.values_of(network)}
            checkpoints.write_checkpoint(self.folder / BEST, averaged, {"epoch": metrics.epoch})
        checkpoints.assign(network, current)
        groups = {"model": current, "optimizer": checkpoints.values_of(optimizer.variables)}
        checkpoints.write_checkpoint(
            self.folder / LAST, groups, self.state.to_json() | {"run": self._fingerprint()}
        )
        self.listener.on_epoch(metrics)

    def _validate(self, model: keras.Model, loss: float, rate: float) -> EpochMetrics:
        probabilities = predict_probabilities(model, self.validation, self.task)
        readings = [each.text for each in decode(probabilities, self.task)]
        encoded = self.task.encode_all(self.validation.texts)
        of_truth = np.take_along_axis(probabilities, encoded[:, :, None], axis=2)
        validation_loss = float(-np.log(np.maximum(of_truth, 1e-12)).mean())
        accuracy = whole_string_accuracy(self.validation.texts, readings)
        sample = self.training_sample
        training = [each.text for each in decode(predict_probabilities(model, sample, self.task), self.task)]
        return EpochMetrics(
            epoch=self.state.epoch + 1,
            loss=loss,
            training_whole_string_accuracy=whole_string_accuracy(sample.texts, training),
            training_character_accuracy=character_accuracy(sample.texts, training),
            validation_loss=validation_loss,
            whole_string_accuracy=accuracy,
            character_accuracy=character_accuracy(self.validation.texts, readings),
            learning_rate=rate,
            seconds=self.state.seconds,
            best=self._worth_keeping(accuracy),
        )

    def _worth_keeping(self, accuracy: float) -> bool:
        """Whether these weights replace the kept ones: later weights do unless they are clearly worse.

        The one-standard-error rule of L. Breiman et al., "Classification and Regression Trees" (1984): what
        lies within the noise of so few validation images is no reason to prefer an earlier epoch, whose
        weights are less settled.
        """
        top = max([accuracy, *(epoch.whole_string_accuracy for epoch in self.state.history)])
        return accuracy >= top - math.sqrt(top * (1 - top) / len(self.validation))

    def _fingerprint(self) -> str:
        """Identifies what is trained on what; the limits may differ between an interrupted and a resumed
        call."""
        description = {
            "task": self.task.to_json(),
            "architecture": self.architecture.name,
            "hyperparameters": dataclasses.asdict(self.hyperparameters),
            "seed": self.seed,
            "texts": [self.train.texts, self.validation.texts],
        }
        return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()

    def _resume(self, model: keras.Model) -> None:
        if not (self.folder / LAST).exists():
            return
        try:
            groups, state = checkpoints.read_checkpoint(self.folder / LAST)
            if state["run"] != self._fingerprint():
                raise TrainingFailed(
                    "The folder holds the checkpoint of another training (other images, settings or seed): "
                    "train into an empty folder."
                )
            checkpoints.assign(checkpoints.model_variables(model), groups["model"])
            checkpoints.assign(model.optimizer.variables, groups["optimizer"])
        except checkpoints.UnusableCheckpoint as error:
            raise TrainingFailed(str(error)) from error
        self.state = _State.from_json(state)


def predict_probabilities(
    model: keras.Model, samples: Samples, task: ReadingTask, batch_size: int = 64
) -> NDArray[np.float32]:
    """The probabilities that a network gives samples: float32 (n, positions, classes)."""
    inputs = samples.pictures.reshape(-1, *samples.pictures.shape[2:])
    logits = [
        np.asarray(load_keras().ops.convert_to_numpy(model.predict_on_batch(batch.astype(np.float32) / 255)))
        for batch in (inputs[start : start + batch_size] for start in range(0, len(inputs), batch_size))
    ]
    stacked = np.concatenate(logits).reshape(len(samples), task.positions, task.classes)
    exponentials: NDArray[np.float32] = np.exp(stacked - stacked.max(axis=2, keepdims=True))
    totals: NDArray[np.float32] = exponentials.sum(axis=2, keepdims=True)
    return np.divide(exponentials, totals)
