"""A layer that lets pale and strong pictures look alike."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from training.recognition.architectures.columns import FAINTEST


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
        # left of a nearly blank picture is magnified fifty times. The rows are pooled, because ONNX Runtime sums up
        # otherwise where a reduction leaves a single number: an image alone would differ from the same one in a
        # batch, by so little that it only matters where a network is quantised.
        rows = ops.mean(pictures, axis=(2, 3), keepdims=True)
        return ops.average_pool(rows, (pictures.shape[1], 1), strides=1, data_format="channels_last")
