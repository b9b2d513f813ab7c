"""Learning curves: how accurate a reader is with so many labels, and so whether more of them would help."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labeling.intervals import Share
from training.recognition.architectures import get_architecture
from training.recognition.backend import load_keras
from training.recognition.cpu_clock import CpuClock
from training.recognition.curve_point import CurvePoint
from training.recognition.data import Samples
from training.recognition.fit import Ending, FitListener, SilentListener, TrainingFailed, check_samples
from training.recognition.folds import fit_and_validate, hash_order, validation_and_train
from training.recognition.metrics import count_right
from training.recognition.task import ReadingTask
from training.recognition.trained import TrainedModel

__all__ = ["POINTS", "CurvePoint", "TimedFit", "learning_curve", "nested_subsets", "timed_fit"]

POINTS = 5


def nested_subsets(keys: Sequence[str], points: int = POINTS) -> list[list[int]]:
    """Indices of subsets that each hold about twice as many as the one before and all of its members, up to
    everything. Equal keys stay together; hashes decide, so that no order of the keys matters."""
    groups = hash_order(keys, "learning curve")
    subsets: list[list[int]] = []
    for halvings in reversed(range(points)):
        wanted = max(1, round(len(keys) / 2**halvings))
        subset: list[int] = []
        for group in groups:
            if len(subset) >= wanted:
                break
            subset += group
        if not subsets or len(subset) > len(subsets[-1]):
            subsets.append(sorted(subset))
    return subsets


def learning_curve(
    *,
    task: ReadingTask,
    architecture: str,
    hyperparameters: Mapping[str, Any] | None,
    samples: Samples,
    keys: Sequence[str],
    test: Samples,
    folder: Path,
    points: int = POINTS,
    seed: int = 0,
    max_epochs: int | None = None,
    max_minutes: float | None = None,
    listeners: Callable[[int], FitListener] = lambda labels: SilentListener(),
    on_point: Callable[[CurvePoint], None] = lambda point: None,
    on_reader: Callable[[TrainedModel], None] = lambda model: None,
) -> tuple[CurvePoint, ...]:
    """Trains readers on 1/2, 1/4, ... 1/2^(points - 1) of the samples and on all of them, fewest first, and
    measures each on the same test samples, which none of them sees.

    `keys` has one key per sample, see `groups.group_keys`. A tenth of each subset validates. Subsets too
    small to train on are left out: they hold fewer images than the alphabet has characters, say.
    `max_minutes` and `max_epochs` are for each reader; `listeners` gives each, by its labels, its listener; `on_point`
    is told each point as soon as it is measured, and `on_reader` before it the reader itself.

    Checkpoints stay in `folder`; another call with the same arguments goes on where the former one was
    interrupted. Raises TrainingFailed, InvalidTask or InvalidHyperparameters with a sentence.
    """
    if not len(test):
        raise TrainingFailed("There is no labelled image to test on: label more images, then try again.")
    curve = []
    for subset in nested_subsets(keys, points):
        seen, seen_keys = samples.take(subset), [keys[index] for index in subset]
        if len(subset) < len(samples) and not _can_teach(seen, seen_keys, task):
            continue
        fit = timed_fit(
            task=task,
            architecture=architecture,
            hyperparameters=hyperparameters,
            samples=seen,
            keys=seen_keys,
            folder=folder / f"labels-{len(subset)}",
            seed=seed,
            max_epochs=max_epochs,
            max_minutes=max_minutes,
            listener=listeners(len(subset)),
        )
        on_reader(fit.model)
        readings = [reading.text for reading in fit.model.read(test)]
        right = Share(count_right(test.texts, readings), len(test))
        curve.append(CurvePoint(len(subset), right, fit.seconds, fit.cpu_seconds, fit.ending))
        on_point(curve[-1])
    return tuple(curve)


@dataclass(frozen=True)
class TimedFit:
    """A trained reader, and its training's seconds by the clock and of processor time on all cores together, and how it
    ended."""

    model: TrainedModel
    seconds: float
    cpu_seconds: float
    ending: Ending


def timed_fit(*, architecture: str, folder: Path, listener: FitListener, **wish: Any) -> TimedFit:
    """`folds.fit_and_validate`, by the clock. To load the framework that trains is no part of the time."""
    if get_architecture(architecture).learns_in_steps:
        load_keras()
    clock = CpuClock(folder, listener)
    result = fit_and_validate(architecture=architecture, folder=folder, listener=clock, **wish)
    return TimedFit(result.model, result.seconds, clock.stop(), result.ending)


def _can_teach(samples: Samples, keys: Sequence[str], task: ReadingTask) -> bool:
    validation, train = validation_and_train(samples, keys)
    try:
        check_samples(train, validation, task)
    except TrainingFailed:
        return False
    return True
