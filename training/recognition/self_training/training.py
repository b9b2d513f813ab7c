"""Self-training: rounds of reading unlabelled pictures and learning from what was read surely."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeling.intervals import Share
from training.recognition import checkpoints
from training.recognition.architectures import Architecture, get_architecture
from training.recognition.data import Samples
from training.recognition.fit import FitResult, fit_reader
from training.recognition.progress import (
    Ending,
    EpochMetrics,
    FitListener,
    SilentListener,
    TrainingFailed,
    Validated,
)
from training.recognition.self_training.drift import why_not
from training.recognition.self_training.listening import RoundListener, joined, renumbered
from training.recognition.self_training.mixture import joined as joined_samples
from training.recognition.self_training.mixture import mixture, strong
from training.recognition.self_training.precision import estimate_precision
from training.recognition.self_training.pseudo_labels import LabelFile, PseudoLabels, pseudo_labels
from training.recognition.self_training.round import Round
from training.recognition.self_training.taking import missing_characters
from training.recognition.self_training.weak_reading import ReadingStopped, read_weakly
from training.recognition.task import ReadingTask
from training.recognition.trained import TrainedModel
from training.recognition.validating import read_validation

ROUNDS = 3

FURTHER_ROUNDS = 3
"""So many more at most, where time is left when those that were wanted are done."""

FIRST_SHARE = 0.4
"""Of the time, so much goes at most into the first training, that of labels and drawn pictures alone."""

ROUND_SHARE = 0.5
"""Of a training's usual epochs, so many make a round: it does not begin from nothing."""


DRAWN_TOLERANCE = 0.03

LONGER = "longer"
"""Below the folder of the whole: where the first training goes on when no round begins."""


def self_train(
    *,
    task: ReadingTask,
    architecture: str | Architecture,
    hyperparameters: Mapping[str, Any] | None,
    model: TrainedModel | None,
    labelled: Samples | None,
    synthetic: Samples | None,
    unlabelled: NDArray[np.uint8],
    validation: Samples,
    folder: Path,
    seed: int = 0,
    rounds: int = ROUNDS,
    max_epochs: int | None = None,
    max_minutes: float | None = None,
    listener: FitListener | None = None,
    on_round: Callable[[Round], None] = lambda told: None,
    on_reading: Callable[[int, int, int], None] = lambda number, done, of: None,
    on_validation: Callable[[Validated], None] | None = None,
) -> FitResult:
    """Trains a reader with the help of pictures that nobody has labelled, uint8 (n, parts, height, width, channels).

    Without a `model` (of the same architecture, task and hyper-parameters) it first trains one as `fit_reader` does, on
    the labelled and drawn samples. Then each round reads the unlabelled pictures, takes what it is sure of, and goes on
    with the former weights on a mixture of that with the others, under strong augmentation. A round whose validation is
    clearly worse is not kept; after it, and wherever the pseudo-labels show that another round would do harm, there is
    none. Where there is none at all, the time for rounds goes into the first training. The validation samples also
    choose the temperature and check the confidences, so none of them may be among the others. Epochs are counted
    through all trainings. Where `max_minutes` leave time for more than the wanted `rounds`, there are a few more.

    `on_round` is told each round when its pseudo-labels are taken and when it has learnt from them; after an
    interruption, the rounds before it are told once more. `on_reading` is told the round, how many unlabelled pictures
    are read, and of how many. `max_epochs` is for each of the trainings, `max_minutes` for all, reading included.

    A second call with the same folder and arguments goes on where the first one stopped. Raises TrainingFailed,
    InvalidTask or InvalidHyperparameters with a sentence.
    """
    chosen = get_architecture(architecture) if isinstance(architecture, str) else architecture
    return _SelfTraining(
        task=task,
        architecture=chosen,
        hyperparameters=hyperparameters,
        labelled=labelled,
        synthetic=synthetic,
        unlabelled=unlabelled,
        validation=validation,
        folder=folder,
        seed=seed,
        rounds=rounds,
        max_epochs=max_epochs,
        seconds=None if max_minutes is None else 60 * max_minutes,
        listener=listener or SilentListener(),
        on_round=on_round,
        on_reading=on_reading,
        on_validation=on_validation,
    ).run(model)


def rounds_history(folder: Path) -> tuple[EpochMetrics, ...]:
    """The epochs of all trainings that checkpoints in the folder of a self-training know of, counted through."""
    trainings = []
    for each in (folder, folder / LONGER, *_existing_rounds(folder)):
        state = checkpoints.read_state(each / "last.npz")
        history = [EpochMetrics(**epoch) for epoch in state.get("history", ())]
        trainings.append((history, float(state.get("seconds", 0.0))))
    return joined(trainings)


def round_folder(folder: Path, number: int) -> Path:
    """Where a round, counted from 1, keeps its pseudo-labels and checkpoints below the folder of the whole."""
    return folder / f"round-{number}"


def _existing_rounds(folder: Path) -> list[Path]:
    found: list[Path] = []
    while (each := round_folder(folder, len(found) + 1)).is_dir():
        found.append(each)
    return found


