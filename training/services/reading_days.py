"""Counting what models read, day by day: how sure they were, and what people found when they checked."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from training.models import Model, Prediction, ReadingDay, Verdict
from training.verdicts import Judged, verdict_of

logger = logging.getLogger(__name__)


def count_readings(model_pk: int, readings: Sequence[Judged]) -> None:
    """Add readings to today's; a database that is away costs the figure, not the worker."""
    if not readings:
        return
    try:
        # The threshold is all that is wanted of a row with long metrics, but so it is one query of microseconds.
        model = Model.objects.only("metrics").filter(pk=model_pk).first()
        if model is None:
            return
        verdicts = Counter(verdict_of(reading, model) for reading in readings)
        _add(
            model_pk,
            timezone.localdate(),
            count=len(readings),
            confidence=sum(reading.confidence for reading in readings),
            unsure=verdicts[Verdict.UNSURE],
            other_family=verdicts[Verdict.OTHER_FAMILY],
        )
    except DatabaseError as error:
        logger.warning("readings of model %s are not counted: %s", model_pk, error)


def count_check(*, prediction: Prediction, was_right: bool) -> None:
    """Write down what a person found, for the day of the reading. Who checks the same one again changes their mind."""
    with transaction.atomic():
        locked = Prediction.objects.select_for_update(no_key=True).get(pk=prediction.pk)
        before = locked.was_right
        prediction.was_right = locked.was_right = was_right
        if before == was_right:
            return
        locked.save(update_fields=["was_right"])
        _add(
            prediction.model_id,
            timezone.localdate(prediction.created_at),
            checked=int(before is None),
            corrected=int(not was_right) - int(before is False),
        )


def _add(model_pk: int, day: date, **figures: float) -> None:
    row = ReadingDay.objects.filter(model=model_pk, day=day)
    added = {name: F(name) + figure for name, figure in figures.items()}
    if not row.update(**added):
        # Whoever was quicker has made it meanwhile.
        ReadingDay.objects.bulk_create([ReadingDay(model_id=model_pk, day=day)], ignore_conflicts=True)
        row.update(**added)
