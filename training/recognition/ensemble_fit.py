"""Training an ensemble of one network per position: in one go, or position by position wherever there is time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from training.recognition import checkpoints
from training.recognition.data import Samples
from training.recognition.ensemble_readings import ReadSoFar
from training.recognition.fit import FitRequest, FitResult
from training.recognition.network_fit import fit_network
from training.recognition.progress import BatchProgress, Ending, EpochMetrics, FitListener
from training.recognition.trained import TrainedNetwork
from training.recognition.validating import ReadValidation, read_validation

if TYPE_CHECKING:
    import keras

    from training.recognition.architectures.position_ensemble import PositionEnsemble


@dataclass(frozen=True)
class TrainedPart:
    """The best weights of one position's network and how they came about: all that joining needs of it."""

    weights: tuple[NDArray[Any], ...]
    history: tuple[EpochMetrics, ...]
    ending: Ending
    seconds: float

    @classmethod
    def of(cls, result: FitResult) -> TrainedPart | None:
        """What `fit_part` came to; None where it was stopped before there was anything to keep."""
        if result.best is None or not isinstance(result.model, TrainedNetwork):
            return None
        weights = checkpoints.values_of(checkpoints.model_variables(result.model.network))
        return cls(tuple(weights), result.history, result.ending, result.seconds)

    def write(self, path: Path) -> None:
        """Writes a plain NumPy file that `read` reads, on another machine too."""
        history = [dataclasses.asdict(each) for each in self.history]
        state = {"history": history, "ending": self.ending, "seconds": self.seconds}
        checkpoints.write_checkpoint(path, {"model": self.weights}, state)

    @classmethod
    def read(cls, path: Path) -> TrainedPart:
        """What `write` wrote. Raises UnusableCheckpoint for a damaged file."""
        groups, state = checkpoints.read_checkpoint(path)
        history = tuple(EpochMetrics(**each) for each in state["history"])
        return cls(tuple(groups["model"]), history, state["ending"], state["seconds"])


def fit_ensemble(ensemble: PositionEnsemble, request: FitRequest) -> FitResult:
    """Trains the positions one after the other and joins them; `seconds` and the history are those of all.

    Time is shared out equally. Epochs are counted through, and their accuracies are those of the position being
    trained.
    """
    parts: dict[int, TrainedPart] = {}
    so_far = read_so_far(request)
    for position in range(request.task.positions):
        earlier_epochs = sum(len(part.history) for part in parts.values())
        listener = PartListener(
            request.listener,
            positions=request.task.positions,
            earlier_epochs=earlier_epochs,
            earlier_seconds=sum(part.seconds for part in parts.values()),
            others=lambda done=position: Others(progress=done),  # type: ignore[misc]
        )
        told = so_far.watch(position, earlier_epochs)
        result = fit_part(ensemble, replace(request, listener=listener, on_validation=told), position)
        part = TrainedPart.of(result)
        if part is not None:
            parts[position] = part
            take_in(so_far, ensemble, request, position, part, earlier_epochs)
        if result.ending == "stopped":
            break
    return join_parts(ensemble, request, parts)


def fit_part(ensemble: PositionEnsemble, request: FitRequest, position: int) -> FitResult:
    """Trains the network of one position, counted from 0, in a folder of its own below the request's.

    The request's `on_validation` is told what that position reads: single characters.
    """
    share = None if request.seconds is None else request.seconds / request.task.positions
    folder = part_folder(request.folder, position)
    folder.mkdir(parents=True, exist_ok=True)
    return fit_network(
        ensemble.part,
        replace(
            request,
            task=ensemble.part_task(request.task),
            train=_characters_at(request.train, position),
            validation=_characters_at(request.validation, position),
            folder=folder,
            seed=ensemble.part_seed(request.seed, position),
            seconds=share,
            begin_with=None,
        ),
    )


def read_so_far(request: FitRequest) -> ReadSoFar:
    """Who puts together what the positions read while they are trained, for the request's `on_validation`."""
    return ReadSoFar(request.validation.texts, request.task.positions, request.on_validation)


