"""A trained refiner: pictures in, pictures out."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from training.recognition.backend import compile_for_use, load_keras
from training.recognition.refinement.progress import Pictures

if TYPE_CHECKING:
    import keras

BATCH = 64


class UnusableRefiner(ValueError):
    """A file is no refiner, or pictures do not fit it; the message is a sentence for people."""


class Refiner:
    """Makes synthetic pictures of one size look real."""

    def __init__(self, network: keras.Model) -> None:
        self.network = network
        compile_for_use(network)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of its pictures."""
        height, width, channels = self.network.inputs[0].shape[1:]
        return int(height), int(width), int(channels)

    def refine(self, pictures: Pictures) -> Pictures:
        """uint8 (n, height, width, channels) to the same. Raises UnusableRefiner for pictures of another size."""
        if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[1:] != self.shape:
            height, width, channels = self.shape
            raise UnusableRefiner(
                f"This refiner takes pictures of {width} x {height} pixels with {channels} channels of 8 bit, not "
                f"{pictures.dtype} {pictures.shape}: draw them in that size, or train a refiner for yours."
            )
        if not len(pictures):
            return pictures
        parts = [
            self._refine_batch(pictures[start : start + BATCH]) for start in range(0, len(pictures), BATCH)
        ]
        return np.concatenate(parts)

    def _refine_batch(self, pictures: Pictures) -> Pictures:
        n = len(pictures)
        # Always the same shape: others would be compiled anew.
        filled = (
            pictures if n == BATCH else np.concatenate([pictures, np.repeat(pictures[:1], BATCH - n, axis=0)])
        )
        return to_pixels(predicted(self.network, to_network(filled))[:n])

    def save(self, path: Path) -> None:
        """Writes one `.keras` file, without any optimizer."""
        keras = load_keras()
        keras.Model(self.network.inputs, self.network.outputs, name=self.network.name).save(path)

    @classmethod
    def load(cls, path: Path) -> Refiner:
        """What `save` wrote, in Keras's safe mode. Raises UnusableRefiner with a sentence."""
        try:
            return cls(load_keras().models.load_model(path, compile=False, safe_mode=True))
        except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
            raise UnusableRefiner(
                f"{path.name} is not a refiner that can be loaded: train one anew."
            ) from error


def to_network(pictures: Pictures) -> NDArray[np.float32]:
    """0..255 to -1..1."""
    return np.asarray(pictures.astype(np.float32) / np.float32(127.5) - np.float32(1))


def to_pixels(pictures: NDArray[np.float32]) -> Pictures:
    """-1..1, and what lies outside, to 0..255."""
    return np.asarray(np.rint(np.clip((pictures + 1) * 127.5, 0, 255)), np.uint8)


def predicted(network: keras.Model, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """The network's only output for a batch."""
    return np.asarray(load_keras().ops.convert_to_numpy(network.predict_on_batch(inputs)), np.float32)
