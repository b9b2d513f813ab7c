"""Learning curves as people see them: asking for one, stopping it. The work itself is in `learning_curve_work`."""

from typing import Any

from django.db import transaction

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.services.audit import Action, record
from labeling.services.preparations import current_preparation
from training.models import LearningCurve, Run
from training.services.datasets import check_labels
from training.services.reading_task import reading_task
from training.services.refusals import refusing
from training.services.runs import QUEUE, check_budget

TASK = "training.tasks.draw_learning_curve"
# Of each reader, where nobody says otherwise.
MINUTES = 5.0


def start_curve(*, run: Run, user: Any, max_minutes: float = MINUTES) -> LearningCurve:
    """Have a `train` worker measure readers made like a run's on ever more of the project's labels as they are now.

    What an earlier curve of the run came to gives way to it; one that ended early goes on where it was.

    Args:
        max_minutes: of training for each reader.

    Raises:
        Refused: it is under way, or it cannot work, in words that say what to change.
    """
    check_budget(seed=run.seed, max_epochs=None, max_minutes=max_minutes)
    with refusing():
        check_labels(project=run.project, task=reading_task(run.project, current_preparation(run.project)))
    with transaction.atomic():
        curve, _ = LearningCurve.objects.get_or_create(
            run=run, defaults={"project": run.project, "max_minutes": max_minutes}
        )
        if not curve.mark_queued():
            raise Refused(f"The learning curve of {str(run).lower()} is under way already.")
        LearningCurve.objects.filter(pk=curve.pk).update(
            max_minutes=max_minutes, points=[], readers=0, labels=0, progress=0, seconds_left=None,
            started_at=None, created_by=user,
        )  # fmt: skip
        record(project=run.project, user=user, action=Action.CURVE_STARTED, target=str(run))
        dispatch(TASK, curve.pk, QUEUE)
    curve.refresh_from_db()
    return curve


def stop_curve(*, curve: LearningCurve, user: Any) -> None:
    """Ask a learning curve to stop; a queued one does at once. The points that it has stay."""
    with transaction.atomic():
        active = LearningCurve.objects.filter(pk=curve.pk)
        if active.active().update(stop_requested=True):
            record(project=curve.project, user=user, action=Action.CURVE_STOPPED, target=str(curve.run))
        active.filter(state=JobState.QUEUED).update(state=JobState.STOPPED)
    curve.refresh_from_db()