def take_in(
    so_far: ReadSoFar,
    ensemble: PositionEnsemble,
    request: FitRequest,
    position: int,
    part: TrainedPart,
    earlier_epochs: int,
) -> None:
    """Tells what a trained position reads besides the others, which it has to read for where nobody watched it."""
    last = replace(part.history[-1], epoch=earlier_epochs + len(part.history))

    def read() -> ReadValidation:
        network = _network(ensemble, request, position, part)
        model = TrainedNetwork(network, ensemble.part_task(request.task), ensemble.part)
        return read_validation(model, _characters_at(request.validation, position))

    so_far.take(position, last, read)


def part_folder(folder: Path, position: int) -> Path:
    """Where `fit_part` keeps the checkpoints of a position, counted from 0, below the folder of the whole."""
    return folder / f"position-{position + 1}"


def join_parts(
    ensemble: PositionEnsemble, request: FitRequest, parts: Mapping[int, TrainedPart]
) -> FitResult:
    """One reader of the trained positions, counted from 0; `best` is None where one is missing."""
    trained = [parts[position] for position in sorted(parts)]
    numbered = enumerate((epoch for part in trained for epoch in part.history), start=1)
    history = tuple(replace(epoch, epoch=number) for number, epoch in numbered)
    seconds = sum(part.seconds for part in trained)
    if len(trained) < request.task.positions:
        untrained = ensemble.build(request.task, dataclasses.asdict(request.hyperparameters), request.seed)
        return FitResult(TrainedNetwork(untrained, request.task, ensemble), history, None, "stopped", seconds)
    networks = [_network(ensemble, request, position, part) for position, part in enumerate(trained)]
    model = TrainedNetwork(ensemble.assemble(networks), request.task, ensemble)
    read = read_validation(model, request.validation)
    best = replace(
        history[-1],
        whole_string_accuracy=read.whole_string_accuracy,
        character_accuracy=read.character_accuracy,
        best=True,
    )
    if request.on_validation is not None:
        request.on_validation(read.told(best))
    stopped = any(part.ending == "stopped" for part in trained)
    return FitResult(model, history, best, "stopped" if stopped else trained[-1].ending, seconds)


def _network(
    ensemble: PositionEnsemble, request: FitRequest, position: int, part: TrainedPart
) -> keras.Model:
    task, seed = ensemble.part_task(request.task), ensemble.part_seed(request.seed, position)
    network = ensemble.part.build(task, dataclasses.asdict(request.hyperparameters), seed)
    checkpoints.assign(checkpoints.model_variables(network), part.weights)
    return network


def _characters_at(samples: Samples, position: int) -> Samples:
    return Samples(samples.pictures, tuple(text[position] for text in samples.texts))


@dataclass(frozen=True)
class Others:
    """How far the other positions are: the sum of their shares 0..1, and how many workers train now, this included."""

    progress: float
    workers: int = 1


@dataclass
class PartListener:
    """Tells the listener of the whole what one position's training tells, counted through behind earlier positions."""

    listener: FitListener
    positions: int
    earlier_epochs: int
    earlier_seconds: float
    others: Callable[[], Others]
    epochs_told: int = 0

    def on_batch(self, progress: BatchProgress) -> None:
        others, left = self.others(), progress.seconds_left
        if left is not None:
            waiting = (self.positions - 1 - others.progress) * (progress.seconds + left)
            left = max(left, (left + waiting) / others.workers)
        self.listener.on_batch(
            replace(
                progress,
                epoch=progress.epoch + self.earlier_epochs,
                progress=(others.progress + progress.progress) / self.positions,
                seconds=progress.seconds + self.earlier_seconds,
                seconds_left=left,
            )
        )

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self.epochs_told += 1
        self.listener.on_epoch(
            replace(
                metrics,
                epoch=metrics.epoch + self.earlier_epochs,
                seconds=metrics.seconds + self.earlier_seconds,
            )
        )

    def should_stop(self) -> bool:
        return self.listener.should_stop()
