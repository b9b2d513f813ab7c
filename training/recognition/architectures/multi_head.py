"""One network over the whole image with one classifier per position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.recognition.architectures.base import Shape
from training.recognition.architectures.hyperparameters import NetworkHyperparameters, number
from training.recognition.architectures.network import Network
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class MultiHeadHyperparameters(NetworkHyperparameters):
    """The published recipe trains without augmentation or decay, on ever new generated images."""

    batch_size: int = 128
    patience: int = 50
    dropout: float = number(
        0.25, 0.0, 0.9, "Dropout", "Share of the convolutions' features hidden while training."
    )
    dense_dropout: float = number(
        0.5,
        0.0,
        0.9,
        "Dropout of the dense layer",
        "Share of the dense layer's features hidden while training.",
    )


class MultiHead(Network):
    """A convolution of 32 filters, four of 128 filters, each followed by 2x2 max-pooling, dropout, a dense layer
    of 128, dropout, and one dense softmax per position.

    All convolutions are 3x3 without padding. It was published with RMSprop; here it is trained with AdamW and a
    warm-up like every architecture.
    """

    name = "multi_head"
    title = "Multi-head CNN"
    summary = (
        "Reads the whole image at 100 by 50 pixels in grey, each position with a classifier of its own; colour "
        "becomes grey. Choose it when characters keep their places and there are thousands of images: every "
        "position learns every character anew."
    )
    source = "R. Han, SimGAN-Captcha (2017), the classifier behind its refiner: github.com/rickyhan/SimGAN-Captcha."
    needs_slices = False
    default_epochs = 100
    hyperparameters = MultiHeadHyperparameters

    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        return (50, 100, 1)

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        import keras
        from keras import layers

        chosen = self.parse(hyperparameters)
        assert isinstance(chosen, MultiHeadHyperparameters)
        keras.utils.set_random_seed(seed)
        picture = keras.Input(self.input_shape(task), name="picture")
        features = layers.Conv2D(32, 3, activation="relu")(picture)
        for _ in range(4):
            features = layers.Conv2D(128, 3, activation="relu")(features)
            features = layers.MaxPooling2D(2)(features)
        features = layers.Flatten()(layers.Dropout(chosen.dropout, seed=seed)(features))
        features = layers.Dense(128, activation="relu")(features)
        features = layers.Dropout(chosen.dense_dropout, seed=seed + 1)(features)
        heads = [layers.Dense(task.classes)(features) for _ in range(task.positions)]
        return keras.Model(picture, keras.ops.stack(heads, axis=1), name=self.name)

    def spans(self, network: keras.Model) -> Any:
        """Equal parts of the width: a head sees the whole image and cannot tell where in it its character
        stands."""
        return equal_spans(network)


def equal_spans(network: keras.Model) -> Any:
    """Symbolic spans (n, steps, 2) that share out the width equally among the steps of a network's output."""
    import keras

    logits = network.outputs[0]
    edges = np.linspace(0, 1, logits.shape[1] + 1, dtype=np.float32)
    parts = np.stack([edges[:-1], edges[1:]], axis=1)
    return keras.ops.zeros_like(logits[:, :, :2]) + parts
