"""Strength reports as people see them: asking for one, stopping it. The work itself is in `strength_work`."""

from typing import Any

from django.db import transaction

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import ACTIVE_STATES, JobState
from labeling.models import Project
from labeling.services.audit import Action, record
from labeling.services.preparations import current_preparation
from training.models import StrengthReport
from training.recognition.architectures import get_architecture
from training.recognition.disturbances import DISTURBANCES
from training.services.datasets import check_labels, freeze_dataset
from training.services.numbers import deleted_numbers, unused_number
from training.services.reading_task import reading_task
from training.services.refusals import refusing
from training.services.runs import QUEUE, check_budget
from training.services.usual_architecture import usual_architecture

TASK = "training.tasks.measure_strength"
# Of training for each reader, where nobody says otherwise.
MINUTES = 3.0
# Numbers of labels that are tried: all, a half, ... a thirty-second.
SIZES = 6
MOST_SIZES = 12


def readers_of(sizes: int) -> int:
    """How many readers a report trains at most: one for each number of labels, and one for each kind of noise."""
    return sizes + len(DISTURBANCES)


def start_report(
    *,
    project: Project,
    user: Any,
    architecture: str | None = None,
    max_minutes: float = MINUTES,
    sizes: int = SIZES,
    seed: int = 0,
    here: bool = False,
) -> StrengthReport:
    """Have a `train` worker measure how strong a project's labelled images are against machines.

    Args:
        architecture: a name; left out, the default for the project's texts and number of labels.
        max_minutes: of training for each reader.
        sizes: numbers of labels; each is half of the next one, up to all of them.
        here: the caller measures it itself, so no message is sent.

    Raises:
        Refused: one is under way, or it cannot work, in words that say what to change.
    """
    check_budget(seed=seed, max_epochs=None, max_minutes=max_minutes)
    if not 2 <= sizes <= MOST_SIZES:
        raise Refused(f"{sizes} numbers of labels do not work: try 2 to {MOST_SIZES}.")
    with refusing():
        task = reading_task(project, current_preparation(project))
        chosen = get_architecture(architecture) if architecture else usual_architecture(project, task)
        chosen.check(task)
    check_labels(project=project, task=task)
    freeze_dataset(project=project)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        reports = StrengthReport.objects.filter(project=project)
        under_way = reports.filter(state__in=ACTIVE_STATES).first()
        if under_way is not None:
            raise Refused(f"{under_way} is under way already: wait for it or stop it, then start another.")
        report = StrengthReport.objects.create(
            project=project,
            number=unused_number(reports, deleted_numbers(project, Action.STRENGTH_DELETED)),
            architecture=chosen.name,
            max_minutes=max_minutes,
            sizes=sizes,
            seed=seed,
            created_by=user,
        )
        report.mark_queued()
        record(project=project, user=user, action=Action.STRENGTH_STARTED, target=str(report))
        if not here:
            dispatch(TASK, report.pk, QUEUE)
    return report


def go_on(*, report: StrengthReport, user: Any) -> None:
    """Put a report that ended early back in the queue; readers that are trained already are not trained again.

    Raises:
        Refused: it is done, or another one of the project is under way.
    """
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=report.project_id)
        report.refresh_from_db()
        if report.state == JobState.DONE:
            raise Refused(f"{report} is done: start another one.")
        others = StrengthReport.objects.filter(project=report.project, state__in=ACTIVE_STATES)
        if others.exists() or not report.mark_queued():
            raise Refused("A strength report of this project is under way already: wait for it or stop it.")
        record(project=report.project, user=user, action=Action.STRENGTH_STARTED, target=str(report))
        dispatch(TASK, report.pk, QUEUE)


def stop_report(*, report: StrengthReport, user: Any) -> None:
    """Ask for a report to stop; a queued one does at once."""
    with transaction.atomic():
        active = StrengthReport.objects.filter(pk=report.pk)
        if active.active().update(stop_requested=True):
            record(project=report.project, user=user, action=Action.STRENGTH_STOPPED, target=str(report))
        active.filter(state=JobState.QUEUED).update(state=JobState.STOPPED)
    report.refresh_from_db()
