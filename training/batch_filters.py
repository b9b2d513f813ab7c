"""Which readings of a batch one wants to see. Each choice is one equality, so that an index finds its pages."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from training.models import Look, Prediction, ReadingBatch, Verdict


@dataclass(frozen=True)
class BatchFilter:
    """A choice, and how many readings it leaves."""

    name: str
    title: str
    count: int


class BatchShow(StrEnum):
    """What to show of a batch."""

    TO_CHECK = "to_check"
    UNSURE = "unsure"
    OTHER_FAMILY = "other_family"
    SURE = "sure"
    FAILED = "failed"
    CHECKED = "checked"


CONDITIONS: dict[str, dict[str, str]] = {
    BatchShow.TO_CHECK: {"look": Look.WANTED},
    BatchShow.UNSURE: {"verdict": Verdict.UNSURE},
    BatchShow.OTHER_FAMILY: {"verdict": Verdict.OTHER_FAMILY},
    BatchShow.SURE: {"verdict": Verdict.SURE},
    BatchShow.FAILED: {"verdict": ""},
    BatchShow.CHECKED: {"look": Look.DONE},
}
"""By name; any other name, as the empty one, leaves all."""


def filtered(batch: ReadingBatch, name: str) -> "QuerySet[Prediction]":
    """Return the readings of a batch that a filter leaves."""
    return batch.readings.filter(**CONDITIONS.get(name, {}))


def batch_filters(batch: ReadingBatch) -> list[BatchFilter]:
    """Return the choices with their counts, which the batch itself keeps."""
    return [
        BatchFilter("", "All", batch.position),
        BatchFilter("to_check", "To check", batch.to_check),
        BatchFilter("unsure", "Unsure", batch.unsure),
        BatchFilter("other_family", "Not this family", batch.other_family),
        BatchFilter("sure", "Sure", batch.sure),
        BatchFilter("failed", "Not read", batch.failed),
        BatchFilter("checked", "Checked", batch.checked),
    ]
