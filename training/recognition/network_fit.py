"""The training loop of a network, the same for all of them, on any Keras backend."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from training.recognition import checkpoints
from training.recognition.architectures.hyperparameters import NetworkHyperparameters
from training.recognition.augmentation import Augmentation
from training.recognition.backend import (
    compile_for_training,
    data_parallel,
    device_count,
    load_keras,
    training_precision,
)
from training.recognition.batches import Batches, balancing_weights
from training.recognition.fit import FitRequest, FitResult
from training.recognition.metrics import character_accuracy, whole_string_accuracy
from training.recognition.progress import (
    BatchProgress,
    Ending,
    EpochMetrics,
    TrainingFailed,
    Validated,
    last_improvement,
)
from training.recognition.schedule import Budget, learning_rate
from training.recognition.trained import TrainedNetwork
from training.recognition.validating import read_validation

if TYPE_CHECKING:
    import keras

    from training.recognition.architectures.network import Network

LAST = "last.npz"
BEST = "best.npz"

EMA_MOMENTUM = 0.99
"""Validated and kept is an exponential moving average of the weights over about the last hundred steps."""

COOLING = 0.2
"""A training that no longer improves does not break off: it is cut short, and this last share of what it then is in
all goes on with the small learning rates that belong to an end."""

TRAINING_SAMPLE = 64
"""Training images that are read after each epoch beside the validation images."""


def fit_network(architecture: Network, request: FitRequest) -> FitResult:
    """`fit_reader` for an architecture that is one Keras network."""
    fit = _NetworkFit(architecture, request)
    with data_parallel(fit.devices):
        return fit.run()


def mean_weights(weights: list[NDArray[Any]], others: list[NDArray[Any]], share: float) -> list[NDArray[Any]]:
    """The weighted mean of two networks' variables, of which `others` have that share (0..1). What is not a float, a
    random generator's state, stays as it is in `weights`."""
    if not share:
        return weights
    return [
        ((1 - share) * own + share * other).astype(own.dtype) if own.dtype.kind == "f" else own
        for own, other in zip(weights, others, strict=True)
    ]


def history_until(path: Path) -> tuple[EpochMetrics, ...]:
    """The epochs that a checkpoint of `fit_network` knows of; none where it cannot be read."""
    return tuple(EpochMetrics(**each) for each in checkpoints.read_state(path).get("history", ()))


@dataclass
class _State:
    """What a checkpoint remembers besides arrays."""

    epoch: int = 0
    seconds: float = 0.0
    history: list[EpochMetrics] = dataclasses.field(default_factory=list)
    cut_to: int | None = None
    """How many epochs it will be in all since it no longer improves."""

    @property
    def best(self) -> EpochMetrics | None:
        return next((each for each in reversed(self.history) if each.best), None)

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> _State:
        history = [EpochMetrics(**each) for each in data["history"]]
        return cls(data["epoch"], data["seconds"], history, data["cut_to"])


