"""The default for texts of several lengths and for few labels: a convolutional network that reads column by column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from training.recognition.alignment import guessed_alignments
from training.recognition.architectures.base import Shape
from training.recognition.architectures.classifier import classified
from training.recognition.architectures.columns import STARTER_FIELD, STRIDE, columns_of
from training.recognition.architectures.hyperparameters import Hyperparameters, NetworkHyperparameters, number
from training.recognition.architectures.multi_head import equal_spans
from training.recognition.architectures.network import FEWEST_EPOCHS, Network
from training.recognition.starter import unknown_characters, warm_start
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras

STARTER_WORTH = 200
"""After so many images, half of the weights that are kept are the starter's: the mean of what a training begins with
and what it ends with reads what both can read (M. Wortsman et al., Robust fine-tuning of zero-shot models, arXiv
2109.01903). A training with few labels forgets much of what they do not show. The share falls with the square root of
their number, as slowly as was best where it was tried (docs/recognition.md)."""


@dataclass(frozen=True)
class CTCHyperparameters(NetworkHyperparameters):
    """Chosen on validation splits of real captchas; the input's size belongs to them."""

    learning_rate: float = 0.002
    batch_size: int = 16
    epoch_images: int = 500
    weight_decay: float = 0.02
    patience: int = 25
    shift: float = 0.04
    rotation: float = 2.0
    scale: float = 0.12
    shear: float = 12.0
    warp: float = 0.04
    brightness: float = 0.1
    noise: float = 0.03
    jitter: float = 0.5
    dropout: float = number(0.3, 0.0, 0.9, "Dropout", "Share of a column's features hidden while training.")
    guidance: float = number(
        0.15,
        0.0,
        0.9,
        "Guidance",
        "Share of the training, at its beginning, in which the network is told where the characters probably "
        "stand instead of finding out.",
    )
    starter: int = STARTER_FIELD
    height: int = number(40, 16, 256, "Height", "Height in pixels to which an image is resized.")
    width_per_character: int = number(
        48,
        2 * STRIDE,
        256,
        "Width per character",
        "Width in pixels for each character of the longest text; wider images are squeezed into it.",
    )


class CTC(Network):
    """A CNN over the whole image that names a character or a blank in every column, trained by connectionist
    temporal classification.

    Images keep their proportions and are continued on the right. CTC alone spends hours on small sets before it
    finds out that pictures and texts have to do with each other; so training begins with the starter model or,
    without it, with the positions that the picture's ink suggests (`training.recognition.alignment`).
    """

    name = "ctc"
    title = "CTC"
    summary = (
        "Reads the whole image column by column, in its own proportions, and decodes only texts whose length is in "
        "range. Choose it when texts have several lengths, images several widths, or few are labelled."
    )
    source = (
        "This project, after A. Graves et al., Connectionist Temporal Classification (ICML 2006), and B. Shi et al., "
        "An End-to-End Trainable Neural Network for Image-based Sequence Recognition (arXiv 1507.05717)."
    )
    needs_slices = False
    keeps_proportions = True
    decoder = "lattice"
    default_epochs = 120
    default_views = 250_000
    hyperparameters = CTCHyperparameters

    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        chosen = self._chosen(hyperparameters)
        columns = -(-chosen.width_per_character * task.max_length // STRIDE)
        return (chosen.height, STRIDE * columns, task.channels)

    def _chosen(self, hyperparameters: Mapping[str, Any] | None) -> CTCHyperparameters:
        chosen = self.parse(hyperparameters)
        assert isinstance(chosen, CTCHyperparameters)
        return chosen

    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        import keras
        from keras import layers

        keras.utils.set_random_seed(seed)
        chosen = self._chosen(hyperparameters)
        picture = keras.Input(self.input_shape(task, hyperparameters), name="picture")
        columns = layers.Dropout(chosen.dropout, seed=seed)(columns_of(picture))
        network = keras.Model(picture, classified(columns, task, len(task.alphabet) + 1), name=self.name)
        if chosen.starter:
            warm_start(network, task)
        return network

    def spans(self, network: keras.Model) -> Any:
        return equal_spans(network)

    def targets(
        self, task: ReadingTask, encoded: NDArray[np.int64], hyperparameters: Hyperparameters
    ) -> NDArray[np.generic]:
        """Labels int32 (n, longest), shorter ones filled up with the blank."""
        return np.minimum(encoded, len(task.alphabet)).astype(np.int32)

    def guided_share(self, hyperparameters: Hyperparameters) -> float:
        assert isinstance(hyperparameters, CTCHyperparameters)
        return 0.0 if hyperparameters.starter else hyperparameters.guidance

    def guided_targets(
        self,
        task: ReadingTask,
        pictures: NDArray[np.float32],
        targets: NDArray[np.generic],
        hyperparameters: Hyperparameters,
    ) -> NDArray[np.generic]:
        """A guessed symbol per column: int32 (n, steps)."""
        steps = pictures.shape[2] // STRIDE
        labels = targets.astype(np.int64)
        return guessed_alignments(pictures, labels, steps, len(task.alphabet)).astype(np.int32)

    def epochs(self, images: int, hyperparameters: Hyperparameters | None = None) -> int:
        """Begun with the starter, no image of a small set is shown more often than `default_epochs` times: what is
        looked at too often is learnt by heart, and the starter forgotten."""
        usual = super().epochs(images)
        chosen = self.parse(None) if hyperparameters is None else hyperparameters
        assert isinstance(chosen, CTCHyperparameters)
        if not chosen.starter:
            return usual
        passes = max(1, math.ceil(chosen.epoch_images / max(images, 1)))
        return min(usual, max(FEWEST_EPOCHS, math.ceil(self.default_epochs / passes)))

    def starter_share(self, task: ReadingTask, images: int, hyperparameters: Hyperparameters) -> float:
        """Half of them after STARTER_WORTH images; none where the starter does not know all characters, so that its
        share of a weight would be chance."""
        assert isinstance(hyperparameters, CTCHyperparameters)
        alphabet = task.alphabet.characters
        if not hyperparameters.starter or unknown_characters(alphabet, case_sensitive=task.case_sensitive):
            return 0.0
        return 1 / (1 + math.sqrt(images / STARTER_WORTH))

    def loss(self, task: ReadingTask, hyperparameters: Hyperparameters) -> Any:
        """Per character: cross-entropy with a guessed alignment, or the CTC loss of labels.

        Which of the two is meant shows in the targets' width: there are more columns than characters.
        """
        from keras import ops

        blank = len(task.alphabet)

        def loss(targets: Any, logits: Any) -> Any:
            targets = ops.cast(targets, "int32")
            steps = logits.shape[1]
            if targets.shape[1] == steps:
                per_step = ops.sparse_categorical_crossentropy(targets, logits, from_logits=True)
                return ops.mean(per_step) * (steps / task.max_length)
            lengths = ops.sum(ops.cast(ops.not_equal(targets, blank), "int32"), axis=1)
            all_steps = ops.full_like(lengths, steps)
            of_texts = ops.ctc_loss(targets, logits, lengths, all_steps, mask_index=blank)
            return ops.mean(of_texts / ops.cast(ops.maximum(lengths, 1), logits.dtype))

        return loss
