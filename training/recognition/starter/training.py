"""Trains the starter on pictures that are drawn while it learns: none is seen often.

The whole state is written after every round of pictures, so a training that was stopped, however it was, goes on from
there, and ends as it would have ended at once but for what the clock says.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.recognition import checkpoints
from training.recognition.architectures import Network, NetworkHyperparameters, get_architecture
from training.recognition.augmentation import Augmentation
from training.recognition.backend import compile_for_training, training_precision
from training.recognition.batches import Batches
from training.recognition.data import Samples
from training.recognition.metrics import character_accuracy, whole_string_accuracy
from training.recognition.schedule import learning_rate
from training.recognition.starter.mixture import TASK, WIDTH
from training.recognition.trained import TrainedNetwork

if TYPE_CHECKING:
    import keras

CHECKPOINT = "starter.npz"

ROUND = 4_096
"""Pictures that are drawn at a time, and lost at most where a training is broken off."""

PASSES = 3
"""How often each is seen, changed a little each time: drawing takes about as long as learning from a picture once."""

VALIDATED_EVERY = 20
"""Rounds."""

EMA_MOMENTUM = 0.999
"""The kept weights are an average over about the last thousand steps."""

HYPERPARAMETERS = {
    "width_per_character": WIDTH,
    "learning_rate": 0.002,
    "batch_size": 64,
    "shift": 0.03,
    "rotation": 2.0,
    "scale": 0.1,
    "shear": 6.0,
    "warp": 0.03,
    "brightness": 0.0,
    "noise": 0.0,
    "jitter": 0.0,
    "dropout": 0.05,
    "guidance": 0.05,
    "weight_decay": 0.003,
}
"""Gentle changes only: the pictures themselves differ enough."""


@dataclass
class State:
    """How far a training has come. `seconds` counts training alone, `history` holds what was validated."""

    rounds: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)


class StarterTraining:
    """A training of so many minutes in all, in one or several sittings.

    `begin_with_starter` goes on from the present starter's weights, with a learning rate that rises anew. Raises
    UnusableCheckpoint where the folder holds a checkpoint of a training with other settings.
    """

    def __init__(self, folder: Path, *, minutes: float, seed: int, begin_with_starter: bool) -> None:
        self._path = folder / CHECKPOINT
        self._seconds = 60 * minutes
        self._seed = seed
        architecture = get_architecture("ctc")
        assert isinstance(architecture, Network)
        values = HYPERPARAMETERS | {"starter": int(begin_with_starter)}
        chosen = architecture.parse(values)
        assert isinstance(chosen, NetworkHyperparameters)
        self._architecture, self.hyperparameters = architecture, chosen
        self.state = State()
        with training_precision() as self.mixed_precision:
            network = architecture.build(TASK, values, seed)
        self._compile(network)
        self._restore(network)
        self.model = TrainedNetwork(network, TASK, architecture)

    def _compile(self, network: keras.Model) -> None:
        from training.recognition.averaging import AveragingAdamW

        optimizer = AveragingAdamW(
            learning_rate=self.hyperparameters.learning_rate,
            weight_decay=self.hyperparameters.weight_decay,
            use_ema=True,
            ema_momentum=EMA_MOMENTUM,
        )
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        optimizer.build(network.trainable_variables)
        compile_for_training(network, optimizer, self._architecture.loss(TASK, self.hyperparameters))

    @property
    def progress(self) -> float:
        """The share 0..1 of its time that is spent."""
        return min(1.0, self.state.seconds / self._seconds)

    def run(
        self,
        rounds: Iterator[Samples],
        validation: Samples,
        *,
        sitting: float | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> bool:
        """Trains on one sample of pictures after the other until its time is spent, and returns whether that is so: a
        `sitting` ends with the round that is under way after so many minutes. `say` hears after each round how it
        goes, in a line."""
        started = time.perf_counter()
        while self.progress < 1:
            loss = self._one_round(next(rounds))
            self.state.rounds += 1
            line = f"{self.state.seconds / 60:.1f} min, round {self.state.rounds}, loss {loss:.3f}"
            if self.state.rounds % VALIDATED_EVERY == 0 or self.progress == 1:
                line += self._validate(validation, loss)
            self._save()
            say(line)
            if self.progress < 1 and sitting is not None and time.perf_counter() - started >= 60 * sitting:
                return False
        return True

    def _one_round(self, samples: Samples) -> float:
        """The mean loss of the round."""
        labels = TASK.encode_all(samples.texts)
        batches = Batches(
            inputs=samples.pictures[:, 0],
            targets=self._architecture.targets(TASK, labels, self.hyperparameters),
            weights=None,
            augmentation=Augmentation.of(self.hyperparameters),
            guide=lambda pictures, targets: self._architecture.guided_targets(
                TASK, pictures, targets, self.hyperparameters
            ),
            batch_size=self.hyperparameters.batch_size,
            passes=PASSES,
            seed=self._seed,
        )
        guided = self.progress < self._architecture.guided_share(self.hyperparameters)
        network, losses = self.model.network, []
        before, start = self.state.seconds, time.perf_counter()
        network.reset_metrics()
        for inputs, targets in batches.of_epoch(self.state.rounds, guided=guided):
            network.optimizer.learning_rate = learning_rate(self.progress, self.hyperparameters.learning_rate)
            losses.append(float(network.train_on_batch(inputs, targets)))
            self.state.seconds = before + time.perf_counter() - start
        return sum(losses) / len(losses)

    def _validate(self, validation: Samples, loss: float) -> str:
        network = self.model.network
        variables = checkpoints.model_variables(network)
        current = checkpoints.values_of(variables)
        self.average()
        read = [each.text for each in self.model.read(validation)]
        checkpoints.assign(variables, current)
        whole = whole_string_accuracy(validation.texts, read)
        characters = character_accuracy(validation.texts, read)
        self.state.history.append(
            {
                "minutes": round(self.state.seconds / 60, 2),
                "loss": round(loss, 4),
                "whole_string": round(whole, 4),
                "per_character": round(characters, 4),
            }
        )
        return f", unseen fonts: {whole:.3f} whole, {characters:.3f} of the characters"

    def average(self) -> None:
        """Gives the network the average of its weights, which is what is kept in the end."""
        network = self.model.network
        network.optimizer.finalize_variable_values(network.trainable_variables)
        checkpoints.assign(network.trainable_variables, checkpoints.values_of(network.trainable_variables))

    def _save(self) -> None:
        network = self.model.network
        groups = {
            "model": checkpoints.values_of(checkpoints.model_variables(network)),
            "optimizer": checkpoints.values_of(network.optimizer.variables),
        }
        state = dataclasses.asdict(self.state) | {"training": self._fingerprint()}
        checkpoints.write_checkpoint(self._path, groups, state)

    def _restore(self, network: keras.Model) -> None:
        if not self._path.exists():
            return
        groups, state = checkpoints.read_checkpoint(self._path)
        if state.pop("training") != self._fingerprint():
            raise checkpoints.UnusableCheckpoint(
                f"{self._path} is of a training with other settings: delete it, or choose another --work."
            )
        checkpoints.assign(checkpoints.model_variables(network), groups["model"])
        checkpoints.assign(network.optimizer.variables, groups["optimizer"])
        self.state = State(**state)

    def _fingerprint(self) -> str:
        settings: dict[str, Any] = {
            "task": TASK.to_json(),
            "hyperparameters": dataclasses.asdict(self.hyperparameters),
            "seed": self._seed,
            "seconds": self._seconds,
        }
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
