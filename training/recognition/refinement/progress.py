"""What the training of a refiner tells while it goes on, and who may listen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
"""(n, height, width, channels) with one or three channels."""

Stage = Literal["pre-training the refiner", "pre-training the discriminator", "refining"]


@dataclass(frozen=True)
class RefinementProgress:
    """Where a training is after a step of pre-training or a round. Steps count from 1 within their stage.

    Losses are means since the last checkpoint, None before there is one; `seconds` of training, resumes included;
    `progress` is the share 0..1 of the rounds or of the time, whichever ends first; `seconds_left` an estimate, None
    before there is one.
    """

    stage: Stage
    step: int
    steps: int
    adversarial_loss: float | None
    change: float | None
    discriminator_loss: float | None
    progress: float
    seconds: float
    seconds_left: float | None


@dataclass(frozen=True)
class RefinementCheckpoint:
    """What a training has come to after so many rounds; JSON-able. The first one, of round 0, follows the pre-training.

    Losses and shares are means since the checkpoint before; the rest is measured on held-out pictures with the refiner
    that would be kept. See `measures` for the formulas.
    """

    round: int
    seconds: float
    adversarial_loss: float | None
    """Of a patch of a refined picture, in nats; None before the first round."""
    change: float | None
    """Mean absolute change of a pixel's feature in the self-regularisation, in grey levels 0..255."""
    discriminator_loss: float | None
    """Of a patch, in nats; None where it took no step."""
    discriminator_accuracy: float | None
    """Share 0..1 of patches that it judges rightly, half of them real."""
    fooled: float | None
    """Share 0..1 of the patches of freshly refined pictures that it takes for real."""
    patch_distance: float
    """Of refined from real pictures."""
    text_kept: float
    """-1..1: how much of the synthetic picture's strokes is where it was."""
    variety: float
    """Of refined pictures, as a multiple of the least varied of synthetic and real ones."""
    best: bool
    """Whether this refiner is kept in place of former ones."""


@dataclass(frozen=True)
class PictureRows:
    """The same few synthetic pictures at every checkpoint, what the refiner makes of them, and a few real ones."""

    synthetic: Pictures
    refined: Pictures
    real: Pictures


class RefinementListener(Protocol):
    """Whoever watches the training of a refiner; called in its thread, so answers must be quick."""

    def on_progress(self, progress: RefinementProgress) -> None: ...

    def on_checkpoint(self, checkpoint: RefinementCheckpoint, rows: PictureRows) -> None: ...

    def should_stop(self) -> bool: ...


class SilentRefinementListener:
    """Watches nothing and never stops a training."""

    def on_progress(self, progress: RefinementProgress) -> None: ...

    def on_checkpoint(self, checkpoint: RefinementCheckpoint, rows: PictureRows) -> None: ...

    def should_stop(self) -> bool:
        return False
