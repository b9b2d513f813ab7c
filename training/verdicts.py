"""Verdicts: what a person should know of one reading."""

from typing import Protocol

from training.models import Model, Verdict
from training.services.evaluation import chosen_coverage

__all__ = ["Judged", "Verdict", "is_stranger", "verdict_of"]

MOST_USUAL = 1.0
"""Strangeness above it tells of another family."""


class Judged(Protocol):
    """A reading: how sure it is, 0..1, and how strange its picture is (see `training.recognition.reader.Reading`)."""

    @property
    def confidence(self) -> float: ...

    @property
    def strangeness(self) -> float: ...


def is_stranger(reading: Judged) -> bool:
    """Whether a picture is none of the family, whatever was read in it."""
    return reading.strangeness > MOST_USUAL


def verdict_of(reading: Judged, model: Model) -> Verdict:
    """Judge a reading of a model: of another family, else by the model's threshold for 99 % precision, which its
    validation images chose. A model without one is sure of nothing."""
    if is_stranger(reading):
        return Verdict.OTHER_FAMILY
    chosen = chosen_coverage(model.metrics)
    if chosen is None or chosen.threshold is None or reading.confidence < chosen.threshold:
        return Verdict.UNSURE
    return Verdict.SURE
