"""What every preprocessing step is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from labeling.imaging.arrays import Picture
from labeling.imaging.parameters import Configured

TIE = 1e-5
"""A value at most this far above a threshold counts as equal to it, so as not above it."""


@dataclass(frozen=True)
class Step(Configured, ABC):
    """One step of a recipe."""

    kind: ClassVar[str] = "step"


@dataclass(frozen=True)
class PictureStep(Step):
    """A step from picture to picture."""

    @abstractmethod
    def apply(self, picture: Picture) -> Picture:
        """float32 (h, w, c) in 0..1 to float32 (h', w', c) in 0..1; never changes its argument."""
