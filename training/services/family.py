"""What a model's family looks like: the images that tell it, and how many of its own it takes for strangers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labeling.imaging.arrays import Pixels
from labeling.intervals import Share
from training.models import DatasetVersion, Split
from training.recognition.family import ENOUGH, Family
from training.recognition.reader import Reading
from training.services.datasets import decoded_items
from training.verdicts import is_stranger


def family_pictures(dataset: DatasetVersion) -> Iterator[Pixels]:
    """Yield images (RGBA uint8 (h, w, 4)) to train on and to validate with: all, or ENOUGH of them, spread evenly over
    the dataset version.

    Raises:
        Refused: an image's file is missing or damaged.
    """
    own = dataset.items.filter(split__in=[Split.TRAIN, Split.VALIDATION])
    keys = list(own.order_by("id").values_list("pk", flat=True))
    if len(keys) > ENOUGH:
        keys = [keys[place * len(keys) // ENOUGH] for place in range(ENOUGH)]
    for pixels, _ in decoded_items(own.filter(pk__in=keys)):
        yield pixels


@dataclass(frozen=True)
class FamilyTest:
    """How a model's test of strangers does on its own images: of them, `flagged` were taken for strangers. It was
    learnt from `learnt_from` images."""

    learnt_from: int
    flagged: Share


def family_json(family: Family | None, readings: Sequence[Reading]) -> dict[str, Any]:
    """Return what a split's metrics keep of the test of strangers; nothing for a model that has none."""
    if family is None:
        return {}
    flagged = Share(sum(map(is_stranger, readings)), len(readings))
    return {"family": {"learnt_from": family.n, "flagged": flagged.to_json()}}


def family_test(metrics: Mapping[str, Any], split: Split = Split.TEST) -> FamilyTest | None:
    """Return what `family_json` wrote for a split of `Model.metrics`; None for models without the test."""
    kept = metrics.get(split, {}).get("family")
    if not kept:
        return None
    return FamilyTest(kept["learnt_from"], Share(kept["flagged"]["count"], kept["flagged"]["n"]))
