"""Cross-validation: a number for how right a reader is that uses every label, and never one that was trained on."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from labeling.intervals import Share
from training.recognition.coverage import Coverage, coverage_at, threshold_for_precision
from training.recognition.data import Samples
from training.recognition.decoding import Decoded
from training.recognition.fit import FitListener, FitResult, SilentListener, TrainingFailed, fit_reader
from training.recognition.metrics import Evaluation, evaluate
from training.recognition.task import ReadingTask

FOLDS = 5

VALIDATION_SHARE = 0.1
"""Of what a reader may see, this share chooses its checkpoint instead of training it."""

GOOD_ACCURACY = 0.95
"""A training is timed until its validation accuracy first passes this."""


def hash_order(keys: Sequence[str], purpose: str) -> list[list[int]]:
    """The indices of equal keys in groups, the groups in an order that hashes of key and purpose decide: the
    same wherever and whenever, whatever the order of the keys."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        groups[key].append(index)
    ordered = sorted(groups, key=lambda key: hashlib.sha256(f"{purpose} {key}".encode()).digest())
    return [groups[key] for key in ordered]


def assign_folds(keys: Sequence[str], folds: int, seed: int = 0) -> list[int]:
    """The fold 0..folds-1 of each key. Equal keys share a fold; otherwise folds are as even as can be.

    Groups are dealt in the order of their hashes, each to the fold that has fewest so far. Raises ValueError
    for fewer than two folds, or fewer groups than folds.
    """
    groups = hash_order(keys, f"fold {seed}")
    if not 2 <= folds <= len(groups):
        raise ValueError(f"{len(groups)} different images cannot be dealt to {folds} folds.")
    sizes, chosen = [0] * folds, [0] * len(keys)
    for group in groups:
        fold = sizes.index(min(sizes))
        sizes[fold] += len(group)
        for index in group:
            chosen[index] = fold
    return chosen


def hold_out(keys: Sequence[str], share: float, purpose: str) -> tuple[list[int], list[int]]:
    """Indices in two parts, (held out, rest): about `share` of them are held out, equal keys together.

    A larger share holds out all that a smaller one does. Both parts have something in them, where there are
    two different keys.
    """
    groups = hash_order(keys, purpose)
    held_out: list[int] = []
    while len(groups) > 1 and (not held_out or len(held_out) + len(groups[0]) / 2 <= share * len(keys)):
        held_out += groups.pop(0)
    return sorted(held_out), sorted(index for group in groups for index in group)


def validation_and_train(samples: Samples, keys: Sequence[str]) -> tuple[Samples, Samples]:
    """A tenth of the samples to validate on, chosen by the hashes of their keys, and the rest to train on."""
    validation, train = hold_out(keys, VALIDATION_SHARE, "validation")
    return samples.take(validation), samples.take(train)


def fit_and_validate(
    *,
    task: ReadingTask,
    architecture: str,
    hyperparameters: Mapping[str, Any] | None,
    samples: Samples,
    keys: Sequence[str],
    folder: Path,
    seed: int = 0,
    max_epochs: int | None = None,
    max_minutes: float | None = None,
    listener: FitListener | None = None,
) -> FitResult:
    """Trains a reader on samples and validates it on a tenth of them, see `validation_and_train`.

    Raises TrainingFailed with a sentence, also where the listener stops the training.
    """
    validation, train = validation_and_train(samples, keys)
    result = fit_reader(
        task=task,
        architecture=architecture,
        hyperparameters=hyperparameters,
        train=train,
        validation=validation,
        folder=folder,
        seed=seed,
        max_epochs=max_epochs,
        max_minutes=max_minutes,
        listener=listener,
    )
    if result.ending == "stopped":
        raise TrainingFailed("The training was stopped before its end: the same call goes on with it.")
    return result


@dataclass(frozen=True)
class Fold:
    """One reader of a cross-validation: how much of its held-out part it read right, and what it took.

    `seconds_to_good` is the training time when its validation accuracy first passed 95 %; None if it never
    did.
    """

    whole_string: Share
    seconds: float
    seconds_to_good: float | None
    ending: str

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return vars(self) | {"whole_string": self.whole_string.to_json()}


