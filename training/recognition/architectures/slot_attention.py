"""The layers of the `slots` architecture that Keras does not bring along."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("captcha_workbench")
class Standardise(keras.layers.Layer):
    """Gives every picture mean 0 and deviation 1, so that pale and strong, dark and light ones look alike.

    Float32 (n, height, width, channels) in 0..1 to the same shape. `FAINTEST` keeps blank pictures from becoming noise.
    """

    FAINTEST = 0.02

    def call(self, pictures: Any) -> Any:
        mean = ops.mean(pictures, axis=(1, 2, 3), keepdims=True)
        centred = pictures - mean
        variance = ops.mean(ops.square(centred), axis=(1, 2, 3), keepdims=True)
        return centred / ops.sqrt(variance + self.FAINTEST**2)


@keras.saving.register_keras_serializable("captcha_workbench")
class SlotAttention(keras.layers.Layer):
    """Shares columns out among slots: (n, columns, slots) scores to attention (n, slots, columns), rows summing to 1.

    Every slot starts with a learnt preference for its equal part of the width, so that training begins near the truth
    and moves the slots to where the characters really are.
    """

    def __init__(self, slots: int, **options: Any) -> None:
        super().__init__(**options)
        self.slots = slots

    def build(self, input_shape: tuple[int, ...]) -> None:
        columns = input_shape[1]
        centres = (np.arange(self.slots)[:, None] + 0.5) / self.slots
        distance = (np.arange(columns)[None, :] + 0.5) / columns - centres
        preference = -0.5 * (distance * self.slots) ** 2
        self.preference = self.add_weight(
            name="preference",
            shape=(self.slots, columns),
            initializer=keras.initializers.Constant(preference.astype(np.float32)),
        )

    def call(self, scores: Any) -> Any:
        return ops.softmax(ops.transpose(scores, (0, 2, 1)) + self.preference, axis=-1)


@keras.saving.register_keras_serializable("captcha_workbench")
class Spans(keras.layers.Layer):
    """Where each slot looked: attention (n, slots, columns) to left and right edges (n, slots, 2), shares 0..1 of the width.

    A slot's centre is its mean column; it reaches half the distance to its nearer neighbour to either side.
    """

    def call(self, attention: Any) -> Any:
        slots, columns = attention.shape[1:]
        places = ops.convert_to_tensor((np.arange(columns, dtype=np.float32) + 0.5) / columns)
        centres = ops.sum(attention * places, axis=-1)
        if slots == 1:
            return ops.stack([ops.zeros_like(centres), ops.ones_like(centres)], axis=-1)
        distances = ops.abs(centres[:, 1:] - centres[:, :-1])
        before = ops.concatenate([distances[:, :1], distances], axis=1)
        after = ops.concatenate([distances, distances[:, -1:]], axis=1)
        reach = ops.minimum(before, after) / 2
        return ops.stack([ops.clip(centres - reach, 0, 1), ops.clip(centres + reach, 0, 1)], axis=-1)
