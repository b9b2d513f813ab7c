"""A trained reader in memory, before it is exported."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
from numpy.typing import NDArray

from training.recognition.backend import load_keras
from training.recognition.data import Samples
from training.recognition.decoding import Decoded, get_decoder
from training.recognition.onnx_graph import OPSET
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras

    from training.recognition.architectures.base import Architecture
    from training.recognition.architectures.network import Network

BATCH = 64


class TrainedModel(ABC):
    """What training produced. `temperature` divides its logits, so that its confidences are honest."""

    def __init__(self, task: ReadingTask, architecture: Architecture, temperature: float = 1.0) -> None:
        self.task = task
        self.architecture = architecture
        self.temperature = temperature
        self.decoder = get_decoder(architecture.decoder)

    @property
    @abstractmethod
    def parameter_count(self) -> int:
        """How many numbers it learnt."""

    @abstractmethod
    def input_logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits (m, steps, symbols) of network inputs float32 (m, height, width, channels) in 0..1."""

    @abstractmethod
    def to_onnx(self) -> onnx.ModelProto:
        """A graph from one float32 input (m, height, width, channels) to logits (m, steps, symbols) and, where the
        network itself knows where it looked, spans (m, steps, 2) as left and right shares 0..1 of its input."""

    @abstractmethod
    def save(self, folder: Path) -> Path | None:
        """Writes the model in its own framework's safe format; None where there is none but ONNX."""

    def logits(self, samples: Samples) -> NDArray[np.float32]:
        """Logits of samples: float32 (n, steps, symbols); the steps of slices stand one after the other."""
        inputs = samples.pictures.reshape(-1, *samples.pictures.shape[2:])
        batches = [
            self.input_logits(inputs[start : start + BATCH].astype(np.float32) / np.float32(255))
            for start in range(0, len(inputs), BATCH)
        ]
        stacked = np.concatenate(batches)
        return stacked.reshape(len(samples), -1, stacked.shape[-1])

    def probabilities(self, samples: Samples) -> NDArray[np.float32]:
        """Probabilities of samples: float32 (n, steps, symbols), each row of symbols summing to 1."""
        return softmax(self.logits(samples) / np.float32(self.temperature))

    def read(self, samples: Samples) -> list[Decoded]:
        """What the samples say."""
        return self.decoder.decode(self.probabilities(samples), self.task)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities along the last axis."""
    exponentials: NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    totals: NDArray[np.float32] = exponentials.sum(axis=-1, keepdims=True)
    return np.divide(exponentials, totals)


class TrainedNetwork(TrainedModel):
    """A Keras network."""

    def __init__(
        self, network: keras.Model, task: ReadingTask, architecture: Network, temperature: float = 1.0
    ) -> None:
        super().__init__(task, architecture, temperature)
        self._architecture = architecture
        self.network = network

    @property
    def parameter_count(self) -> int:
        return int(self.network.count_params())

    def input_logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        logits = load_keras().ops.convert_to_numpy(self.network.predict_on_batch(inputs))
        return np.asarray(logits, np.float32)

    def to_onnx(self) -> onnx.ModelProto:
        spans = self._architecture.spans(self.network)
        outputs = [self.network.outputs[0], *([] if spans is None else [spans])]
        exported = load_keras().Model(self.network.inputs, outputs)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "network.onnx"
            # Keras exports only models that have been called.
            exported.predict_on_batch(np.zeros((1, *exported.inputs[0].shape[1:]), np.float32))
            exported.export(str(path), format="onnx", verbose=False, opset_version=OPSET)
            return onnx.load(str(path))

    def save(self, folder: Path) -> Path:
        path = folder / "model.keras"
        # Without its optimizer, which nobody but this package could load.
        keras = load_keras()
        keras.Model(self.network.inputs, self.network.outputs, name=self.network.name).save(path)
        return path
