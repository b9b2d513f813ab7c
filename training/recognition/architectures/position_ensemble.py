"""One network per position, each trained on its own, read as one model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.recognition.architectures.base import Shape
from training.recognition.architectures.hyperparameters import NetworkHyperparameters, number
from training.recognition.architectures.multi_head import equal_spans
from training.recognition.architectures.network import Network
from training.recognition.task import InvalidTask, ReadingTask

if TYPE_CHECKING:
    import keras

    from training.recognition.fit import FitRequest, FitResult


@dataclass(frozen=True)
class PositionEnsembleHyperparameters(NetworkHyperparameters):
    """The published recipe trains without augmentation or decay."""

    patience: int = 15
    dropout: float = number(0.3, 0.0, 0.9, "Dropout", "Share of the features hidden after each block.")


class PositionCNN(Network):
    """The network of one position: it sees the whole image and names one character.

    Three pairs of 3x3 convolutions of 32, 64 and 128 filters and one of 256, each block followed by batch
    normalisation, 2x2 max-pooling and dropout, then a dense softmax: 619,370 weights at 10 classes.
    """

    name = "position_cnn"
    title = "Position CNN"
    summary = "Reads one position of the whole image; a part of the position ensemble."
    source = "The same as the position ensemble's."
    needs_slices = False
    default_epochs = 60
    hyperparameters = PositionEnsembleHyperparameters

    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        return (40, 120, 1)

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        import keras
        from keras import layers

        chosen = self.parse(hyperparameters)
        assert isinstance(chosen, PositionEnsembleHyperparameters)
        keras.utils.set_random_seed(seed)
        picture = keras.Input(self.input_shape(task), name="picture")
        features = picture
        for block, filters in enumerate(((32, 32), (64, 64), (128, 128), (256,))):
            for each in filters:
                features = layers.Conv2D(each, 3, padding="same", activation="relu")(features)
            features = layers.MaxPooling2D(2)(layers.BatchNormalization(momentum=0.9)(features))
            features = layers.Dropout(chosen.dropout, seed=seed + block)(features)
        logits = layers.Dense(task.classes)(layers.Flatten()(features))
        return keras.Model(picture, layers.Reshape((1, task.classes))(logits), name=self.name)


class PositionEnsemble(Network):
    """As many independent networks as a text has characters."""

    name = "position_ensemble"
    title = "Position ensemble"
    summary = (
        "Reads the whole image at 120 by 40 pixels in grey with one network of 619,370 weights per position, each "
        "trained on its own. Choose it when every image has its characters at the same places, there are thousands "
        "of images, and time and several workers to spare."
    )
    source = (
        "A published Keras recipe for captchas of six digits, one network per digit, after the deep digit "
        "recognisers of the MNIST competition on Kaggle."
    )
    needs_slices = False
    follows_positions = True
    # Its positions are shared out among workers, and no round could begin before all of them are there.
    self_trains = False
    default_epochs = PositionCNN.default_epochs
    hyperparameters = PositionEnsembleHyperparameters
    part = PositionCNN()

    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        return self.part.input_shape(task)

    def check(self, task: ReadingTask) -> None:
        super().check(task)
        if not task.fixed_length:
            raise InvalidTask(
                f"{self.title} has one network per position and needs a fixed length, but the texts have "
                f"{task.min_length} to {task.max_length} characters: choose Slots or CTC."
            )

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        one_character = self.part_task(task)
        return self.assemble(
            [
                self.part.build(one_character, hyperparameters, self.part_seed(seed, position))
                for position in range(task.positions)
            ]
        )

    def part_task(self, task: ReadingTask) -> ReadingTask:
        """The task of one position: one character of the same alphabet."""
        return dataclasses.replace(task, min_length=1, max_length=1)

    def part_seed(self, seed: int, position: int) -> int:
        """Another start for each position."""
        return int(np.random.SeedSequence([seed, position]).generate_state(1)[0] // 2)

    def assemble(self, parts: list[keras.Model]) -> keras.Model:
        """One network that shows its input to all parts: (n, height, width, channels) to logits (n, positions,
        classes)."""
        import keras

        picture = keras.Input(parts[0].inputs[0].shape[1:], name="picture")
        for position, part in enumerate(parts):
            part.name = f"position_{position + 1}"
        logits = [part(picture) for part in parts]
        together = keras.layers.Concatenate(axis=1)(logits) if len(logits) > 1 else logits[0]
        return keras.Model(picture, together, name=self.name)

    def spans(self, network: keras.Model) -> Any:
        return equal_spans(network)

    def fit(self, request: FitRequest) -> FitResult:
        from training.recognition.ensemble_fit import fit_ensemble

        return fit_ensemble(self, request)
