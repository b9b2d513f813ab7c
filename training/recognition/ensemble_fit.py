"""Training an ensemble of one network per position."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from training.recognition.data import Samples
from training.recognition.fit import FitRequest, FitResult
from training.recognition.metrics import character_accuracy, whole_string_accuracy
from training.recognition.network_fit import fit_network
from training.recognition.progress import BatchProgress, EpochMetrics, FitListener
from training.recognition.trained import TrainedNetwork

if TYPE_CHECKING:
    from training.recognition.architectures.position_ensemble import PositionEnsemble


def fit_ensemble(ensemble: PositionEnsemble, request: FitRequest) -> FitResult:
    """Trains the positions one after the other and joins them; `seconds` and the history are those of all.

    Time is shared out equally. Epochs are counted through, and their accuracies are those of the position being
    trained. Where a position was trained elsewhere already (see `fit_part`), its checkpoint is taken as it is.
    """
    parts: list[FitResult] = []
    for position in range(request.task.positions):
        watched = _Watched(request, position, parts)
        parts.append(fit_part(ensemble, replace(request, listener=watched), position))
        if parts[-1].ending == "stopped":
            break
    networks = [part.model.network for part in parts if isinstance(part.model, TrainedNetwork)]
    numbered = enumerate((epoch for part in parts for epoch in part.history), start=1)
    history = tuple(replace(epoch, epoch=number) for number, epoch in numbered)
    seconds = sum(part.seconds for part in parts)
    if len(parts) < request.task.positions or any(part.best is None for part in parts):
        untrained = ensemble.build(request.task, dataclasses.asdict(request.hyperparameters), request.seed)
        model = TrainedNetwork(untrained, request.task, ensemble)
        return FitResult(model, history, None, "stopped", seconds)
    model = TrainedNetwork(ensemble.assemble(networks), request.task, ensemble)
    readings = [each.text for each in model.read(request.validation)]
    texts = request.validation.texts
    best = replace(
        history[-1],
        whole_string_accuracy=whole_string_accuracy(texts, readings),
        character_accuracy=character_accuracy(texts, readings),
        best=True,
    )
    return FitResult(model, history, best, parts[-1].ending, seconds)


def fit_part(ensemble: PositionEnsemble, request: FitRequest, position: int) -> FitResult:
    """Trains the network of one position, counted from 0, in a folder of its own below the request's."""
    share = None if request.seconds is None else request.seconds / request.task.positions
    return fit_network(
        ensemble.part,
        replace(
            request,
            task=ensemble.part_task(request.task),
            train=_characters_at(request.train, position),
            validation=_characters_at(request.validation, position),
            folder=_made(request, position),
            seed=ensemble.part_seed(request.seed, position),
            seconds=share,
        ),
    )


def _made(request: FitRequest, position: int) -> Path:
    folder = request.folder / f"position-{position + 1}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _characters_at(samples: Samples, position: int) -> Samples:
    return Samples(samples.pictures, tuple(text[position] for text in samples.texts))


@dataclass(frozen=True)
class _Watched:
    """Tells the listener of the whole what one position's training tells: earlier positions count as done."""

    request: FitRequest
    position: int
    earlier: list[FitResult]

    @property
    def _listener(self) -> FitListener:
        return self.request.listener

    def on_batch(self, progress: BatchProgress) -> None:
        positions = self.request.task.positions
        left = progress.seconds_left
        rest = positions - 1 - self.position
        self._listener.on_batch(
            replace(
                progress,
                epoch=progress.epoch + self._earlier_epochs(),
                progress=(self.position + progress.progress) / positions,
                seconds=progress.seconds + self._earlier_seconds(),
                seconds_left=None if left is None else left + rest * (progress.seconds + left),
            )
        )

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self._listener.on_epoch(
            replace(
                metrics,
                epoch=metrics.epoch + self._earlier_epochs(),
                seconds=metrics.seconds + self._earlier_seconds(),
            )
        )

    def should_stop(self) -> bool:
        return self._listener.should_stop()

    def _earlier_epochs(self) -> int:
        return sum(len(part.history) for part in self.earlier)

    def _earlier_seconds(self) -> float:
        return sum(part.seconds for part in self.earlier)
