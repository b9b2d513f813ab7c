"""What a round of self-training came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Round:
    """A round, told when its pseudo-labels are taken and once more when it has learnt from them.

    `taken` of the `of` unlabelled pictures were read with a confidence of at least `threshold` 0..1, or show rare
    characters. Of these readings the share `estimated_precision` is expected to be right, with a 95 % interval of `low`
    to `high`; `checked` held-out samples passed the same threshold, and `checked_right` of them were right.
    `agreement` is the share of the texts taught in the former round that are read the same now, None in the first
    round; `missing` are characters of the alphabet that no taken text has.

    `accuracy` is the whole-string accuracy 0..1 on the `validated_on` validation samples after the round, None before;
    `kept` says whether its weights replaced the former ones. `ending` is a sentence where the round was the last one
    because something spoke against another; else it is empty. `seconds` are those of reading and training.
    """

    number: int
    taken: int
    of: int
    threshold: float
    estimated_precision: float
    low: float
    high: float
    checked: int
    checked_right: int
    agreement: float | None
    missing: str
    validated_on: int
    accuracy: float | None = None
    kept: bool = False
    ending: str = ""
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON; `from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Round:
        """The round that `to_json` wrote."""
        return cls(**data)
