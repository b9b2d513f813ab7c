"""The default's network with a layer more or a layer less."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from training.recognition.architectures.slots import Slots
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras

REDUCTION = 8
"""By how much the excitation's hidden layer is narrower than the features: one of the ratios of Hu et al."""

BLOCK_ENDS = (1, 3, 5)
"""The convolutions of one resolution are a block; counted are their activations, from the input on."""


class SlotsWithoutStandardise(Slots):
    """The network sees pictures as pale or as strong as they are."""

    name = "slots-without-standardise"

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        from training.recognition.architectures.standardise import Standardise

        def call(layer: Any, *inputs: Any, **options: Any) -> Any:
            return inputs[0] if isinstance(layer, Standardise) else layer(*inputs, **options)

        return _rebuilt(super().build(task, hyperparameters, seed), call, seed)


class SlotsWithSqueezeAndExcite(Slots):
    """After each block, features are weighed by what the whole picture holds: J. Hu et al., "Squeeze-and-Excitation
    Networks" (arXiv 1709.01507)."""

    name = "slots-with-squeeze-and-excite"

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        from keras import layers

        activations = 0

        def squeeze_and_excite(features: Any) -> Any:
            filters = features.shape[-1]
            weights = layers.GlobalAveragePooling2D(keepdims=True)(features)
            weights = layers.Dense(filters // REDUCTION, activation="relu")(weights)
            return layers.Multiply()([features, layers.Dense(filters, activation="sigmoid")(weights)])

        def call(layer: Any, *inputs: Any, **options: Any) -> Any:
            nonlocal activations
            outputs = layer(*inputs, **options)
            activations += isinstance(layer, layers.ReLU)
            ends_block = isinstance(layer, layers.ReLU) and activations in BLOCK_ENDS
            return squeeze_and_excite(outputs) if ends_block else outputs

        return _rebuilt(super().build(task, hyperparameters, seed), call, seed)


def _rebuilt(usual: keras.Model, call: Callable[..., Any], seed: int) -> keras.Model:
    """A network with other calls of the same layers, which begin as the usual one's do."""
    import keras

    keras.utils.set_random_seed(seed)
    rebuilt = keras.models.clone_model(usual, call_function=call)
    known = {layer.name for layer in usual.layers}
    for layer in rebuilt.layers:
        if layer.name in known:
            layer.set_weights(usual.get_layer(layer.name).get_weights())
    return rebuilt
