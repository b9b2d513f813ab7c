"""A very small VGG for single characters."""

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
class TinyVGGHyperparameters(NetworkHyperparameters):
    """The published recipe trains without augmentation or decay."""

    patience: int = 50


class TinyVGG(Network):
    """Two pairs of 3x3 convolutions of 10 filters, each pair followed by 2x2 max-pooling, then a dense
    softmax."""

    name = "tiny_vgg"
    title = "Tiny VGG"
    summary = (
        "Reads one slice per character with 5,020 weights. Choose it when slicing cuts cleanly between "
        "characters and you want the smallest reader or a simple network to explain."
    )
    source = (
        "Z. J. Wang et al., CNN Explainer (arXiv 2004.15004), after Stanford's CS231n demonstration network."
    )
    needs_slices = True
    default_epochs = 50
    hyperparameters = TinyVGGHyperparameters

    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        return (30, 32, 3)

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        import keras
        from keras import layers

        keras.utils.set_random_seed(seed)
        picture = keras.Input(self.input_shape(task), name="picture")
        features = picture
        for _ in range(2):
            features = layers.Conv2D(10, 3, activation="relu")(features)
            features = layers.Conv2D(10, 3, activation="relu")(features)
            features = layers.MaxPooling2D(2)(features)
        logits = layers.Dense(task.classes)(layers.Flatten()(features))
        return keras.Model(picture, layers.Reshape((1, task.classes))(logits), name=self.name)
