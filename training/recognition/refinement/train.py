"""Training a refiner: pre-training, rounds, checkpoints, and when it is over."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.recognition import checkpoints
from training.recognition.progress import TrainingFailed
from training.recognition.refinement import measures
from training.recognition.refinement.collapse import (
    MESSAGES,
    RefinerEnding,
    cannot_tell,
    find_collapse,
    keeps_text,
)
from training.recognition.refinement.game import Game, Logs
from training.recognition.refinement.presets import Preset, get_preset
from training.recognition.refinement.progress import (
    PictureRows,
    Pictures,
    RefinementCheckpoint,
    RefinementListener,
    RefinementProgress,
    SilentRefinementListener,
    Stage,
)
from training.recognition.refinement.refiner import Refiner

LAST = "refiner.npz"

FEWEST = 32
"""Pictures of each kind."""

HELD_OUT = 128
"""Pictures of each kind that are measured on and not trained on; a quarter where there are few."""

SHOWN = 8
"""Pictures of each kind at a checkpoint."""

SMALLEST = 8
"""Pixels of height and width."""

GREY_LEVELS = 127.5
"""Of one unit in the networks."""

PRE_REFINER, PRE_DISCRIMINATOR, ROUNDS = range(3)
"""Stages have random numbers of their own."""


@dataclass(frozen=True)
class RefinerResult:
    """A refiner and how it came about.

    Kept is the refiner whose pictures' patches came closest to the real ones, of those that keep the text. Distances
    are `measures.patch_distance` from held-out real pictures: of synthetic pictures as they were drawn, and of other
    real pictures, which is as close as one can come.
    """

    refiner: Refiner
    last: Refiner | None
    """As it was at the end, whatever its patches say, for who has another measure; None after a collapse."""
    history: tuple[RefinementCheckpoint, ...]
    ending: RefinerEnding
    message: str
    seconds: float
    synthetic_distance: float
    real_distance: float

    @property
    def best(self) -> RefinementCheckpoint | None:
        """Of the kept refiner; None where training ended before anything was measured."""
        return _best(self.history)

    @property
    def comes_closer(self) -> bool:
        """Whether refined pictures are closer to the real ones than synthetic ones."""
        return self.best is not None and self.best.patch_distance < self.synthetic_distance


def train_refiner(
    *,
    synthetic: Pictures,
    real: Pictures,
    preset: str | Preset = "narrow",
    seed: int = 0,
    folder: Path,
    listener: RefinementListener | None = None,
    max_minutes: float | None = None,
) -> RefinerResult:
    """Trains a refiner on synthetic uint8 (n, height, width, channels) and real uint8 (m, height, width, channels)
    pictures; neither needs a label, and no picture belongs to another.

    Algorithm 1 of the paper. It ends after the preset's rounds, after `max_minutes`, when the listener says so, or with
    a message when the game has collapsed (see `collapse`). At every checkpoint the whole state is kept in
    `folder`: a second call with the same folder and arguments goes on there; only an interrupted pre-training begins
    anew. Without `max_minutes`, equal seeds give equal refiners on the same machine.

    Raises TrainingFailed with a sentence where the pictures cannot teach anything.
    """
    chosen = get_preset(preset) if isinstance(preset, str) else preset
    check_pictures(synthetic, real)
    folder.mkdir(parents=True, exist_ok=True)
    training = _Training(
        synthetic, real, chosen, seed, folder, listener or SilentRefinementListener(), max_minutes
    )
    return training.run()


def check_pictures(synthetic: Pictures, real: Pictures) -> None:
    """Raises TrainingFailed with a sentence when no refiner can be trained on these."""
    for name, pictures in (("synthetic", synthetic), ("real", real)):
        if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[3] not in (1, 3):
            raise TrainingFailed(
                f"The {name} pictures are {pictures.dtype} {pictures.shape}: give uint8 (n, height, width, channels) "
                "with one or three channels."
            )
        if len(pictures) < FEWEST:
            raise TrainingFailed(f"There are {len(pictures)} {name} pictures: give at least {FEWEST}.")
        if min(pictures.shape[1:3]) < SMALLEST:
            raise TrainingFailed(
                f"The {name} pictures are {pictures.shape[2]} x {pictures.shape[1]} pixels: give at least "
                f"{SMALLEST} x {SMALLEST}."
            )
        if (pictures == pictures[0]).all():
            raise TrainingFailed(f"All {name} pictures are the same: give different ones.")
    if synthetic.shape[1:] != real.shape[1:]:
        raise TrainingFailed(
            f"The synthetic pictures are {synthetic.shape[1:]} (height, width, channels), the real ones "
            f"{real.shape[1:]}: draw synthetic pictures in the size of the real ones."
        )


@dataclass
class _State:
    """What a checkpoint remembers besides arrays."""

    round: int = 0
    seconds: float = 0.0
    separation: float = 0.0
    """Of real from synthetic pictures after the discriminator's pre-training."""
    history: list[RefinementCheckpoint] = dataclasses.field(default_factory=list)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> _State:
        history = [RefinementCheckpoint(**each) for each in data["history"]]
        return cls(data["round"], data["seconds"], data["separation"], history)


