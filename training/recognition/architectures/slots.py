"""The default for texts of one length: a small convolutional network with one attention slot per character."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.recognition.architectures.base import Shape
from training.recognition.architectures.classifier import classified
from training.recognition.architectures.columns import STARTER_FIELD, columns_of
from training.recognition.architectures.hyperparameters import NetworkHyperparameters, number
from training.recognition.architectures.network import Network
from training.recognition.starter import warm_start
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class SlotsHyperparameters(NetworkHyperparameters):
    """Chosen on validation splits of real and generated captchas; the input's size belongs to them."""

    learning_rate: float = 0.003
    epoch_images: int = 500
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    patience: int = 25
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
    starter: int = STARTER_FIELD
    height: int = number(40, 16, 256, "Height", "Height in pixels to which an image is resized.")
    width_per_character: int = number(
        32, 8, 128, "Width per character", "Width in pixels per character to which an image is resized."
    )


class Slots(Network):
    """A CNN over the whole image whose columns are shared out among the characters by attention.

    All slots share one classifier, so every character of an image teaches every position, and what a slot
    sees is an average over columns, so it hardly matters where exactly a character stands.
    """

    name = "slots"
    title = "Slots"
    summary = (
        "Reads the whole image at once; one attention slot per character finds its place by itself, so "
        "nothing has to be sliced. Choose it first where all texts have one length and some hundred are labelled."
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

        from training.recognition.architectures.slot_attention import SlotAttention

        keras.utils.set_random_seed(seed)
        chosen = self._chosen(hyperparameters)
        picture = keras.Input(self.input_shape(task, hyperparameters), name="picture")
        columns = columns_of(picture)
        scores = layers.Dense(task.positions, name="scores")(columns)
        shares = SlotAttention(task.positions, name="attention")(scores)
        characters = layers.Dot(axes=(2, 1))([shares, columns])
        characters = layers.Dropout(chosen.dropout, seed=seed)(characters)
        network = keras.Model(picture, classified(characters, task, task.classes), name=self.name)
        if chosen.starter:
            warm_start(network, task)
        return network

    def spans(self, network: keras.Model) -> Any:
        from training.recognition.architectures.slot_attention import Spans

        return Spans()(network.get_layer("attention").output)
