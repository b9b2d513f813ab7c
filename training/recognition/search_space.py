"""Which values a search may give a hyper-parameter, and which ranges to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.recognition.architectures.base import Architecture
from training.recognition.architectures.hyperparameters import HyperparameterField, InvalidHyperparameters

CHOSEN_FIRST = frozenset(
    {
        "learning_rate",
        "weight_decay",
        "label_smoothing",
        "dropout",
        "rotation",
        "scale",
        "noise",
        "trees",
        "depth",
    }
)
"""What usually matters most, and the two of a forest."""

USUAL_MOST: Mapping[str, float] = {
    "weight_decay": 0.05,
    "label_smoothing": 0.1,
    "balance": 1.0,
    "epoch_images": 2000,
    "shift": 0.1,
    "rotation": 10.0,
    "scale": 0.2,
    "shear": 15.0,
    "warp": 0.05,
    "brightness": 0.2,
    "noise": 0.1,
    "blur": 0.03,
    "stroke": 0.5,
    "erase": 0.1,
    "jitter": 0.1,
    "dropout": 0.6,
    "guidance": 1.0,
}
"""Beyond these, texts are seldom readable any more, or nothing is learnt."""

BY_FACTOR = frozenset({"learning_rate", "batch_size", "trees"})
"""From 1 to 2 is as far as from 10 to 20."""

FACTOR = 5.0


@dataclass(frozen=True)
class Range:
    """Values from `low` to `high`, both included; whole numbers where the hyper-parameter is. `log`: by factors."""

    low: float
    high: float
    log: bool = False

    def to_json(self) -> dict[str, Any]:
        """`from_json` reads it back."""
        return {"low": self.low, "high": self.high, "log": self.log}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Range:
        """What `to_json` wrote."""
        return cls(data["low"], data["high"], data["log"])


def usual_range(one: HyperparameterField) -> Range:
    """Return a sensible range around a hyper-parameter's default."""
    if one.is_switch:
        return Range(0, 1)
    if one.name in BY_FACTOR and one.default > 0:
        low, high = one.default / FACTOR, one.default * FACTOR
    elif one.name in USUAL_MOST:
        low, high = one.minimum, max(USUAL_MOST[one.name], one.default)
    else:
        low, high = one.default / 2, one.default * 2
    return checked_range(one, _rounded(one, max(low, one.minimum)), _rounded(one, min(high, one.maximum)))


def checked_range(one: HyperparameterField, low: object, high: object) -> Range:
    """Return the range between two values, by factors where that is the hyper-parameter's way.

    Raises InvalidHyperparameters with a sentence where a value is no number or out of bounds, or nothing lies between.
    """
    parsed_low, parsed_high = one.parse(low), one.parse(high)
    if parsed_low >= parsed_high:
        raise InvalidHyperparameters(
            f"{one.title}: from {parsed_low:g} to {parsed_high:g} leaves nothing to search: "
            "the first value has to be the smaller one."
        )
    return Range(parsed_low, parsed_high, log=one.name in BY_FACTOR and parsed_low > 0)


def usual_space(architecture: Architecture) -> dict[str, Range]:
    """Return what to search first in an architecture, by hyper-parameter."""
    return {one.name: usual_range(one) for one in architecture.fields() if one.name in CHOSEN_FIRST}


def _rounded(one: HyperparameterField, value: float) -> float:
    return round(value) if one.type is int else float(f"{value:.2g}")
