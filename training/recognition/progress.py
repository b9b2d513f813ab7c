"""What a training tells while it goes on, and who may listen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Ending = Literal["finished", "no longer improving", "out of time", "stopped"]


class TrainingFailed(RuntimeError):
    """Training cannot start or go on; the message is a sentence for people."""


@dataclass(frozen=True)
class BatchProgress:
    """Where a training is after a batch. Epochs and batches count from 1; seconds are of training, resumes
    included. `loss` is None where nothing of the kind is known, as of a forest that grows.

    `progress` is the share 0..1 of the whole training; `seconds_left` is an estimate, None before there is
    one.
    """

    epoch: int
    batch: int
    batches: int
    loss: float | None
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


@dataclass(frozen=True)
class Validated:
    """What an epoch reads in the validation samples: true texts, readings with their confidences 0..1 (not made honest
    by a temperature yet), and losses in nats per character; n of each, in the samples' order.

    While a reader is not whole yet, `so_far` says in a sentence for people what of it reads, and `positions`, counted
    from 0, which characters of the texts the readings consist of; None: all of them.
    """

    metrics: EpochMetrics
    texts: Sequence[str]
    readings: Sequence[str]
    confidences: Sequence[float]
    losses: Sequence[float]
    positions: Sequence[int] | None = None
    so_far: str = ""

    @property
    def truths(self) -> Sequence[str]:
        """What the readings compare with: the true texts, or of each the characters at `positions`."""
        if self.positions is None:
            return self.texts
        return ["".join(text[position] for position in self.positions) for text in self.texts]


def last_improvement(history: Sequence[EpochMetrics]) -> int | None:
    """The last epoch in which more was read right, as much with a smaller loss, or the true texts were more probable
    than ever before; None before the first.

    Probabilities count, too, because among few validation images a lucky epoch is not surpassed for long while
    training still helps.
    """
    if not history:
        return None
    most_right = max(history, key=lambda each: (each.whole_string_accuracy, -each.validation_loss))
    surest = min(history, key=lambda each: each.validation_loss)
    return max(most_right.epoch, surest.epoch)


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
