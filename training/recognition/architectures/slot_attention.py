"""The layers of the `slots` architecture that Keras does not bring along."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

FAINTEST = 0.02
"""Added to the deviation of a picture, so that the noise of a blank one does not become a text."""


@keras.saving.register_keras_serializable("captcha_workbench")
class Standardise(keras.layers.Layer):  # type: ignore[misc]
    """Gives every picture mean 0 and deviation 1, so that pale and strong ones look alike.

    Float32 (n, height, width, channels) in 0..1 to the same shape.
    """

    def call(self, pictures: Any) -> Any:
        centred = pictures - self._mean(pictures)
        return centred / ops.sqrt(self._mean(ops.square(centred)) + FAINTEST**2)

    @staticmethod
    def _mean(pictures: Any) -> Any:
        # Row by row, then over the rows: one long float32 sum would round differently on every backend, and what is
        # left of a nearly blank picture is magnified fifty times.
        rows = ops.mean(pictures, axis=2, keepdims=True)
        return ops.mean(rows, axis=(1, 3), keepdims=True)


@keras.saving.register_keras_serializable("captcha_workbench")
class SlotAttention(keras.layers.Layer):  # type: ignore[misc]
    """Shares places out among slots: scores (n, rows, columns, slots) to attention (n, slots, rows, columns).

    Each slot's attention sums to 1. A slot starts with a learnt preference for its equal part of the width,
    so that training begins near the truth and moves the slots to where the characters really are.
    """

    def __init__(self, slots: int, **options: Any) -> None:
        super().__init__(**options)
        self.slots = slots

    def build(self, input_shape: tuple[int, ...]) -> None:
        _, self.rows, self.columns, _ = input_shape
        centres = (np.arange(self.slots)[:, None] + 0.5) / self.slots
        distance = (np.arange(self.columns)[None, :] + 0.5) / self.columns - centres
        preference = -0.5 * (distance * self.slots) ** 2
        self.preference = self.add_weight(
            name="preference",
            shape=(self.slots, 1, self.columns),
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(preference.reshape(shape), dtype),
        )

    def call(self, scores: Any) -> Any:
        preferred = ops.transpose(scores, (0, 3, 1, 2)) + self.preference
        flat = ops.reshape(preferred, (-1, self.slots, self.rows * self.columns))
        return ops.reshape(ops.softmax(flat, axis=-1), (-1, self.slots, self.rows, self.columns))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "slots": self.slots}


@keras.saving.register_keras_serializable("captcha_workbench")
class Spans(keras.layers.Layer):  # type: ignore[misc]
    """Where each slot looked: attention (n, slots, rows, columns) to left and right edges (n, slots, 2),
    shares of the width.

    A slot's centre is its mean column; it reaches half the distance to its nearer neighbour to either side.
    """

    def call(self, attention: Any) -> Any:
        slots, _, columns = attention.shape[1:]
        places = ops.convert_to_tensor((np.arange(columns, dtype=np.float32) + 0.5) / columns)
        centres = ops.sum(ops.sum(attention, axis=2) * places, axis=-1)
        if slots == 1:
            return ops.stack([ops.zeros_like(centres), ops.ones_like(centres)], axis=-1)
        distances = ops.abs(centres[:, 1:] - centres[:, :-1])
        before = ops.concatenate([distances[:, :1], distances], axis=1)
        after = ops.concatenate([distances, distances[:, -1:]], axis=1)
        reach = ops.minimum(before, after) / 2
        return ops.stack([ops.clip(centres - reach, 0, 1), ops.clip(centres + reach, 0, 1)], axis=-1)