class _Means:
    """Of what steps have told since the last checkpoint."""

    def __init__(self) -> None:
        self._sums: Logs = {}
        self._count = 0

    def add(self, logs: Logs) -> None:
        self._sums = {name: self._sums.get(name, 0.0) + value for name, value in logs.items()}
        self._count += 1

    @property
    def values(self) -> Logs:
        return {name: value / self._count for name, value in self._sums.items()}

    @property
    def are_finite(self) -> bool:
        return all(math.isfinite(value) for value in self._sums.values())


class _Training:
    def __init__(
        self,
        synthetic: Pictures,
        real: Pictures,
        preset: Preset,
        seed: int,
        folder: Path,
        listener: RefinementListener,
        max_minutes: float | None,
    ) -> None:
        self.preset, self.seed, self.folder, self.listener = preset, seed, folder, listener
        self.limit = None if max_minutes is None else 60 * max_minutes
        self.fingerprint = _fingerprint(synthetic, real, preset, seed)
        synthetic, self.held_out = _split(synthetic, seed)
        real, self.held_out_real = _split(real, seed)
        self.game = Game(preset, synthetic, real, seed)
        self.real_distance = measures.patch_distance(real[: len(self.held_out_real)], self.held_out_real)
        self.synthetic_distance = measures.patch_distance(self.held_out, self.held_out_real)
        varied = min(measures.variety(self.held_out), measures.variety(self.held_out_real))
        self.usual_variety = max(varied, 1e-6)
        self.by_chance = measures.separation_by_chance(len(self.held_out), len(self.held_out_real))
        self.state = _State()
        self.best_weights = self.game.averaged_weights()
        self.started = time.perf_counter()
        self.refiner_logs, self.discriminator_logs = _Means(), _Means()

    @property
    def seconds(self) -> float:
        """Of training, those before an interruption included."""
        return self.state.seconds + time.perf_counter() - self.started

    def run(self) -> RefinerResult:
        self._resume()
        ending = None if self.state.history else self._pretrain()
        while ending is None:
            ending = self._is_over() or self._until_checkpoint()
        return RefinerResult(
            refiner=self.game.refiner_with(self.best_weights),
            last=None if ending in MESSAGES else self.game.new_refiner(self.game.averaged_weights()),
            history=tuple(self.state.history),
            ending=ending,
            message=self._message(ending),
            seconds=self.seconds,
            synthetic_distance=self.synthetic_distance,
            real_distance=self.real_distance,
        )

    def _pretrain(self) -> RefinerEnding | None:
        preset, game = self.preset, self.game
        for step in range(preset.refiner_pretraining):
            change = game.teach_to_change_nothing(self._random(PRE_REFINER, step))
            if not math.isfinite(change):
                return "not finite"
            self._report("pre-training the refiner", step + 1, preset.refiner_pretraining, change=change)
            if (interruption := self._interruption()) is not None:
                return interruption
        game.begin_history(self._random(PRE_DISCRIMINATOR, preset.discriminator_pretraining))
        for step in range(preset.discriminator_pretraining):
            self.discriminator_logs.add(game.teach_discriminator(self._random(PRE_DISCRIMINATOR, step)))
            if not self.discriminator_logs.are_finite:
                return "not finite"
            self._report("pre-training the discriminator", step + 1, preset.discriminator_pretraining)
            if (interruption := self._interruption()) is not None:
                return interruption
        weights = game.averaged_weights()
        refined = game.refiner_with(weights).refine(self.held_out)
        self.state.separation = measures.separation(game.scores(self.held_out_real), game.scores(refined))
        self._checkpoint()
        return None

    def _is_over(self) -> RefinerEnding | None:
        if cannot_tell(self.state.separation, self.by_chance):
            return "nothing to refine"
        collapse = find_collapse(self.state.history)
        if collapse is not None:
            return collapse
        if self.state.round >= self.preset.rounds:
            return "finished"
        return self._interruption()

    def _until_checkpoint(self) -> RefinerEnding | None:
        """Rounds up to the next checkpoint; an interruption is one, too."""
        ending: RefinerEnding | None = None
        while ending is None:
            self._round(self._random(ROUNDS, self.state.round))
            if not (self.refiner_logs.are_finite and self.discriminator_logs.are_finite):
                return "not finite"
            self.state.round += 1
            self._report("refining", self.state.round, self.preset.rounds)
            is_due = self.state.round % self.preset.checkpoint_rounds == 0
            if is_due or self.state.round >= self.preset.rounds:
                break
            ending = self._interruption()
        self._checkpoint()
        return ending

    def _round(self, random: np.random.Generator) -> None:
        self.game.ask_judge()
        for _ in range(self.preset.refiner_steps):
            self.refiner_logs.add(self.game.teach_refiner(random))
        for _ in range(self.preset.discriminator_steps):
            self.discriminator_logs.add(self.game.teach_discriminator(random))

    def _checkpoint(self) -> None:
        """Measures, keeps the state, and tells the listener."""
        weights = self.game.averaged_weights()
        refined = self.game.refiner_with(weights).refine(self.held_out)
        checkpoint = self._measured(refined)
        if checkpoint.best:
            self.best_weights = weights
        self.state.history.append(checkpoint)
        self.refiner_logs, self.discriminator_logs = _Means(), _Means()
        state = dataclasses.asdict(self.state) | {"seconds": self.seconds, "training": self.fingerprint}
        groups = self.game.groups() | {"best": self.best_weights}
        checkpoints.write_checkpoint(self.folder / LAST, groups, state)
        rows = PictureRows(self.held_out[:SHOWN], refined[:SHOWN], self.held_out_real[:SHOWN])
        self.listener.on_checkpoint(checkpoint, rows)

    def _measured(self, refined: Pictures) -> RefinementCheckpoint:
        logs, judging = self.refiner_logs.values, self.discriminator_logs.values
        checkpoint = RefinementCheckpoint(
            round=self.state.round,
            seconds=self.seconds,
            adversarial_loss=logs.get("judged_loss"),
            change=GREY_LEVELS * logs["change_loss"] if logs else None,
            discriminator_loss=judging.get("loss"),
            discriminator_accuracy=judging.get("rightly_judged"),
            fooled=logs.get("judged_rightly_judged"),
            patch_distance=measures.patch_distance(refined, self.held_out_real),
            text_kept=measures.text_kept(self.held_out, refined),
            variety=measures.variety(refined) / self.usual_variety,
            best=False,
        )
        former = _best(self.state.history)
        is_better = former is None or checkpoint.patch_distance < former.patch_distance
        return dataclasses.replace(checkpoint, best=keeps_text(checkpoint) and is_better)

    def _report(self, stage: Stage, step: int, steps: int, change: float | None = None) -> None:
        logs = self.refiner_logs.values
        if logs:
            change = logs["change_loss"]
        rounds, seconds = self.state.round, self.seconds
        share = rounds / self.preset.rounds
        if self.limit is not None:
            share = max(share, min(seconds / max(self.limit, 1e-9), 1.0))
        left: list[float] = []
        if rounds:
            begun = self.state.history[0].seconds
            left.append((self.preset.rounds - rounds) * max(seconds - begun, 0.0) / rounds)
        if self.limit is not None:
            left.append(max(self.limit - seconds, 0.0))
        self.listener.on_progress(
            RefinementProgress(
                stage=stage,
                step=step,
                steps=steps,
                adversarial_loss=logs.get("judged_loss"),
                change=None if change is None else GREY_LEVELS * change,
                discriminator_loss=self.discriminator_logs.values.get("loss"),
                progress=share,
                seconds=seconds,
                seconds_left=min(left, default=None),
            )
        )

    def _interruption(self) -> RefinerEnding | None:
        if self.limit is not None and self.seconds >= self.limit:
            return "out of time"
        return "stopped" if self.listener.should_stop() else None

    def _random(self, stage: int, step: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, stage, step])

    def _message(self, ending: RefinerEnding) -> str:
        best = _best(self.state.history)
        kept = "The refiner is as it began: training ended in its pre-training."
        if best is not None:
            kept = (
                f"Kept is the refiner of round {best.round}: its patches are {best.patch_distance:.3f} from real ones; "
                f"those of synthetic pictures {self.synthetic_distance:.3f}, of other real ones "
                f"{self.real_distance:.3f}."
            )
            if best.round == 0:
                kept = "No refined pictures came closer to the real ones than at the start."
        sentence = MESSAGES.get(ending)
        if sentence is None:
            return kept
        last = self.state.history[-1] if self.state.history else None
        values: dict[str, Any] = {
            "steps": self.preset.discriminator_pretraining,
            "separation": self.state.separation,
            "by_chance": self.by_chance,
            "round": self.state.round,
        }
        if last is not None:
            values |= {"accuracy": last.discriminator_accuracy or 0.0, "fooled": last.fooled or 0.0}
            values |= {"variety": last.variety, "text_kept": max(last.text_kept, 0.0)}
        return f"{sentence.format(**values)} {kept}"

    def _resume(self) -> None:
        path = self.folder / LAST
        if not path.exists():
            return
        try:
            groups, state = checkpoints.read_checkpoint(path)
            if state.get("training") != self.fingerprint:
                raise TrainingFailed(
                    "The folder holds the checkpoint of another refiner (other pictures, preset or seed): train into "
                    "an empty folder."
                )
            self.best_weights = groups.pop("best")
            self.game.restore(groups)
        except (checkpoints.UnusableCheckpoint, KeyError) as error:
            raise TrainingFailed(str(error)) from error
        self.state = _State.from_json(state)
        self.started = time.perf_counter()


def _best(
    history: list[RefinementCheckpoint] | tuple[RefinementCheckpoint, ...],
) -> RefinementCheckpoint | None:
    return next((each for each in reversed(history) if each.best), None)


def _split(pictures: Pictures, seed: int) -> tuple[Pictures, Pictures]:
    """Pictures to train on and held-out ones."""
    order: NDArray[np.int64] = np.random.default_rng(seed).permutation(len(pictures))
    count = min(HELD_OUT, len(pictures) // 4)
    return pictures[order[count:]], pictures[order[:count]]


def _fingerprint(synthetic: Pictures, real: Pictures, preset: Preset, seed: int) -> str:
    """Identifies what is trained on what; the time limit may differ between an interrupted and a resumed call."""
    content = hashlib.blake2b(json.dumps([dataclasses.asdict(preset), seed]).encode())
    for pictures in (synthetic, real):
        content.update(str(pictures.shape).encode())
        content.update(np.ascontiguousarray(pictures).data)
    return content.hexdigest()
