"""The default for whole images: a small convolutional network with one attention slot per character."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.recognition.architectures.base import Architecture, NetworkHyperparameters, Shape, number
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras

CONTEXT = 32
"""Filters that sum up a column for its neighbours."""

REACH = 9
"""Columns that see each other when they are shared out; one column is 8 pixels wide."""


@dataclass(frozen=True)
class SlotsHyperparameters(NetworkHyperparameters):
    """Chosen on validation splits of real and generated captchas; the input's size belongs to them."""

    learning_rate: float = 0.003
    epoch_images: int = 500
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    patience: int = 40
    shift: float = 0.05
    rotation: float = 5.0
    scale: float = 0.12
    shear: float = 15.0
    warp: float = 0.04
    brightness: float = 0.15
    noise: float = 0.04
    dropout: float = number(
        0.3, 0.0, 0.9, "Dropout", "Share of a character's features hidden while training."
    )
    height: int = number(48, 16, 256, "Height", "Height in pixels to which an image is resized.")
    width_per_character: int = number(
        32, 8, 128, "Width per character", "Width in pixels per character to which an image is resized."
    )


class Slots(Architecture):
    """A CNN over the whole image whose places are shared out among the characters by attention.

    All slots share one classifier, so every character of an image teaches every position, and what a slot
    sees is an average over places, so it hardly matters where exactly a character stands.
    """

    name = "slots"
    title = "Slots"
    summary = (
        "Reads the whole image at once; one attention slot per character finds its place by itself, so "
        "nothing has to be sliced. Choose it first where all texts have one length."
    )
    source = (
        "This project. One attention per character after Z. Wojna et al., Attention-based Extraction of "
        "Structured Information from Street View Imagery (arXiv 1704.03549), in parallel instead of "
        "one after the other."
    )
    needs_slices = False
    default_epochs = 100
    hyperparameters = SlotsHyperparameters

    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        chosen = self._chosen(hyperparameters)
        return (chosen.height, chosen.width_per_character * task.positions, task.channels)

    def _chosen(self, hyperparameters: Mapping[str, Any] | None) -> SlotsHyperparameters:
        chosen = self.parse(hyperparameters)
        assert isinstance(chosen, SlotsHyperparameters)
        return chosen

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        import keras
        from keras import layers

        from training.recognition.architectures.slot_attention import SlotAttention, Standardise

        keras.utils.set_random_seed(seed)
        slots = task.positions

        def convolution(features: Any, filters: int, size: int | tuple[int, int] = 3, **options: Any) -> Any:
            options = {"padding": "same", "use_bias": False} | options
            features = layers.Conv2D(filters, size, **options)(features)
            return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(features))

        picture = keras.Input(self.input_shape(task, hyperparameters), name="picture")
        features = Standardise()(picture)
        features = convolution(features, 24, 5, strides=2)
        features = layers.MaxPooling2D(2)(convolution(features, 32))
        features = convolution(convolution(features, 64), 64)
        features = layers.MaxPooling2D(2)(features)
        features = convolution(convolution(features, 96), 96)
        _, rows, columns, channels = features.shape

        # Which character a place belongs to depends on what stands left and right of it, too.
        context = convolution(features, CONTEXT, (rows, 1), padding="valid")
        of_column = layers.Conv2D(slots, (1, REACH), padding="same")(context)
        scores = layers.Add()([layers.Conv2D(slots, 1)(features), of_column])
        attention = SlotAttention(slots, name="attention")(scores)

        places = layers.Reshape((rows * columns, channels))(features)
        shares = layers.Reshape((slots, rows * columns))(attention)
        characters = layers.Dot(axes=(2, 1))([shares, places])
        characters = layers.Dropout(self._chosen(hyperparameters).dropout, seed=seed)(characters)
        return keras.Model(picture, layers.Dense(task.classes)(characters), name=self.name)

    def spans(self, network: keras.Model) -> Any:
        from training.recognition.architectures.slot_attention import Spans

        return Spans()(network.get_layer("attention").output)
