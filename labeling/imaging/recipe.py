"""A recipe: the steps that prepare a picture and the way it is cut into slices."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labeling.imaging.arrays import Picture, Pixels
from labeling.imaging.parameters import InvalidRecipe
from labeling.imaging.slicing import (
    Box,
    EqualParts,
    Slicing,
    parse_slicing,
    slice_boxes,
)
from labeling.imaging.step import Step
from labeling.imaging.steps import Channel, apply_steps, check_order, parse_steps

__all__ = ["DEFAULT_RECIPE", "InvalidRecipe", "Recipe"]


@dataclass(frozen=True)
class Recipe:
    """How raw pixels become a picture, and a picture becomes slices."""

    steps: tuple[Step, ...]
    slicing: Slicing

    def __post_init__(self) -> None:
        check_order(self.steps)

    @classmethod
    def from_json(cls, value: object) -> "Recipe":
        """From {"steps": [...], "slicing": {...}}. Raises InvalidRecipe with a sentence."""
        if not isinstance(value, Mapping) or set(value) != {"steps", "slicing"}:
            raise InvalidRecipe('A recipe must be an object with exactly "steps" and "slicing".')
        return cls(parse_steps(value["steps"]), parse_slicing(value["slicing"]))

    def to_json(self) -> dict[str, Any]:
        return {"steps": [step.to_json() for step in self.steps], "slicing": self.slicing.to_json()}

    def fingerprint(self) -> str:
        """SHA-256 (64 hex digits) of the canonical JSON: equal recipes have equal fingerprints."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def channels(self) -> int:
        """How many channels a prepared picture has: 1 or 3."""
        channel = self.steps[0]
        assert isinstance(channel, Channel)
        return channel.channels

    def prepare(self, pixels: Pixels) -> Picture:
        """RGBA uint8 (h, w, 4) to float32 (h', w', channels) in 0..1."""
        return apply_steps(pixels, self.steps)

    def boxes(self, picture: Picture, length: int | None) -> list[Box]:
        """The slices of a prepared picture in reading order; exactly `length` where it is known and slicing
        is on.

        Raises InvalidRecipe where equal parts are asked for without a length.
        """
        return slice_boxes(picture, self.slicing, length)


DEFAULT_RECIPE = Recipe(steps=(Channel("grey"),), slicing=EqualParts())
"""Grey, cut into equal parts."""