class _NetworkFit:
    def __init__(self, architecture: Network, request: FitRequest) -> None:
        self.architecture = architecture
        self.request = request
        self.task, self.listener = request.task, request.listener
        chosen = request.hyperparameters
        assert isinstance(chosen, NetworkHyperparameters)
        self.hyperparameters = chosen
        self.state = _State()
        self.beginning: list[NDArray[Any]] | None = None
        if isinstance(request.begin_with, TrainedNetwork):
            self.beginning = checkpoints.values_of(checkpoints.model_variables(request.begin_with.network))
        train = request.train
        self.starter_share = 0.0
        if self.beginning is None:
            self.starter_share = architecture.starter_share(self.task, len(train), chosen)
        inputs = train.pictures.reshape(-1, *train.pictures.shape[2:])
        encoded = self.task.encode_all(train.texts).reshape(len(inputs), -1)
        batch_size = min(chosen.batch_size, len(inputs))
        # Each device sees as many inputs as the others.
        devices = device_count()
        self.devices = devices if devices <= batch_size else 1
        self.batches = Batches(
            inputs=inputs,
            targets=architecture.targets(self.task, encoded, chosen),
            weights=balancing_weights(encoded, len(self.task.alphabet), chosen.balance),
            augmentation=Augmentation.of(chosen),
            guide=lambda pictures, targets: architecture.guided_targets(self.task, pictures, targets, chosen),
            batch_size=batch_size - batch_size % self.devices,
            passes=max(1, math.ceil(chosen.epoch_images / len(inputs))),
            seed=request.seed,
        )
        sampled = np.random.default_rng(request.seed).permutation(len(train))[:TRAINING_SAMPLE]
        self.training_sample = train.take(int(index) for index in sampled)

    @property
    def last_epoch(self) -> int:
        """After which the training ends, unless something else ends it before."""
        return self.state.cut_to or self.request.epochs

    @property
    def budget(self) -> Budget:
        """What the learning rate and the estimates follow."""
        return Budget(steps=self.last_epoch * len(self.batches), seconds=self.request.seconds)

    def run(self) -> FitResult:
        from training.recognition.averaging import AveragingAdamW

        with training_precision() as mixed:
            network = self._built()
        if self.beginning is not None:
            checkpoints.assign(checkpoints.model_variables(network), self.beginning)
        self.begun_with = checkpoints.values_of(checkpoints.model_variables(network))
        optimizer = AveragingAdamW(
            learning_rate=self.hyperparameters.learning_rate,
            weight_decay=self.hyperparameters.weight_decay,
            use_ema=True,
            ema_momentum=EMA_MOMENTUM,
        )
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        optimizer.build(network.trainable_variables)
        loss = self.architecture.loss(self.task, self.hyperparameters)
        compile_for_training(network, optimizer, loss)
        self._resume(network)
        self.model = TrainedNetwork(network, self.task, self.architecture)
        ending = self._epochs()
        if mixed:
            # What is kept computes in full precision, wherever it will run; the weights always were.
            self.model = TrainedNetwork(self._built(), self.task, self.architecture)
        if self.state.history:
            groups, _ = checkpoints.read_checkpoint(self.request.folder / BEST)
            checkpoints.assign(checkpoints.model_variables(self.model.network), groups["model"])
        return FitResult(self.model, tuple(self.state.history), self.state.best, ending, self.state.seconds)

    def _built(self) -> keras.Model:
        load_keras().utils.set_random_seed(self.request.seed)
        chosen = dataclasses.asdict(self.hyperparameters)
        return self.architecture.build(self.task, chosen, self.request.seed)

    def _epochs(self) -> Ending:
        while True:
            if self.state.cut_to is None and self._stale():
                self.state.cut_to = min(self.request.epochs, math.ceil(self.state.epoch / (1 - COOLING)))
            if self.state.epoch >= self.last_epoch:
                return "finished" if self.state.cut_to is None else "no longer improving"
            if self._out_of_time(self.state.seconds):
                return "out of time"
            if self.listener.should_stop():
                return "stopped"
            interrupted = self._one_epoch()
            if interrupted is not None:
                return interrupted

    def _one_epoch(self) -> Ending | None:
        """Trains one epoch and validates. On an interruption the unfinished epoch counts for nothing but its
        time."""
        before, start = self.state.seconds, time.perf_counter()
        network = self.model.network
        steps_before = self.state.epoch * len(self.batches)
        loss = rate = 0.0
        network.reset_metrics()
        guided = self.budget.progress(steps_before, before) < self.architecture.guided_share(
            self.hyperparameters
        )
        for index, (inputs, targets) in enumerate(self.batches.of_epoch(self.state.epoch, guided=guided)):
            seconds = before + time.perf_counter() - start
            rate = learning_rate(
                self.budget.progress(steps_before + index, seconds), self.hyperparameters.learning_rate
            )
            network.optimizer.learning_rate = rate
            loss = float(network.train_on_batch(inputs, targets))
            seconds = before + time.perf_counter() - start
            self._check_finite(loss)
            self._report(index + 1, loss, before, seconds)
            last = index + 1 == len(self.batches)
            if not last and self.listener.should_stop():
                self.state.seconds = seconds
                return "stopped"
            if not last and self._out_of_time(seconds):
                self.state.seconds = seconds
                self._finish_epoch(loss, rate)
                return "out of time"
        self.state.seconds = before + time.perf_counter() - start
        self._finish_epoch(loss, rate)
        self.state.seconds = before + time.perf_counter() - start
        return None

    def _report(self, batch: int, loss: float, before: float, seconds: float) -> None:
        """`before` is the training time when this epoch began: its own speed is the freshest estimate."""
        steps = self.state.epoch * len(self.batches) + batch
        speed = batch / max(seconds - before, 1e-9)
        self.listener.on_batch(
            BatchProgress(
                epoch=self.state.epoch + 1,
                batch=batch,
                batches=len(self.batches),
                loss=loss,
                progress=self.budget.progress(steps, seconds),
                seconds=seconds,
                seconds_left=self.budget.seconds_left(steps, seconds, speed),
                images_per_second=speed * self.batches.batch_size / self.request.train.parts,
            )
        )

    def _check_finite(self, value: float | NDArray[np.float32]) -> None:
        """Looks at a loss, or at what the network makes of the validation samples."""
        if not np.isfinite(value).all():
            raise TrainingFailed(
                f"The loss became infinite or undefined in epoch {self.state.epoch + 1}: train again with a "
                f"smaller learning rate than {self.hyperparameters.learning_rate:g}."
            )

    def _out_of_time(self, seconds: float) -> bool:
        return self.request.seconds is not None and seconds >= self.request.seconds

    def _stale(self) -> bool:
        last = last_improvement(self.state.history)
        return last is not None and self.state.epoch - last >= self.hyperparameters.patience

    def _finish_epoch(self, loss: float, rate: float) -> None:
        """Validates with the averaged weights, tells the listener and writes the checkpoints."""
        network = self.model.network
        variables, optimizer = checkpoints.model_variables(network), network.optimizer
        current = checkpoints.values_of(variables)
        optimizer.finalize_variable_values(network.trainable_variables)
        # Also as copies: JAX would give the averages' own buffers away with the next step.
        averaged = mean_weights(checkpoints.values_of(variables), self.begun_with, self.starter_share)
        checkpoints.assign(variables, averaged)
        validated = self._validate(loss, rate)
        metrics = validated.metrics
        self.state.epoch += 1
        self.state.history.append(metrics)
        if metrics.best:
            kept = {"model": averaged}
            checkpoints.write_checkpoint(self.request.folder / BEST, kept, {"epoch": metrics.epoch})
        checkpoints.assign(variables, current)
        groups = {"model": current, "optimizer": checkpoints.values_of(optimizer.variables)}
        checkpoints.write_checkpoint(
            self.request.folder / LAST, groups, self.state.to_json() | {"run": self._fingerprint()}
        )
        self.listener.on_epoch(metrics)
        if self.request.on_validation is not None:
            self.request.on_validation(validated)

    def _validate(self, loss: float, rate: float) -> Validated:
        validation, sample = self.request.validation, self.training_sample
        probabilities = self.model.probabilities(validation)
        self._check_finite(probabilities)
        read = read_validation(self.model, validation, probabilities)
        training = [each.text for each in self.model.read(sample)]
        return read.told(
            EpochMetrics(
                epoch=self.state.epoch + 1,
                loss=loss,
                training_whole_string_accuracy=whole_string_accuracy(sample.texts, training),
                training_character_accuracy=character_accuracy(sample.texts, training),
                validation_loss=read.loss,
                whole_string_accuracy=read.whole_string_accuracy,
                character_accuracy=read.character_accuracy,
                learning_rate=rate,
                seconds=self.state.seconds,
                best=self._worth_keeping(read.whole_string_accuracy),
            )
        )

    def _worth_keeping(self, accuracy: float) -> bool:
        """Whether these weights replace the kept ones: later weights do unless they are clearly worse.

        The one-standard-error rule of L. Breiman et al., "Classification and Regression Trees" (1984): what
        lies within the noise of so few validation images is no reason to prefer an earlier epoch, whose
        weights are less settled.
        """
        top = max([accuracy, *(epoch.whole_string_accuracy for epoch in self.state.history)])
        return accuracy >= top - math.sqrt(top * (1 - top) / len(self.request.validation))

    def _fingerprint(self) -> str:
        """Identifies what is trained on what; the limits may differ between an interrupted and a resumed
        call."""
        description = {
            "task": self.task.to_json(),
            "architecture": self.architecture.name,
            "hyperparameters": dataclasses.asdict(self.hyperparameters),
            "seed": self.request.seed,
            "texts": [self.request.train.texts, self.request.validation.texts],
        }
        if self.beginning is not None:
            weights = hashlib.sha256(b"".join(each.tobytes() for each in self.beginning))
            description["beginning"] = weights.hexdigest()
        return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()

    def _resume(self, network: keras.Model) -> None:
        if not (self.request.folder / LAST).exists():
            return
        try:
            groups, state = checkpoints.read_checkpoint(self.request.folder / LAST)
            if state["run"] != self._fingerprint():
                raise TrainingFailed(
                    "The folder holds the checkpoint of another training (other images, settings or seed): "
                    "train into an empty folder."
                )
            checkpoints.assign(checkpoints.model_variables(network), groups["model"])
            checkpoints.assign(network.optimizer.variables, groups["optimizer"])
        except checkpoints.UnusableCheckpoint as error:
            raise TrainingFailed(str(error)) from error
        self.state = _State.from_json(state)