@dataclass
class _SelfTraining:
    task: ReadingTask
    architecture: Architecture
    hyperparameters: Mapping[str, Any] | None
    labelled: Samples | None
    synthetic: Samples | None
    unlabelled: NDArray[np.uint8]
    validation: Samples
    folder: Path
    seed: int
    rounds: int
    max_epochs: int | None
    seconds: float | None
    listener: FitListener
    on_round: Callable[[Round], None]
    on_reading: Callable[[int, int, int], None]
    on_validation: Callable[[Validated], None] | None
    results: list[FitResult] = field(default_factory=list)
    reading_seconds: float = 0.0
    had_model: bool = False
    pictures: str = ""

    def run(self, model: TrainedModel | None) -> FitResult:
        self.had_model = model is not None
        kept = self._first() if model is None else self._given(model)
        self.results.append(kept)
        if kept.best is None or kept.ending == "stopped":
            return kept
        self.pictures = _digest(self.unlabelled)
        kept, ending = self._rounds(kept)
        return self._joined(kept, ending)

    def _rounds(self, kept: FitResult) -> tuple[FitResult, Ending]:
        """The result of the last round that was worth keeping, and how it all ended."""
        former: PseudoLabels | None = None
        before: Round | None = None
        for number in range(1, self.rounds + FURTHER_ROUNDS + 1):
            if number > self.rounds and not self._has_time_for_another:
                break
            if self._left is not None and self._left <= 0:
                return kept, "out of time"
            try:
                labels, told = self._labels(number, kept.model, former)
            except ReadingStopped:
                return kept, "stopped"
            told = replace(told, ending=why_not(labels, told, former, before))
            self.on_round(told)
            if told.ending:
                return self._longer(kept) if number == 1 else (kept, "no longer improving")
            result = self._learn(number, kept.model, labels)
            self.results.append(result)
            if result.best is None:
                return kept, "stopped"
            told = self._judged(told, result, kept)
            self.on_round(told)
            kept = result if told.kept else kept
            if result.ending == "stopped":
                return kept, "stopped"
            if told.ending:
                return kept, "no longer improving"
            former, before = labels, told
        return kept, "finished"

    def _longer(self, kept: FitResult) -> tuple[FitResult, Ending]:
        """Where no round began, the time that was meant for them goes into the first training."""
        if self._left is None or self._left <= 0 or self.had_model or kept.ending != "out of time":
            return kept, "no longer improving"
        result = self._fit(
            train=self._begun_with,
            hyperparameters=self.hyperparameters,
            folder=self.folder / LONGER,
            seed=self.seed,
            max_epochs=self.max_epochs,
            seconds=self._left,
            begin_with=kept.model,
        )
        self.results.append(result)
        if result.best is None or self._is_worse(result, kept):
            return kept, result.ending
        return result, result.ending

    def _joined(self, kept: FitResult, ending: Ending) -> FitResult:
        """All trainings as one, with the model of one of them."""
        history = joined((each.history, each.seconds) for each in self.results)
        before = list(takewhile(lambda each: each is not kept, self.results))
        assert kept.best is not None
        best = renumbered(
            kept.best, sum(len(each.history) for each in before), sum(each.seconds for each in before)
        )
        return FitResult(kept.model, history, best, ending, self._spent)

    def _first(self) -> FitResult:
        return self._fit(
            train=self._begun_with,
            hyperparameters=self.hyperparameters,
            folder=self.folder,
            seed=self.seed,
            max_epochs=self.max_epochs,
            seconds=None if self.seconds is None else FIRST_SHARE * self.seconds,
        )

    @property
    def _begun_with(self) -> Samples:
        """The labelled and the drawn samples."""
        parts = [each for each in (self.labelled, self.synthetic) if each is not None and len(each)]
        if not parts:
            raise TrainingFailed("There is neither a labelled nor a drawn image to begin with: label some.")
        return parts[0] if len(parts) == 1 else joined_samples(parts)

    def _given(self, model: TrainedModel) -> FitResult:
        read = read_validation(model, self.validation)
        best = EpochMetrics(
            epoch=0,
            loss=read.loss,
            training_whole_string_accuracy=read.whole_string_accuracy,
            training_character_accuracy=read.character_accuracy,
            validation_loss=read.loss,
            whole_string_accuracy=read.whole_string_accuracy,
            character_accuracy=read.character_accuracy,
            learning_rate=0.0,
            seconds=0.0,
            best=True,
        )
        return FitResult(model, (), best, "finished", 0.0)

    def _labels(
        self, number: int, model: TrainedModel, former: PseudoLabels | None
    ) -> tuple[PseudoLabels, Round]:
        file = LabelFile(round_folder(self.folder, number), self.pictures)
        try:
            found = file.read()
        except checkpoints.UnusableCheckpoint as error:
            raise TrainingFailed(str(error)) from error
        if found is None:
            started = time.perf_counter()
            labels = self._read(number, model, former)
            told = self._told(number, model, labels)
            found = labels, replace(told, seconds=time.perf_counter() - started)
            file.write(*found)
        self.reading_seconds += found[1].seconds
        return found

    def _read(self, number: int, model: TrainedModel, former: PseudoLabels | None) -> PseudoLabels:
        readings = read_weakly(
            model,
            self.unlabelled,
            on_read=lambda done, of: self.on_reading(number, done, of),
            should_stop=self.listener.should_stop,
        )
        # What nobody labelled cannot show how far confidences are to be trusted: then the surest come first, and more
        # of them round by round (curriculum labelling, P. Cascante-Bonilla et al. 2021, arXiv 2001.06001).
        most = 1.0 if self.labelled else min(1.0, number / self.rounds)
        return pseudo_labels(readings, former, most)

    def _told(self, number: int, model: TrainedModel, labels: PseudoLabels) -> Round:
        """The round before it is trained: what it takes, and how right that may be."""
        held_out = read_weakly(model, self.validation.pictures, should_stop=self.listener.should_stop)
        accepted = np.flatnonzero(held_out.confidences >= labels.threshold)
        right = sum(held_out.texts[index] == self.validation.texts[index] for index in accepted)
        checked = Share(right, len(accepted))
        precision = estimate_precision(
            labels.confidences[labels.taken].tolist(), checked, is_drawn=not self.labelled
        )
        return Round(
            number=number,
            taken=len(labels.taken),
            of=len(self.unlabelled),
            threshold=labels.threshold,
            estimated_precision=precision.value,
            low=precision.interval.low,
            high=precision.interval.high,
            checked=checked.n,
            checked_right=checked.count,
            agreement=labels.agreement,
            missing=missing_characters(labels.taken_texts, self.task.alphabet.characters),
            validated_on=len(self.validation),
        )

    def _learn(self, number: int, model: TrainedModel, labels: PseudoLabels) -> FitResult:
        pseudo = Samples(np.asarray(self.unlabelled[labels.taken]), labels.taken_texts)
        seed = self.seed + number
        train = mixture(self.labelled, self.synthetic, pseudo, np.random.default_rng(seed))
        parsed = self.architecture.parse(self.hyperparameters)
        usual = self.architecture.epochs(len(train), parsed)
        left = self._left
        return self._fit(
            train=train,
            hyperparameters=strong(parsed),
            folder=round_folder(self.folder, number),
            seed=seed,
            max_epochs=self.max_epochs or max(1, math.ceil(ROUND_SHARE * usual)),
            seconds=None if left is None else left / max(1, self.rounds - number + 1),
            begin_with=model,
        )

    def _fit(
        self, *, hyperparameters: Mapping[str, Any] | None, seconds: float | None, **wish: Any
    ) -> FitResult:
        watching = RoundListener(
            listener=self.listener,
            index=len(self.results) - self.had_model,
            trainings=self.rounds + (not self.had_model),
            seconds=self.seconds,
            earlier_epochs=sum(len(each.history) for each in self.results),
            earlier_seconds=sum(each.seconds for each in self.results),
            other_seconds=self.reading_seconds,
        )
        return fit_reader(
            task=self.task,
            architecture=self.architecture,
            hyperparameters=hyperparameters,
            validation=self.validation,
            max_minutes=None if seconds is None else max(seconds, 0.1) / 60,
            listener=watching,
            on_validation=watching.validating(self.on_validation),
            **wish,
        )

    def _judged(self, told: Round, result: FitResult, kept: FitResult) -> Round:
        """The round with its validation: kept unless that is worse by more than its noise, as for epochs."""
        assert result.best is not None
        is_worse = self._is_worse(result, kept)
        return replace(
            told,
            accuracy=result.best.whole_string_accuracy,
            kept=not is_worse,
            ending="It reads fewer validation images right than the reader before, which stays."
            if is_worse
            else "",
            seconds=told.seconds + result.seconds,
        )

    def _is_worse(self, result: FitResult, kept: FitResult) -> bool:
        """Whether fewer validation samples are read right than before, by more than their noise.

        Drawn ones may lose a little more: it is not them that are to be read.
        """
        assert result.best is not None
        assert kept.best is not None
        accuracy, top = result.best.whole_string_accuracy, kept.best.whole_string_accuracy
        noise = math.sqrt(top * (1 - top) / len(self.validation))
        return accuracy < top - noise - (0.0 if self.labelled else DRAWN_TOLERANCE)

    @property
    def _spent(self) -> float:
        return sum(each.seconds for each in self.results) + self.reading_seconds

    @property
    def _has_time_for_another(self) -> bool:
        """Whether a round that takes as long as the last one would end in time."""
        return self._left is not None and self.results[-1].seconds <= self._left

    @property
    def _left(self) -> float | None:
        return None if self.seconds is None else self.seconds - self._spent


def _digest(pictures: NDArray[np.uint8]) -> str:
    """Tells unlabelled pictures from others: 32 hex digits."""
    found = hashlib.blake2b(repr(pictures.shape).encode(), digest_size=16)
    for start in range(0, len(pictures), 1024):
        found.update(np.ascontiguousarray(pictures[start : start + 1024]).data)
    return found.hexdigest()
