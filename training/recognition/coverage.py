"""How many images can be read unattended: those whose confidence is high enough to be nearly always right."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from math import ceil
from typing import Any

from labeling.intervals import Z_95, Share

PRECISION = 0.99
"""Of what is read unattended, this share should be right."""


@dataclass(frozen=True)
class Coverage:
    """What comes of acting on readings that are at least `threshold` sure: of n images, `accepted` are, and of
    these `right` are right. A `threshold` of None accepts nothing: no confidence was enough."""

    threshold: float | None
    n: int
    accepted: int
    right: int

    @property
    def coverage(self) -> Share:
        """Accepted of all images."""
        return Share(self.accepted, self.n)

    @property
    def precision(self) -> Share:
        """Right of the accepted images."""
        return Share(self.right, self.accepted)

    def shows(self, precision: float = PRECISION) -> bool:
        """Whether these images alone show the precision: its 95 % interval begins no lower.

        See `fewest_to_show`: below 381 accepted images, none can show 99 %.
        """
        return self.precision.interval.low >= precision

    def to_json(self) -> dict[str, Any]:
        """The fields, with coverage and precision as shares with intervals; `from_json` reads it back."""
        shares = {"coverage": self.coverage.to_json(), "precision": self.precision.to_json()}
        return asdict(self) | shares

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Coverage":
        """The coverage that `to_json` wrote."""
        return cls(data["threshold"], data["n"], data["accepted"], data["right"])


def threshold_for_precision(
    confidences: Sequence[float], right: Sequence[bool], precision: float = PRECISION
) -> Coverage:
    """The lowest threshold, and so the largest share of images, at which at least `precision` of the accepted
    images are right; ties are accepted together.

    `confidences` are 0..1, `right` tells which of those readings were right. The threshold fits these very
    images, so its precision here flatters: choose it on validation images, then test it on others with
    `coverage_at`. With few images it is a rough guess: 40 images that are all right give a coverage of
    100 %, although up to 9 % of such readings may be wrong (their 95 % interval begins at 91 %).
    """
    ranked = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    best = Coverage(threshold=None, n=len(ranked), accepted=0, right=0)
    accepted = accepted_right = 0
    for confidence, ties in groupby(ranked, key=lambda pair: pair[0]):
        outcomes = [is_right for _, is_right in ties]
        accepted += len(outcomes)
        accepted_right += sum(outcomes)
        if accepted_right / accepted >= precision:
            best = Coverage(float(confidence), len(ranked), accepted, accepted_right)
    return best


def coverage_at(confidences: Sequence[float], right: Sequence[bool], threshold: float | None) -> Coverage:
    """What a threshold that was chosen on other images comes to on these."""
    outcomes = [
        is_right
        for confidence, is_right in zip(confidences, right, strict=True)
        if threshold is not None and confidence >= threshold
    ]
    return Coverage(threshold, len(confidences), len(outcomes), sum(outcomes))


def fewest_to_show(precision: float = PRECISION) -> int:
    """How many readings, all of them right, it takes until the 95 % Wilson interval begins at `precision`.

    The lower end is n / (n + z²) where n of n are right: for 99 % it takes 381.
    """
    return ceil(precision / (1 - precision) * Z_95**2)
