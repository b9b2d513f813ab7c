"""Settling a project's images anew, on a `prepare` worker, after its overlap changed."""

import time

from django.db import transaction

from labeling.dispatch import dispatch, others_wait
from labeling.jobs import JobState, work_on
from labeling.models import SettlingPass
from labeling.services.import_work import TURN_SECONDS
from labeling.services.queue_settings import TASK
from labeling.services.settling import settle_all

# Their rows are locked together: nobody who saves meanwhile should notice.
BATCH = 200


def run_settling(pk: int) -> None:
    """Settle what people have read until all is done, or until others should have their turn."""
    rows = SettlingPass.objects.select_related("project")
    work_on(rows, pk, _work, lambda row, error: f"Comparing stopped after {row.done} images: {error}")


def _work(row: SettlingPass) -> None:
    read = row.project.images.filter(readings__gt=0).order_by("id").values_list("pk", flat=True)
    row.beat(total=row.done + read.filter(pk__gt=row.position).count())
    turn_ends = time.monotonic() + TURN_SECONDS
    while batch := list(read.filter(pk__gt=row.position)[:BATCH]):
        with transaction.atomic():
            settle_all(batch)
            row.beat(position=batch[-1], done=row.done + len(batch))
        if row.project.settling_passes.filter(pk__gt=row.pk).exists():
            # The overlap changed once more: the newer pass looks at every image.
            row.finish(JobState.STOPPED)
            return
        if time.monotonic() > turn_ends:
            if others_wait():
                row.hand_back()
                dispatch(TASK, row.pk)
                return
            turn_ends = time.monotonic() + TURN_SECONDS
    row.finish(JobState.DONE)
