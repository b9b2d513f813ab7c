"""How one person works in a project: pace, and how often right where the text was known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from django.db.models import QuerySet

from labeling.intervals import Share
from labeling.models import Annotation, Project
from labeling.models.annotations import AnnotationSource

# Figures are told from a person's last annotations: as quick after a hundred thousand, and how it is now.
LAST_ANNOTATIONS = 1000
# A longer gap between two annotations is a pause, not work.
LONGEST_GAP = timedelta(minutes=5)
TYPING = (AnnotationSource.TYPED, AnnotationSource.CONFIRMED)


@dataclass(frozen=True)
class Pace:
    """How quickly a person goes through images; None where too little is known.

    last: when the newest annotation was made.
    per_hour: images per hour of work, pauses left out.
    median, nearly_all: seconds that one image takes; nine in ten take at most `nearly_all`.
    """

    images: int
    last: datetime | None
    per_hour: float | None
    median: float | None
    nearly_all: float | None


def pace_of(project: Project, user: Any) -> Pace:
    """Return the pace of a person's last annotations in a project."""
    last = _typed_by(project, user).values_list("created_at", "milliseconds")[:LAST_ANNOTATIONS]
    return pace(list(last))


def pace(annotations: Sequence[tuple[datetime, int | None]]) -> Pace:
    """Return the pace of annotations in any order: when each was made, and how many milliseconds it took."""
    moments = sorted(moment for moment, _ in annotations)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    worked = [gap.total_seconds() for gap in gaps if gap <= LONGEST_GAP]
    seconds = [milliseconds / 1000 for _, milliseconds in annotations if milliseconds is not None]
    return Pace(
        images=len(annotations),
        last=max(moments, default=None),
        per_hour=3600 * len(worked) / sum(worked) if sum(worked) > 0 else None,
        median=float(np.median(seconds)) if seconds else None,
        nearly_all=float(np.percentile(seconds, 90)) if seconds else None,
    )


def gold_accuracy(project: Project, user: Any) -> Share:
    """Return how many of a person's last checks had the text that the gold image is known to have."""
    checks = Annotation.objects.filter(
        annotator=user, image__project=project, image__is_gold=True, is_check=True, withdrawn_at=None
    )
    last = checks.order_by("-id").values_list("text", "image__text")[:LAST_ANNOTATIONS]
    return Share(sum(text == known for text, known in last), len(last))


def _typed_by(project: Project, user: Any) -> QuerySet[Annotation]:
    typed = Annotation.objects.filter(
        annotator=user, image__project=project, source__in=TYPING, withdrawn_at=None
    )
    return typed.order_by("-id")