@dataclass(frozen=True)
class CrossValidation:
    """Out-of-fold readings: each sample was read by the one reader that was not trained on it.

    `readings` and `fold_of` are in the order of the samples.
    """

    texts: tuple[str, ...]
    readings: tuple[Decoded, ...]
    fold_of: tuple[int, ...]
    folds: tuple[Fold, ...]

    def evaluation(self) -> Evaluation:
        """How right the out-of-fold readings are, pooled; their coverage is `out_of_fold_coverage`.

        The interval takes the readings as independent, although k readers share most of their training
        images (Y. Bengio and Y. Grandvalet, "No Unbiased Estimator of the Variance of K-Fold
        Cross-Validation", JMLR 5, 2004): take it as a little too narrow. Each reader learnt from fewer
        images than one trained on all would.
        """
        readings = [reading.text for reading in self.readings]
        confidences = [reading.confidence for reading in self.readings]
        right = [text == reading for text, reading in zip(self.texts, readings, strict=True)]
        pooled = evaluate(self.texts, readings, confidences=confidences)
        return replace(pooled, coverage=out_of_fold_coverage(confidences, right, self.fold_of))


def out_of_fold_coverage(
    confidences: Sequence[float], right: Sequence[bool], fold_of: Sequence[int]
) -> Coverage:
    """Coverage at 99 % precision that does not flatter: each fold is judged at the threshold that the other
    folds chose. The threshold told is the one that all of them choose together."""
    readings = list(zip(confidences, right, fold_of, strict=True))
    accepted = accepted_right = 0
    for fold in set(fold_of):
        others = [(confidence, is_right) for confidence, is_right, other in readings if other != fold]
        own = [(confidence, is_right) for confidence, is_right, other in readings if other == fold]
        chosen = threshold_for_precision(*_columns(others))
        tested = coverage_at(*_columns(own), chosen.threshold)
        accepted, accepted_right = accepted + tested.accepted, accepted_right + tested.right
    together = threshold_for_precision(confidences, right)
    return Coverage(together.threshold, len(readings), accepted, accepted_right)


def _columns(pairs: Sequence[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [confidence for confidence, _ in pairs], [is_right for _, is_right in pairs]


def cross_validate(
    *,
    task: ReadingTask,
    architecture: str,
    hyperparameters: Mapping[str, Any] | None,
    samples: Samples,
    keys: Sequence[str],
    folder: Path,
    folds: int = FOLDS,
    seed: int = 0,
    max_epochs: int | None = None,
    max_minutes: float | None = None,
    listeners: Callable[[int], FitListener] = lambda fold: SilentListener(),
) -> CrossValidation:
    """Trains `folds` readers, each on all samples but one fold, and lets each read the fold it never saw.

    `keys` has one key per sample; samples of equal keys (see `groups.group_keys`) stay together. The
    checkpoint is chosen on a tenth of what a reader may see, never on the fold it is judged by.
    `max_minutes` and `max_epochs` are for each reader, and `listeners` gives each, by its fold, its listener.

    Checkpoints stay in `folder`; another call with the same arguments goes on where the former one was
    interrupted. Raises TrainingFailed, InvalidTask or InvalidHyperparameters with a sentence.
    """
    try:
        fold_of = assign_folds(keys, folds, seed)
    except ValueError as error:
        raise TrainingFailed(f"{error} Choose fewer folds, or label more images.") from None
    readings: dict[int, Decoded] = {}
    outcomes = []
    for fold in range(folds):
        seen = [index for index, each in enumerate(fold_of) if each != fold]
        held_out = [index for index, each in enumerate(fold_of) if each == fold]
        result = fit_and_validate(
            task=task,
            architecture=architecture,
            hyperparameters=hyperparameters,
            samples=samples.take(seen),
            keys=[keys[index] for index in seen],
            folder=folder / f"fold-{fold + 1}",
            seed=seed,
            max_epochs=max_epochs,
            max_minutes=max_minutes,
            listener=listeners(fold),
        )
        read = dict(zip(held_out, result.model.read(samples.take(held_out)), strict=True))
        readings |= read
        right = sum(reading.text == samples.texts[index] for index, reading in read.items())
        outcomes.append(
            Fold(Share(right, len(read)), result.seconds, _seconds_to_good(result), result.ending)
        )
    return CrossValidation(
        texts=samples.texts,
        readings=tuple(readings[index] for index in range(len(samples))),
        fold_of=tuple(fold_of),
        folds=tuple(outcomes),
    )


def _seconds_to_good(result: FitResult) -> float | None:
    good = (epoch.seconds for epoch in result.history if epoch.whole_string_accuracy >= GOOD_ACCURACY)
    return next(good, None)
