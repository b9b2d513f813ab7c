"""Rounds told as one training: epochs and seconds are counted through, and progress is that of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from training.recognition.progress import BatchProgress, EpochMetrics, FitListener, Validated


@dataclass
class RoundListener:
    """Passes on what one of `trainings` trainings tells; `index` of them came before it.

    `seconds` is the time of them all together, None where it is not limited; `other_seconds` went into reading.
    """

    listener: FitListener
    index: int
    trainings: int
    seconds: float | None
    earlier_epochs: int
    earlier_seconds: float
    other_seconds: float = 0.0

    def on_batch(self, progress: BatchProgress) -> None:
        spent = self.earlier_seconds + self.other_seconds + progress.seconds
        left = progress.seconds_left
        if self.seconds is not None:
            share = min(1.0, spent / self.seconds)
            left = max(0.0, self.seconds - spent)
        else:
            share = (self.index + progress.progress) / self.trainings
            if left is not None:
                left += (self.trainings - 1 - self.index) * (progress.seconds + left)
        self.listener.on_batch(
            replace(
                progress,
                epoch=progress.epoch + self.earlier_epochs,
                progress=share,
                seconds=self.earlier_seconds + progress.seconds,
                seconds_left=left,
            )
        )

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self.listener.on_epoch(self.counted(metrics))

    def should_stop(self) -> bool:
        return self.listener.should_stop()

    def counted(self, metrics: EpochMetrics) -> EpochMetrics:
        """The epoch with the number and seconds that it has in the whole."""
        return renumbered(metrics, self.earlier_epochs, self.earlier_seconds)

    def validating(self, told: Callable[[Validated], None] | None) -> Callable[[Validated], None] | None:
        """Who is told of validations, with epochs counted through."""
        if told is None:
            return None
        return lambda validated: told(replace(validated, metrics=self.counted(validated.metrics)))


def renumbered(metrics: EpochMetrics, epochs: int, seconds: float) -> EpochMetrics:
    """An epoch behind so many earlier ones."""
    return replace(metrics, epoch=metrics.epoch + epochs, seconds=metrics.seconds + seconds)


def joined(trainings: Iterable[tuple[Sequence[EpochMetrics], float]]) -> tuple[EpochMetrics, ...]:
    """The epochs of trainings, each with the seconds it took in all, one behind the other and counted through."""
    whole: list[EpochMetrics] = []
    earlier = 0.0
    for history, seconds in trainings:
        number = len(whole)
        whole += [renumbered(each, number, earlier) for each in history]
        earlier += seconds
    return tuple(whole)
