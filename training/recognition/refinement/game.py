"""The two networks and the steps by which they learn from each other; what decides when to stop is elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.recognition import checkpoints
from training.recognition.backend import compile_for_training, compile_for_use, load_keras
from training.recognition.refinement.history import HistoryBuffer
from training.recognition.refinement.networks import (
    build_change,
    build_discriminator,
    build_examination,
    build_refiner,
)
from training.recognition.refinement.presets import Preset
from training.recognition.refinement.progress import Pictures
from training.recognition.refinement.refiner import BATCH, Refiner, predicted, to_network, to_pixels

EMA_MOMENTUM = 0.99
"""What is looked at and kept is an average of the refiner's weights over about the last hundred steps: those of
adversarial games circle (Y. Yazici et al., "The unusual effectiveness of averaging in GAN training", arXiv
1806.04498)."""

BETA_1 = 0.5
"""Adam's momentum for adversarial games (A. Radford et al., arXiv 1511.06434). The paper has plain gradient descent,
with which a narrow network does not come far in minutes."""

EXCESS = 10.0
"""Weight of values that no pixel can have."""

Groups = dict[str, list[NDArray[Any]]]
Logs = dict[str, float]


class Game:
    """A refiner and a discriminator that are taught on pictures of one size. Equal seeds give equal games."""

    def __init__(self, preset: Preset, synthetic: Pictures, real: Pictures, seed: int) -> None:
        from training.recognition.averaging import AveragingAdamW

        keras = load_keras()
        self.preset, self.synthetic, self.real = preset, synthetic, real
        shape = synthetic.shape[1:]
        keras.utils.set_random_seed(seed)
        self.refiner = build_refiner(shape, preset)
        self.discriminator = build_discriminator(shape, preset)
        # The refiner is judged by a copy that cannot learn, so that no network is ever half trainable, half not.
        self.judge = build_discriminator(shape, preset)
        self.judge.trainable = False
        self.onlooker = Refiner(build_refiner(shape, preset))
        compile_for_use(self.refiner)
        self.change = build_change(self.refiner, preset.feature)
        compile_for_training(
            self.change, keras.optimizers.Adam(preset.learning_rate), keras.losses.MeanAbsoluteError()
        )
        self.examination = build_examination(self.refiner, self.judge, preset.feature)
        self.refiner_optimizer = AveragingAdamW(
            learning_rate=preset.learning_rate,
            beta_1=BETA_1,
            weight_decay=0.0,
            use_ema=True,
            ema_momentum=EMA_MOMENTUM,
        )
        self.refiner_optimizer.build(self.examination.trainable_variables)
        compile_for_training(
            self.examination,
            self.refiner_optimizer,
            {
                "judged": _patch_loss(),
                "change": keras.losses.MeanAbsoluteError(),
                "excess": keras.losses.MeanAbsoluteError(),
            },
            loss_weights={"judged": 1.0, "change": preset.regularisation, "excess": EXCESS},
            metrics={"judged": rightly_judged},
        )
        self.discriminator_optimizer = keras.optimizers.Adam(
            preset.discriminator_learning_rate, beta_1=BETA_1
        )
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        compile_for_training(
            self.discriminator, self.discriminator_optimizer, _patch_loss(), metrics=[rightly_judged]
        )
        self.patches = self.discriminator.outputs[0].shape[1:]
        self.unchanged = self.change.outputs[0].shape[1:]
        self.history = HistoryBuffer(preset.buffer_size, synthetic[: preset.batch_size])

    def teach_to_change_nothing(self, random: np.random.Generator) -> float:
        """A step of the refiner with self-regularisation alone; the mean change."""
        pictures = _draw(self.synthetic, self.preset.batch_size, random)
        nothing = np.zeros((len(pictures), *self.unchanged), np.float32)
        return float(self.change.train_on_batch(to_network(pictures), nothing))

    def begin_history(self, random: np.random.Generator) -> None:
        """The first pictures that the refiner will be remembered by, before it has met the discriminator."""
        pictures = _draw(self.synthetic, self.preset.batch_size, random)
        self.history = HistoryBuffer(self.preset.buffer_size, self._drawn_by_refiner(pictures))

    def teach_discriminator(self, random: np.random.Generator) -> Logs:
        """A step with real pictures and as many refined ones, half of these from the history. Logs: "loss", and
        "rightly_judged", the share of patches."""
        size = self.preset.batch_size
        fresh = self._drawn_by_refiner(_draw(self.synthetic, max(size // 2, 1), random))
        refined = np.concatenate([fresh, self.history.sample(size - len(fresh), random)])
        shown = np.concatenate([refined, _draw(self.real, size, random)])
        is_real = np.repeat(np.array([0, 1], np.float32), size)
        targets = np.broadcast_to(is_real[:, None, None, None], (2 * size, *self.patches))
        self.history.remember(fresh, random)
        return _floats(self.discriminator.train_on_batch(to_network(shown), targets, return_dict=True))

    def ask_judge(self) -> None:
        """The refiner's next steps are judged by what the discriminator knows now."""
        checkpoints.assign(self.judge.variables, checkpoints.values_of(self.discriminator.variables))

    def teach_refiner(self, random: np.random.Generator) -> Logs:
        """A step towards pictures that the judge takes for real, and that change little. Logs: "loss", "judged_loss",
        "change_loss", and "judged_rightly_judged", the share of patches that passed as real."""
        pictures = _draw(self.synthetic, self.preset.batch_size, random)
        targets = {
            "judged": np.ones((len(pictures), *self.patches), np.float32),
            "change": np.zeros((len(pictures), *self.unchanged), np.float32),
            "excess": np.zeros(pictures.shape, np.float32),
        }
        return _floats(self.examination.train_on_batch(to_network(pictures), targets, return_dict=True))

    def scores(self, pictures: Pictures) -> NDArray[np.float32]:
        """The discriminator's mean logit of each picture's patches: float32 (n,)."""
        parts = [
            predicted(self.discriminator, to_network(pictures[start : start + BATCH]))
            for start in range(0, len(pictures), BATCH)
        ]
        return np.asarray(np.concatenate(parts).mean(axis=(1, 2, 3)), np.float32)

    def averaged_weights(self) -> list[NDArray[Any]]:
        """The refiner's averaged weights; as they are before its first step."""
        variables = self.examination.trainable_variables
        current = checkpoints.values_of(variables)
        (steps,) = checkpoints.values_of([self.refiner_optimizer.iterations])
        if steps == 0:
            return current
        self.refiner_optimizer.finalize_variable_values(variables)
        # As copies: JAX would give the averages' own buffers away with the next step.
        averaged = checkpoints.values_of(variables)
        checkpoints.assign(variables, current)
        return averaged

    def refiner_with(self, weights: list[NDArray[Any]]) -> Refiner:
        """The refiner with other weights, as a network of its own, which steps leave alone; always the same one."""
        checkpoints.assign(self.onlooker.network.trainable_variables, weights)
        return self.onlooker

    def new_refiner(self, weights: list[NDArray[Any]]) -> Refiner:
        """A refiner that shares nothing with the game."""
        network = build_refiner(self.synthetic.shape[1:], self.preset)
        checkpoints.assign(network.trainable_variables, weights)
        return Refiner(network)

    def groups(self) -> Groups:
        """All that the game remembers, for a checkpoint."""
        return {name: checkpoints.values_of(variables) for name, variables in self._variables().items()} | {
            "history": [self.history.pictures]
        }

    def restore(self, groups: Groups) -> None:
        """Raises UnusableCheckpoint when the groups are of another game."""
        for name, variables in self._variables().items():
            checkpoints.assign(variables, groups[name])
        (pictures,) = groups["history"]
        self.history = HistoryBuffer(self.preset.buffer_size, pictures)

    def _variables(self) -> dict[str, list[Any]]:
        return {
            "refiner": self.refiner.variables,
            "refiner_optimizer": self.refiner_optimizer.variables,
            "discriminator": checkpoints.model_variables(self.discriminator),
            "discriminator_optimizer": self.discriminator_optimizer.variables,
        }

    def _drawn_by_refiner(self, pictures: Pictures) -> Pictures:
        """As pixels: the discriminator learns from what a reader would be shown."""
        return to_pixels(predicted(self.refiner, to_network(pictures)))


def _draw(pictures: Pictures, count: int, random: np.random.Generator) -> Pictures:
    return pictures[random.integers(0, len(pictures), count)]


def _patch_loss() -> Any:
    """The local adversarial loss: a cross entropy for each patch."""
    return load_keras().losses.BinaryCrossentropy(from_logits=True)


def rightly_judged(targets: Any, logits: Any) -> Any:
    """The share of patches; Keras calls the metric by this name."""
    ops = load_keras().ops
    return ops.mean(ops.cast(ops.equal(targets > 0.5, logits > 0), "float32"))


def _floats(logs: dict[str, Any]) -> Logs:
    return {name: float(value) for name, value in logs.items()}
