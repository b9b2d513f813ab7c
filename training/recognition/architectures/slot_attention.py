"""The layers of the `slots` architecture that Keras does not bring along."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


@keras.saving.register_keras_serializable("captcha_workbench")
class SlotAttention(keras.layers.Layer):  # type: ignore[misc]
    """Shares columns out among slots: scores (n, columns, slots) to attention (n, slots, columns).

    Each slot's attention sums to 1. A slot starts with a learnt preference for its equal part of the width,
    so that training begins near the truth and moves the slots to where the characters really are.
    """

    def __init__(self, slots: int, **options: Any) -> None:
        super().__init__(**options)
        self.slots = slots

    def build(self, input_shape: tuple[int, ...]) -> None:
        _, columns, _ = input_shape
        centres = (np.arange(self.slots)[:, None] + 0.5) / self.slots
        distance = (np.arange(columns)[None, :] + 0.5) / columns - centres
        preference = -0.5 * (distance * self.slots) ** 2
        self.preference = self.add_weight(
            name="preference",
            shape=preference.shape,
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(preference, dtype),
        )

    def call(self, scores: Any) -> Any:
        return ops.softmax(ops.transpose(scores, (0, 2, 1)) + self.preference, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "slots": self.slots}


@keras.saving.register_keras_serializable("captcha_workbench")
class Spans(keras.layers.Layer):  # type: ignore[misc]
    """Where each slot looked: attention (n, slots, columns) to left and right edges (n, slots, 2),
    shares of the width.

    A slot's centre is its mean column; it reaches half-way to its neighbours, and at the ends as far outwards as
    inwards. All of that is linear, so it is one product.
    """

    def call(self, attention: Any) -> Any:
        slots, columns = attention.shape[1:]
        flat = ops.reshape(attention, (-1, slots * columns))
        edges = ops.matmul(flat, ops.convert_to_tensor(_edge_weights(slots, columns)))
        return ops.clip(ops.reshape(edges, (-1, slots, 2)), 0, 1)


def _edge_weights(slots: int, columns: int) -> NDArray[np.float32]:
    """What each edge takes from each place of the attention: float32 (slots * columns, 2 * slots)."""
    if slots == 1:
        # Attention sums to 1: from 0 to 1, the whole width.
        return np.tile(np.array([0, 1], np.float32), (columns, 1))
    centres = np.eye(slots, dtype=np.float32)
    midpoints = (centres[:-1] + centres[1:]) / 2
    edges = np.vstack([2 * centres[0] - midpoints[0], midpoints, 2 * centres[-1] - midpoints[-1]])
    of_slots = np.stack([edges[:-1], edges[1:]], axis=1).reshape(2 * slots, slots).T
    places = (np.arange(columns, dtype=np.float32) + 0.5) / columns
    weights = of_slots[:, None, :] * places[None, :, None]
    return weights.reshape(slots * columns, 2 * slots).astype(np.float32)
