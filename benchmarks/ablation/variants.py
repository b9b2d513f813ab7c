"""What is tried beside the default, each thing alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.ablation.networks import SlotsWithoutStandardise, SlotsWithSqueezeAndExcite
from benchmarks.ablation.readers import Reader, as_kept, equal_average, last_weights, several_versions
from training.recognition.architectures import Architecture
from training.recognition.architectures.slots import Slots

Kind = Literal["default", "less", "more", "other"]
"""Beside the default: one part less, one part more, or one part exchanged for another."""


@dataclass(frozen=True)
class Variant:
    """The default but for one thing: `hyperparameters` over the default's, another network, or another way to read
    with what the default's training left. `part` is what is tried or left out, in words."""

    name: str
    kind: Kind
    part: str
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    architecture: Architecture = field(default_factory=Slots)
    read: Reader = as_kept

    @property
    def title(self) -> str:
        """Its row's name."""
        return {"less": "without ", "more": "with ", "other": "", "default": ""}[self.kind] + self.part


MOVES = {"shift": 0.0, "rotation": 0.0, "scale": 0.0, "shear": 0.0, "warp": 0.0}
SHADES = {"brightness": 0.0, "noise": 0.0}

TRAININGS: tuple[tuple[Variant, ...], ...] = (
    (
        Variant("default", "default", "the default"),
        Variant("last-weights", "less", "averaging of weights", read=last_weights),
        Variant(
            "equal-average", "other", "equal average of weights (SWA) for the moving one", read=equal_average
        ),
        Variant("several-versions", "more", "five versions read per image", read=several_versions),
    ),
    (Variant("no-starter", "less", "the starter model", {"starter": 0}),),
    (Variant("no-augmentation", "less", "any augmentation", MOVES | SHADES),),
    (Variant("no-warp", "less", "warp", {"warp": 0.0}),),
    (Variant("no-shear-rotation", "less", "shear and rotation", {"shear": 0.0, "rotation": 0.0}),),
    (Variant("no-brightness-noise", "less", "brightness and noise", SHADES),),
    (Variant("blur-stroke", "more", "blur 0.02 and stroke 0.3", {"blur": 0.02, "stroke": 0.3}),),
    (Variant("erase", "more", "erase 0.15", {"erase": 0.15}),),
    (Variant("no-label-smoothing", "less", "label smoothing", {"label_smoothing": 0.0}),),
    (Variant("no-weight-decay", "less", "weight decay", {"weight_decay": 0.0}),),
    (Variant("squeeze-excite", "more", "squeeze-and-excite", architecture=SlotsWithSqueezeAndExcite()),),
    (Variant("no-standardise", "less", "`Standardise`", architecture=SlotsWithoutStandardise()),),
)
"""Variants that only read in other ways share a training."""

VARIANTS = tuple(variant for sharing in TRAININGS for variant in sharing)
