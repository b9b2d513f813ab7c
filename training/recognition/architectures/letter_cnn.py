"""A small network with large kernels for single grey letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.recognition.architectures.base import Shape
from training.recognition.architectures.hyperparameters import NetworkHyperparameters
from training.recognition.architectures.network import Network
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class LetterCNNHyperparameters(NetworkHyperparameters):
    """The published recipe trains on a bootstrap sample with equally many slices per letter."""

    balance: float = 1.0


class LetterCNN(Network):
    """Convolutions of 20 filters (6x6) and 15 filters (3x3), each followed by 3x3 max-pooling, then a dense
    layer of 300 and a dense softmax.

    The published description names filters, kernels, pooling and widths. What it leaves open is chosen here as
    Keras would have it by default or by habit: no padding, and ReLU after every layer but the last. That makes
    121,974 weights at 19 classes.
    """

    name = "letter_cnn"
    title = "Letter CNN"
    summary = (
        "Reads one slice per character at 60 by 60 pixels in grey; colour becomes grey. Choose it when slicing "
        "cuts cleanly and Tiny VGG, which sees half the detail, confuses similar letters."
    )
    source = (
        "A published Keras recipe for the 19 letters and digits of the captchas of R. Wilhelmy and H. Rosas "
        "(2013)."
    )
    needs_slices = True
    default_epochs = 50
    hyperparameters = LetterCNNHyperparameters

    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        return (60, 60, 1)

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        import keras
        from keras import layers

        keras.utils.set_random_seed(seed)
        picture = keras.Input(self.input_shape(task), name="picture")
        features = picture
        for filters, kernel in ((20, 6), (15, 3)):
            features = layers.Conv2D(filters, kernel, activation="relu")(features)
            features = layers.MaxPooling2D(3)(features)
        features = layers.Dense(300, activation="relu")(layers.Flatten()(features))
        logits = layers.Dense(task.classes)(features)
        return keras.Model(picture, layers.Reshape((1, task.classes))(logits), name=self.name)
