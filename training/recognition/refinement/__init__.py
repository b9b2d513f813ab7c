"""Refining synthetic pictures until they look real, with unlabelled real pictures as the only teachers: SimGAN.

A. Shrivastava et al., "Learning from simulated and unsupervised images through adversarial training" (CVPR 2017,
arXiv 1612.07828). Importing this package does not import Keras; training, loading and refining do.
"""

from training.recognition.refinement.collapse import RefinerEnding
from training.recognition.refinement.presets import PRESETS, Preset, get_preset
from training.recognition.refinement.progress import (
    PictureRows,
    RefinementCheckpoint,
    RefinementListener,
    RefinementProgress,
    SilentRefinementListener,
)
from training.recognition.refinement.refiner import Refiner, UnusableRefiner
from training.recognition.refinement.train import RefinerResult, train_refiner

__all__ = [
    "PRESETS",
    "PictureRows",
    "Preset",
    "RefinementCheckpoint",
    "RefinementListener",
    "RefinementProgress",
    "Refiner",
    "RefinerEnding",
    "RefinerResult",
    "SilentRefinementListener",
    "UnusableRefiner",
    "get_preset",
    "train_refiner",
]
