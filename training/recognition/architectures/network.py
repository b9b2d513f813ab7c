"""Architectures that are one Keras network, or several trained alike."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from training.recognition.architectures.base import Architecture
from training.recognition.architectures.hyperparameters import Hyperparameters, NetworkHyperparameters
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras

    from training.recognition.fit import FitRequest, FitResult

FEWEST_EPOCHS = 10
"""Epochs of a large data set."""


class Network(Architecture):
    """Learns step by step from augmented images."""

    learns_in_steps = True
    self_trains = True
    hyperparameters: ClassVar[type[NetworkHyperparameters]]
    default_epochs: ClassVar[int]
    """Epochs of a small data set; see `epochs`."""
    default_views: ClassVar[int] = 150_000
    """How often images are looked at in all, where `default_epochs` would be more than that."""

    @abstractmethod
    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        """An untrained network, its weights drawn from `seed`.

        It maps float32 (n, height, width, channels) in 0..1 to logits float32 (n, steps, symbols) as its decoder
        wants them: positions by classes, where a sliced architecture has one position per input.
        """

    def spans(self, network: keras.Model) -> Any | None:
        """The symbolic spans (n, steps, 2) as left and right shares 0..1 of its input's width, where the network
        itself knows where it looked."""
        return None

    def targets(
        self, task: ReadingTask, encoded: NDArray[np.int64], hyperparameters: NetworkHyperparameters
    ) -> NDArray[np.generic]:
        """What `loss` compares outputs with, one row per network input, of class indices (n, positions per input):
        smoothed one-hot float32 (n, positions per input, classes)."""
        smoothing = hyperparameters.label_smoothing
        targets = np.eye(task.classes, dtype=np.float32)[encoded]
        return targets * np.float32(1 - smoothing) + np.float32(smoothing / task.classes)

    def guided_share(self, hyperparameters: Hyperparameters) -> float:
        """The share of the training, at its beginning, in which `guided_targets` take the targets' place."""
        return 0.0

    def guided_targets(
        self,
        task: ReadingTask,
        pictures: NDArray[np.float32],
        targets: NDArray[np.generic],
        hyperparameters: Hyperparameters,
    ) -> NDArray[np.generic]:
        """Targets that tell a network more than the truth alone does, for pictures as they are shown, float32 (n,
        height, width, channels), and their targets."""
        return targets

    def starter_share(self, task: ReadingTask, images: int, hyperparameters: Hyperparameters) -> float:
        """How much of the weights that a training keeps are still the starter's (0..1), after so many images to learn
        from."""
        return 0.0

    def loss(self, task: ReadingTask, hyperparameters: Hyperparameters) -> Any:
        """A Keras loss of `targets` and logits."""
        import keras

        return keras.losses.CategoricalCrossentropy(from_logits=True)

    def fit(self, request: FitRequest) -> FitResult:
        from training.recognition.network_fit import fit_network

        return fit_network(self, request)

    def epochs(self, images: int, hyperparameters: Hyperparameters | None = None) -> int:
        """How many epochs to train on so many images where nobody chose: fewer, the more images there are."""
        return max(FEWEST_EPOCHS, min(self.default_epochs, self.default_views // max(images, 1)))
