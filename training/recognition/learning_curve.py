"""Learning curves: how accurate a reader is with so many labels, and so whether more of them would help."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labeling.intervals import Share
from training.recognition.data import Samples
from training.recognition.fit import FitListener, SilentListener, TrainingFailed, check_samples
from training.recognition.folds import fit_and_validate, hash_order, validation_and_train
from training.recognition.metrics import count_right
from training.recognition.task import ReadingTask

POINTS = 5


@dataclass(frozen=True)
class CurvePoint:
    """What so many labels come to: how many of the fixed test images are read right, after how many seconds
    of training. `labels` counts everything that the reader saw, the images that validated it included."""

    labels: int
    test: Share
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return vars(self) | {"test": self.test.to_json()}


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
) -> tuple[CurvePoint, ...]:
    """Trains readers on 1/2, 1/4, ... 1/2^(points - 1) of the samples and on all of them, fewest first, and
    measures each on the same test samples, which none of them sees.

    `keys` has one key per sample, see `groups.group_keys`. A tenth of each subset validates. Subsets too
    small to train on are left out: they hold fewer images than the alphabet has characters, say.
    `max_minutes` and `max_epochs` are for each reader; `listeners` gives each, by its labels, its listener; `on_point`
    is told each point as soon as it is measured.

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
        result = fit_and_validate(
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
        readings = [reading.text for reading in result.model.read(test)]
        right = Share(count_right(test.texts, readings), len(test))
        curve.append(CurvePoint(len(subset), right, result.seconds))
        on_point(curve[-1])
    return tuple(curve)


def _can_teach(samples: Samples, keys: Sequence[str], task: ReadingTask) -> bool:
    validation, train = validation_and_train(samples, keys)
    try:
        check_samples(train, validation, task)
    except TrainingFailed:
        return False
    return True
