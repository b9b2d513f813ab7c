"""How large the two networks are and how they are trained, as one small readable record each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Feature = Literal["pixels", "grey", "edges"]
"""What of a picture the refiner should leave as it is: its colours, their mean (so that it may recolour), or the
differences of neighbouring pixels (so that it may brighten whole areas)."""


@dataclass(frozen=True)
class Preset:
    """A recipe. A round is `refiner_steps` (the paper's K_g) of the refiner, then `discriminator_steps` (K_d) of the
    discriminator; a step sees `batch_size` synthetic, and the discriminator as many real pictures."""

    name: str
    description: str

    channels: int
    """Feature maps of every convolution inside of the refiner."""
    blocks: int
    """Residual blocks of two 3x3 convolutions."""
    stride: int
    """1: the refiner computes at the picture's resolution; 2: at half of it, a quarter of the arithmetic."""
    begins_unchanged: bool
    """Whether the refiner adds what it learns to the picture, and begins with nothing to add; else it draws the picture
    anew and has to learn first, in its pre-training, to leave it as it is."""
    discriminator_channels: tuple[int, int, int]
    """Feature maps of its two 3x3 convolutions of stride 2, and of the two that follow."""

    batch_size: int
    buffer_size: int
    """Refined pictures that the history remembers."""
    refiner_pretraining: int
    """Steps with nothing but self-regularisation."""
    discriminator_pretraining: int
    """Steps before the refiner meets it."""
    refiner_steps: int
    discriminator_steps: int
    rounds: int
    checkpoint_rounds: int
    """Rounds between two checkpoints."""

    learning_rate: float
    discriminator_learning_rate: float
    regularisation: float
    """Weight of the mean absolute change, pixels being -1 to 1, beside the mean loss of a patch."""
    feature: Feature = "pixels"


PAPER = Preset(
    name="paper",
    description="The sizes of the paper, for a graphics processor.",
    channels=64,
    blocks=4,
    stride=1,
    begins_unchanged=False,
    discriminator_channels=(96, 64, 32),
    batch_size=512,
    buffer_size=5120,
    refiner_pretraining=1000,
    discriminator_pretraining=200,
    refiner_steps=2,
    discriminator_steps=1,
    rounds=5000,
    checkpoint_rounds=100,
    learning_rate=0.001,
    discriminator_learning_rate=0.001,
    regularisation=6.0,
)

NARROW = Preset(
    name="narrow",
    description="Half the resolution inside and few channels: minutes on two processor cores.",
    channels=24,
    blocks=2,
    stride=2,
    begins_unchanged=True,
    discriminator_channels=(24, 32, 32),
    batch_size=16,
    buffer_size=512,
    refiner_pretraining=0,
    discriminator_pretraining=60,
    refiner_steps=1,
    discriminator_steps=1,
    rounds=1000,
    checkpoint_rounds=50,
    learning_rate=0.001,
    discriminator_learning_rate=0.0005,
    regularisation=6.0,
)

PRESETS = {preset.name: preset for preset in (NARROW, PAPER)}


def get_preset(name: str) -> Preset:
    """The preset of that name. Raises ValueError with a sentence."""
    try:
        return PRESETS[name]
    except KeyError as error:
        raise ValueError(f"There is no preset {name!r}: choose among {', '.join(PRESETS)}.") from error
