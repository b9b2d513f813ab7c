"""Two wide convolutions and one dense layer, for single characters in colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.recognition.architectures.base import Shape
from training.recognition.architectures.hyperparameters import NetworkHyperparameters, number
from training.recognition.architectures.network import Network
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class TwoConvHyperparameters(NetworkHyperparameters):
    """The published recipe trains without augmentation or decay, on ever new generated characters."""

    dropout: float = number(
        0.25, 0.0, 0.9, "Dropout", "Share of the features before the dense layer hidden while training."
    )


class TwoConv(Network):
    """Convolutions of 32 and 64 filters (3x3, same size, ReLU), each followed by 2x2 max-pooling, then dropout
    and a dense softmax.

    At 36 classes it has the published 517,092 weights. It was published with Adadelta; here it is trained with
    AdamW and a warm-up like every architecture. 75x50 is taken as height by width; either way round gives the
    same weights.
    """

    name = "two_conv"
    title = "Two convolutions"
    summary = (
        "Reads one slice per character at 50 by 75 pixels in colour, with about half a million weights. Choose "
        "it for single large characters of which there are thousands; with few it learns them by heart."
    )
    source = (
        "A published Keras recipe for single characters drawn by the Python package captcha, in the manner of "
        "the first MNIST example of Keras (F. Chollet, 2015)."
    )
    needs_slices = True
    default_epochs = 50
    hyperparameters = TwoConvHyperparameters

    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        return (75, 50, 3)

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        import keras
        from keras import layers

        chosen = self.parse(hyperparameters)
        assert isinstance(chosen, TwoConvHyperparameters)
        keras.utils.set_random_seed(seed)
        picture = keras.Input(self.input_shape(task), name="picture")
        features = picture
        for filters in (32, 64):
            features = layers.Conv2D(filters, 3, padding="same", activation="relu")(features)
            features = layers.MaxPooling2D(2)(features)
        features = layers.Dropout(chosen.dropout, seed=seed)(layers.Flatten()(features))
        logits = layers.Dense(task.classes)(features)
        return keras.Model(picture, layers.Reshape((1, task.classes))(logits), name=self.name)
