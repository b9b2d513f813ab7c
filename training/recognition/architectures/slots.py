"""The default for whole images: a small convolutional network with one attention slot per character."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.recognition.architectures.base import (
    Architecture,
    Hyperparameters,
    Shape,
    number,
)
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class SlotsHyperparameters(Hyperparameters):
    """Chosen on validation splits of real and generated captchas; the input's size belongs to them."""

    height: int = number(48, 16, 256, "Height", "Height in pixels to which an image is resized.")
    width_per_character: int = number(
        32, 8, 128, "Width per character", "Width in pixels per character to which an image is resized."
    )


class Slots(Architecture):
    """A CNN over the whole image whose columns are shared out among the characters by attention."""

    name = "slots"
    title = "Slots"
    summary = (
        "Reads the whole image at once; one attention slot per character finds its place by itself, so nothing has to "
        "be sliced. Choose it first."
    )
    source = (
        "This project; attention per character after F. Zhan et al. and the fixed slots of fast-plate-ocr."
    )
    needs_slices = False
    default_epochs = 100
    hyperparameters = SlotsHyperparameters

    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        chosen = self.parse(hyperparameters)
        assert isinstance(chosen, SlotsHyperparameters)
        return (chosen.height, chosen.width_per_character * task.positions, task.channels)

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        import keras
        from keras import layers

        from training.recognition.architectures.slot_attention import (
            SlotAttention,
            Standardise,
        )

        keras.utils.set_random_seed(seed)

        def convolution(features: Any, filters: int, size: int | tuple[int, int] = 3, **options: Any) -> Any:
            options = {"padding": "same", "use_bias": False} | options
            features = layers.Conv2D(filters, size, **options)(features)
            return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(features))

        picture = keras.Input(self.input_shape(task, hyperparameters), name="picture")
        features = Standardise()(picture)
        features = convolution(features, 24, 5, strides=2)
        features = layers.MaxPooling2D(2)(convolution(features, 32))
        features = convolution(features, 64)
        features = layers.MaxPooling2D((2, 1))(convolution(features, 64))
        features = convolution(features, 64)
        columns = convolution(features, 128, (features.shape[1], 1), padding="valid")
        columns = layers.Reshape((columns.shape[2], columns.shape[3]))(columns)
        scores = layers.Conv1D(task.positions, 7, padding="same")(columns)
        attention = SlotAttention(task.positions, name="attention")(scores)
        characters = layers.Dot(axes=(2, 1))([attention, columns])
        return keras.Model(picture, layers.Dense(task.classes)(characters), name=self.name)

    def reading_outputs(self, model: keras.Model) -> tuple[Any, Any | None]:
        import keras

        from training.recognition.architectures.slot_attention import Spans

        probabilities = keras.layers.Softmax()(model.outputs[0])
        return probabilities, Spans()(model.get_layer("attention").output)
