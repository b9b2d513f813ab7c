"""How much can be read unattended, in words: for pages and commands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labeling.intervals import Share
from training.recognition.coverage import PRECISION, Coverage, fewest_to_show

PROMISE = f"{100 * PRECISION:g} %"
NOT_MEASURED = "This model was measured without its confidences. Train again to learn it."


@dataclass(frozen=True)
class CoverageWords:
    """What it comes to, in one sentence, and what that rests on, in a few."""

    headline: str
    evidence: str

    def __str__(self) -> str:
        return f"{self.headline} {self.evidence}".strip()


def coverage_words(chosen: Coverage, tested: Coverage, images: str = "test images") -> CoverageWords:
    """Tell what the threshold of `chosen` came to in `tested`, on those `images`."""
    if chosen.threshold is None:
        return CoverageWords(
            f"Nothing can be read unattended at {PROMISE} precision yet.",
            f"However sure the readings of the {chosen.n:,} images that could choose a threshold are, fewer than "
            f"{PROMISE} of the surest are right.",
        )
    limit = f"a confidence of at least {chosen.threshold:.4g}"
    if not tested.accepted:
        return CoverageWords(
            f"How much can be read unattended at {PROMISE} precision is not known yet.",
            f"None of {tested.n:,} {images} was read with {limit}, the threshold that was chosen. Label more images.",
        )
    found = (
        f"Of {tested.n:,} {images}, {tested.accepted:,} were read so surely, and {tested.right:,} of them right: "
        f"{_with_interval(tested.precision)}."
    )
    if tested.precision.interval.high < PRECISION:
        return CoverageWords(
            f"Fewer than {PROMISE} of what is read with {limit} are right.",
            f"{found} The threshold was chosen on other images, where it promised {PROMISE}.",
        )
    kept = tested.precision.value >= PRECISION
    headline = (
        f"{percent(tested.coverage.value)} of images can be read unattended at {'' if kept else 'about '}{PROMISE} "
        f"precision: {limit}."
    )
    return CoverageWords(headline, " ".join([found, *_doubts(tested)]))


def unattended(metrics: Mapping[str, Any]) -> CoverageWords:
    """Tell how much a model reads unattended, from `Model.metrics`: as tested, or else as its threshold was chosen."""
    chosen, tested = (_coverage(metrics, split) for split in ("validation", "test"))
    if chosen is None:
        return CoverageWords("How much can be read unattended was not measured.", NOT_MEASURED)
    if tested is None:
        return coverage_words(chosen, chosen, "validation images")
    return coverage_words(chosen, tested)


def _coverage(metrics: Mapping[str, Any], split: str) -> Coverage | None:
    stored = metrics.get(split, {}).get("coverage")
    return Coverage.from_json(stored) if stored else None


def _doubts(tested: Coverage) -> list[str]:
    """Why these images do not prove the precision; nothing where they do."""
    if tested.shows():
        return []
    if tested.accepted < fewest_to_show():
        return [
            f"So few cannot prove {PROMISE}: that takes at least {fewest_to_show()}, and all of them right."
        ]
    return [f"The interval holds less than {PROMISE}, too: ask for a little more confidence to be safe."]


def percent(share: float) -> str:
    """Write a share in 0..1 with one decimal, never rounding something imperfect up to 100 %."""
    return f"{min(100 * share, 100.0 if share >= 1 else 99.9):.1f} %"


def _with_interval(share: Share) -> str:
    low, high = share.interval.low, share.interval.high
    return f"{percent(share.value)} (95 % interval {percent(low)} to {percent(high)})"
