"""From unlabelled pictures to a style that draws ones like them.

`fit_style` is the whole of it; `two_sample.tell_apart` says how close any drawn pictures come to real ones.
"""

from training.recognition.synthesis.fitting.fit import fit_style
from training.recognition.synthesis.fitting.fitted import (
    Closeness,
    Finding,
    FittedStyle,
    FittingListener,
    FontScore,
    Giveaway,
    SilentFittingListener,
)
from training.recognition.synthesis.fitting.gathering import NothingToFit

__all__ = [
    "Closeness",
    "Finding",
    "FittedStyle",
    "FittingListener",
    "FontScore",
    "Giveaway",
    "NothingToFit",
    "SilentFittingListener",
    "fit_style",
]
