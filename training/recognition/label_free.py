"""Training a reader without labels: pictures like the project's own are drawn, and a reader learns from those.

Fitting a style to the pictures, drawing with it, optionally refining what is drawn (SimGAN), training, and training
further on what is then read surely in the pictures themselves. Each stage leaves its result in the folder, so a second
call with the same arguments goes on where the first one stopped.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from labeling.imaging.arrays import Pixels
from training.recognition.architectures import Architecture
from training.recognition.data import DESCRIPTION_FILE, Samples, build_samples, network_inputs, open_samples
from training.recognition.fit import FitListener, FitResult, SilentListener, TrainingFailed, fit_reader
from training.recognition.refinement import (
    PictureRows,
    RefinementCheckpoint,
    RefinementProgress,
    Refiner,
    RefinerResult,
    train_refiner,
)
from training.recognition.self_training import Round, self_train
from training.recognition.synthesis.fitting import FittedStyle, NothingToFit, fit_style
from training.recognition.synthesis.fonts import Font
from training.recognition.synthesis.source import draw_pictures, random_texts
from training.recognition.synthesis.style import Style
from training.recognition.task import ReadingTask

Stage = Literal["fitting", "drawing", "refining", "training", "self-training"]

STYLE_FILE = "style.json"
CLOCK_FILE = "seconds.json"

FEWEST_PICTURES = 50
"""Fewer do not tell what a family looks like."""

MOST_FITTED = 2_000
"""A style is estimated from so many pictures at most; more tell nothing new."""

MOST_LEARNT_FROM = 20_000
"""Self-training reads so many pictures at most."""

VALIDATION_PICTURES = 500
"""Drawn beside those that are trained on."""

TOO_LATE = (
    "Drawn images teach more at first, and they took all the time. Allow more minutes to go on from here."
)

SHORTEST_STAGE = 1.0
"""Seconds that a stage gets even where nothing is left."""

SHOWN = 60
"""Drawn pictures that the listener is shown."""

TOLD_EVERY = 256
"""Drawn pictures; then the listener hears how far it is."""

LONGEST_FIT = 120.0
"""Seconds; more make a style no better."""

WORTH_PROCESSES = 2_000
"""Pictures; starting processes takes longer than drawing fewer."""

FITTING_SHARE, REFINING_SHARE, TRAINING_SHARE = 0.15, 0.25, 0.4
"""Of the minutes that other stages left; self-training has the rest."""

LEAST_TRAINING = 300.0
"""Seconds on drawn pictures before self-training gets any: until then those teach more. On `hackmit`, in six minutes in
all, training alone read 112 of 119 images right; with self-training in their second half it was 105 and 108."""

LEAST_SELF_TRAINING = 60.0
"""Seconds; in fewer, a round teaches nothing."""


@dataclass(frozen=True)
class LabelFreeOptions:
    """What a person may choose.

    `max_minutes` are for everything together. A `style` was adjusted by a person and is drawn with as it is.
    """

    max_minutes: float
    refine: bool = False
    self_train: bool = True
    synthetic_count: int = 30_000
    style: Style | None = None


class LabelFreeListener(FitListener, Protocol):
    """Whoever watches; called in the training's thread, so answers must be quick.

    `on_share` tells how far a stage is, 0..1, where no batches and epochs say it: of fitting, drawing and refining.
    """

    def on_stage(self, stage: Stage) -> None: ...

    def on_share(self, share: float, doing: str) -> None: ...

    def on_fitted(self, fitted: FittedStyle) -> None: ...

    def on_drawn(self, pictures: Sequence[Pixels], texts: Sequence[str]) -> None:
        """Some of the drawn pictures, as they were drawn."""

    def on_refined(self, checkpoint: RefinementCheckpoint, rows: PictureRows) -> None:
        """The same drawn pictures before and after, beside real ones, as the network sees them."""

    def on_refiner(self, result: RefinerResult) -> None:
        """How refining ended, with a message for people."""

    def on_round(self, completed: Round) -> None: ...

    def on_left_out(self, stage: Stage, why: str) -> None:
        """A stage that was wanted is not begun, and why, in a sentence."""


class SilentLabelFreeListener(SilentListener):
    """Watches nothing and never stops a training."""

    def on_stage(self, stage: Stage) -> None: ...

    def on_share(self, share: float, doing: str) -> None: ...

    def on_fitted(self, fitted: FittedStyle) -> None: ...

    def on_drawn(self, pictures: Sequence[Pixels], texts: Sequence[str]) -> None: ...

    def on_refined(self, checkpoint: RefinementCheckpoint, rows: PictureRows) -> None: ...

    def on_refiner(self, result: RefinerResult) -> None: ...

    def on_round(self, completed: Round) -> None: ...

    def on_left_out(self, stage: Stage, why: str) -> None: ...


def train_without_labels(
    *,
    task: ReadingTask,
    architecture: Architecture,
    hyperparameters: Mapping[str, Any] | None,
    pictures: Sequence[Pixels],
    fonts: Sequence[Font],
    options: LabelFreeOptions,
    folder: Path,
    seed: int,
    listener: LabelFreeListener,
) -> FitResult:
    """A reader of unlabelled pictures: RGBA uint8 (height, width, 4), usually all of one family.

    The result's history and its temperature are those on drawn pictures: how well it reads real ones, only a person who
    transcribes some can say. Raises TrainingFailed, InvalidTask or InvalidHyperparameters with a sentence.
    """
    architecture.check(task)
    if len(pictures) < FEWEST_PICTURES:
        raise TrainingFailed(
            f"There are {len(pictures)} images to learn from, and a reader without labels needs {FEWEST_PICTURES}: "
            "import more images, then try again."
        )
    return _LabelFree(
        task, architecture, hyperparameters, pictures, fonts, options, folder, seed, listener
    ).run()


class _LabelFree:
    """One training without labels; see `train_without_labels`."""

    def __init__(
        self,
        task: ReadingTask,
        architecture: Architecture,
        hyperparameters: Mapping[str, Any] | None,
        pictures: Sequence[Pixels],
        fonts: Sequence[Font],
        options: LabelFreeOptions,
        folder: Path,
        seed: int,
        listener: LabelFreeListener,
    ) -> None:
        self.task = task
        self.architecture = architecture
        self.hyperparameters = hyperparameters
        self.pictures = pictures
        self.fonts = fonts
        self.options = options
        self.folder = folder
        self.seed = seed
        self.listener = listener
        self.clock = _Clock(folder, options.max_minutes)

    def run(self) -> FitResult:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.clock.stage("fitting"):
            style = self.options.style or self._fitted()
        with self.clock.stage("drawing"):
            train = self._drawn(style, "train", self.options.synthetic_count, self.seed)
            validation = self._drawn(style, "validation", VALIDATION_PICTURES, self.seed + 1)
        if self._learns_from_real:
            with self.clock.stage("drawing"):
                real = self._real()
        if self.options.refine:
            with self.clock.stage("refining"):
                train, validation = self._refined(train, validation, real)
        with self.clock.stage("training"):
            result = self._trained(train, validation)
        if self.options.self_train and result.ending != "stopped":
            if self.clock.seconds_for("self-training", 1.0) < LEAST_SELF_TRAINING:
                self.listener.on_left_out("self-training", TOO_LATE)
                return result
            with self.clock.stage("self-training"):
                result = self._self_trained(result, train, validation, real)
        return result

    @property
    def _learns_from_real(self) -> bool:
        return self.options.refine or self.options.self_train

    def _fitted(self) -> Style:
        """What `fit_style` finds; kept, so that it is looked for once."""
        file = self.folder / STYLE_FILE
        if file.exists():
            return Style.from_json(json.loads(file.read_text()))
        self.listener.on_stage("fitting")
        try:
            fitted = fit_style(
                self._some(MOST_FITTED),
                self.task.alphabet.characters,
                self.task.min_length,
                self.task.max_length,
                fonts=self.fonts,
                seed=self.seed,
                listener=_Fitting(self.listener),
                max_seconds=min(self.clock.seconds_for("fitting", FITTING_SHARE), LONGEST_FIT),
            )
        except NothingToFit as error:
            raise TrainingFailed(str(error)) from error
        self.listener.on_fitted(fitted)
        _write(file, fitted.style.to_json())
        return fitted.style

    def _some(self, count: int) -> list[Pixels]:
        """At most so many of the pictures, chosen by chance."""
        chosen = np.random.default_rng(self.seed).permutation(len(self.pictures))[:count]
        return [self.pictures[index] for index in sorted(chosen)]

    def _drawn(self, style: Style, name: str, count: int, seed: int) -> Samples:
        """`count` drawn pictures as the network will see them."""
        self.listener.on_stage("drawing")
        description = {"style": style.to_json(), "count": count, "seed": seed}
        folder = self._folder_for(name, description)
        if (folder / DESCRIPTION_FILE).exists():
            return open_samples(folder)
        texts = random_texts(self.task, count, seed)
        processes = 1 if count < WORTH_PROCESSES else None
        drawn = draw_pictures(texts, style, self.fonts, seed, processes)
        return build_samples(
            self._shown(drawn, count) if name == "train" else drawn,
            self.task,
            self.architecture,
            self.hyperparameters,
            folder,
        )

    def _shown(self, drawn: Iterator[tuple[Pixels, str]], count: int) -> Iterator[tuple[Pixels, str]]:
        """The same pictures, the first of which the listener sees; it is also told how many of `count` there are."""
        first: list[tuple[Pixels, str]] = []
        for number, pair in enumerate(drawn):
            if number % TOLD_EVERY == 0:
                self.listener.on_share(number / count, "")
            if len(first) < SHOWN:
                first.append(pair)
                if len(first) == SHOWN:
                    self.listener.on_drawn(*zip(*first, strict=True))
            yield pair

    def _real(self) -> NDArray[np.uint8]:
        """The pictures as the network will see them: uint8 (n, parts, height, width, channels)."""
        shape = self.architecture.input_shape(self.task, self.hyperparameters)
        seen = [
            np.rint(255 * np.clip(network_inputs(pixels, self.task, self.architecture, shape), 0, 1))
            for pixels in self._some(MOST_LEARNT_FROM)
        ]
        return np.stack(seen).astype(np.uint8)

    def _refined(
        self, train: Samples, validation: Samples, real: NDArray[np.uint8]
    ) -> tuple[Samples, Samples]:
        """The drawn pictures, made to look more real by a refiner; as they are where it does not come closer."""
        self.listener.on_stage("refining")
        result = train_refiner(
            synthetic=train.pictures.reshape(-1, *train.pictures.shape[2:]),
            real=real.reshape(-1, *real.shape[2:]),
            preset="narrow",
            seed=self.seed,
            folder=self.folder / "refiner",
            listener=_Refining(self.listener),
            max_minutes=self.clock.seconds_for("refining", REFINING_SHARE) / 60,
        )
        self.listener.on_refiner(result)
        if not result.comes_closer:
            return train, validation
        return _refine(train, result.refiner), _refine(validation, result.refiner)

    def _trained(self, train: Samples, validation: Samples) -> FitResult:
        self.listener.on_stage("training")
        left = self.clock.seconds_after("fitting", "drawing", "refining")
        return fit_reader(
            task=self.task,
            architecture=self.architecture,
            hyperparameters=self.hyperparameters,
            train=train,
            validation=validation,
            folder=self.folder / "training",
            seed=self.seed,
            max_minutes=training_seconds(left, self_trains=self.options.self_train) / 60,
            listener=self.listener,
        )

    def _self_trained(
        self, result: FitResult, train: Samples, validation: Samples, real: NDArray[np.uint8]
    ) -> FitResult:
        self.listener.on_stage("self-training")
        return self_train(
            task=self.task,
            architecture=self.architecture,
            hyperparameters=self.hyperparameters,
            model=result.model,
            labelled=None,
            synthetic=train,
            unlabelled=real,
            validation=validation,
            folder=self.folder / "self-training",
            seed=self.seed,
            max_minutes=self.clock.seconds_for("self-training", 1.0) / 60,
            listener=self.listener,
            on_round=self.listener.on_round,
        )

    def _folder_for(self, name: str, description: Mapping[str, Any]) -> Path:
        """A folder for what is described; what was there for another description is gone."""
        fingerprint = hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()[:16]
        folder = self.folder / f"{name}-{fingerprint}"
        for other in self.folder.glob(f"{name}-*"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        return folder


class _Fitting:
    """Passes on what `fit_style` tells."""

    def __init__(self, listener: LabelFreeListener) -> None:
        self._listener = listener
        self._doing = ""

    def on_stage(self, sentence: str, share: float) -> None:
        self._doing = sentence
        self.on_share(share)

    def on_share(self, share: float) -> None:
        self._listener.on_share(share, self._doing)

    def should_stop(self) -> bool:
        return self._listener.should_stop()


class _Refining:
    """Passes on what `train_refiner` tells."""

    def __init__(self, listener: LabelFreeListener) -> None:
        self._listener = listener

    def on_progress(self, progress: RefinementProgress) -> None:
        self._listener.on_share(progress.progress, progress.stage)

    def on_checkpoint(self, checkpoint: RefinementCheckpoint, rows: PictureRows) -> None:
        self._listener.on_refined(checkpoint, rows)

    def should_stop(self) -> bool:
        return self._listener.should_stop()


def _refine(samples: Samples, refiner: Refiner) -> Samples:
    shape = samples.pictures.shape
    return Samples(refiner.refine(samples.pictures.reshape(-1, *shape[2:])).reshape(shape), samples.texts)


def training_seconds(left: float, *, self_trains: bool) -> float:
    """How much of the seconds that are left training on drawn pictures may take: all, or what leaves self-training
    enough where it is wanted and both can have enough."""
    seconds = max(TRAINING_SHARE * left, LEAST_TRAINING)
    return seconds if self_trains and left - seconds >= LEAST_SELF_TRAINING else left


class _Clock:
    """How long each stage took, in former calls, too."""

    def __init__(self, folder: Path, max_minutes: float) -> None:
        self.file = folder / CLOCK_FILE
        self.max_seconds = max_minutes * 60
        self.seconds: dict[str, float] = json.loads(self.file.read_text()) if self.file.exists() else {}

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Counts what happens inside as time of a stage."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - begun
            _write(self.file, self.seconds)

    def seconds_for(self, stage: Stage, share: float) -> float:
        """What a stage may take in all: a share of what the other stages left."""
        return max(share * self.seconds_after(*(set(self.seconds) - {stage})), SHORTEST_STAGE)

    def seconds_after(self, *stages: str) -> float:
        """What some stages left, SHORTEST_STAGE at least."""
        return max(self.max_seconds - sum(self.seconds.get(name, 0.0) for name in stages), SHORTEST_STAGE)


def _write(file: Path, value: object) -> None:
    """Writes JSON, whole or not at all."""
    aside = file.with_suffix(".new")
    aside.write_text(json.dumps(value))
    aside.replace(file)
