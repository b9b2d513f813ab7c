"""What the positions of an ensemble read together while some of them are still to be trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from training.recognition.progress import EpochMetrics, Validated


class OfPosition(Protocol):
    """What one position reads in n validation samples: characters, confidences 0..1, losses in nats."""

    @property
    def readings(self) -> Sequence[str]: ...

    @property
    def confidences(self) -> Sequence[float]: ...

    @property
    def losses(self) -> Sequence[float]: ...


class ReadSoFar:
    """Puts together what single positions read, and tells it after each epoch as the validation of the whole.

    A position counts from its first epoch on, with its best weights so far; one that was trained elsewhere once these
    are here. Positions count from 0.
    """

    def __init__(
        self, texts: Sequence[str], positions: int, tell: Callable[[Validated], None] | None
    ) -> None:
        """`texts` are the true ones; without anybody to `tell`, nothing is done."""
        self._texts = texts
        self._positions = positions
        self._tell = tell
        self._read: dict[int, OfPosition] = {}

    def watch(self, position: int, earlier_epochs: int) -> Callable[[Validated], None] | None:
        """Return who is to be told what a position reads while it is trained, behind the epochs of earlier ones."""
        if self._tell is None:
            return None

        def watching(validated: Validated) -> None:
            epoch = validated.metrics.epoch + earlier_epochs
            self._put(position, validated, replace(validated.metrics, epoch=epoch))

        return watching

    def take(self, position: int, last: EpochMetrics, read: Callable[[], OfPosition]) -> None:
        """Take in a position that is trained; `last` is its last epoch, counted through all positions, and `read` has
        it read, where that was not watched."""
        if self._tell is not None and position not in self._read:
            self._put(position, read(), replace(last, best=True))

    def _put(self, position: int, read: OfPosition, metrics: EpochMetrics) -> None:
        if metrics.best:
            self._read[position] = read
        assert self._tell is not None
        self._tell(self._together(metrics))

    def _together(self, metrics: EpochMetrics) -> Validated:
        known = sorted(self._read)
        of_each = [self._read[position] for position in known]
        confidences = [1.0] * len(self._texts)
        for one in of_each:
            confidences = [so_far * more for so_far, more in zip(confidences, one.confidences, strict=True)]
        is_whole = len(known) == self._positions
        return Validated(
            metrics,
            self._texts,
            readings=[
                "".join(characters) for characters in zip(*(one.readings for one in of_each), strict=True)
            ],
            confidences=confidences,
            losses=[sum(each) / len(each) for each in zip(*(one.losses for one in of_each), strict=True)],
            positions=None if is_whole else known,
            so_far="" if is_whole else _sentence(known, self._positions),
        )


def _sentence(known: Sequence[int], positions: int) -> str:
    numbers = [str(position + 1) for position in known]
    named = numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
    word = "Position" if len(numbers) == 1 else "Positions"
    return f"{word} {named} of {positions} can be read so far; of each text, only that is compared."
