"""The automatic loop: after every so many new annotations train; what reads better is promoted as after any run."""

import logging
from typing import Any

from django.db import transaction

from labeling.errors import Refused
from labeling.jobs import ACTIVE_STATES
from labeling.models import Annotation, Project
from labeling.services.audit import Action, record
from training.models import AutomaticLoop, Run
from training.services.runs import check_budget, create_run

logger = logging.getLogger(__name__)

FEWEST_ANNOTATIONS = 10
MOST_ANNOTATIONS = 1_000_000


class _NotDue(Exception):
    """Another worker was quicker, or something changed meanwhile."""


def loop_of(project: Project) -> AutomaticLoop:
    """Return a project's loop; where it never had one, an unsaved one that is off."""
    loop = (
        AutomaticLoop.objects.filter(project=project).select_related("project", "last_run__project").first()
    )
    return loop or AutomaticLoop(project=project)


def switch_loop(
    *,
    project: Project,
    user: Any,
    is_on: bool,
    every: int | None = None,
    max_minutes: float | None = None,
) -> AutomaticLoop:
    """Switch a project's loop on or off. Switched on, it counts the annotations that are made from now on.

    Args:
        every: after so many new annotations it trains; None leaves it as it is.
        max_minutes: as for a run; None leaves it as it is.

    Raises:
        Refused: a number is out of range.
    """
    if every is not None and not FEWEST_ANNOTATIONS <= every <= MOST_ANNOTATIONS:
        raise Refused(
            f"Training after every {every} annotations does not work: "
            f"choose from {FEWEST_ANNOTATIONS} to {MOST_ANNOTATIONS:,}."
        )
    check_budget(seed=0, max_epochs=None, max_minutes=max_minutes)
    with transaction.atomic():
        AutomaticLoop.objects.get_or_create(project=project)
        loop = AutomaticLoop.objects.select_for_update().get(project=project)
        if is_on and not loop.is_on:
            loop.last_annotation, loop.problem = _newest_annotation(), ""
        loop.is_on = is_on
        loop.every = every or loop.every
        loop.max_minutes = max_minutes or loop.max_minutes
        loop.save()
        detail = {"on": loop.is_on, "every": loop.every, "max_minutes": loop.max_minutes}
        record(project=project, user=user, action=Action.LOOP_SWITCHED, detail=detail)
    return loop


def new_annotations(loop: AutomaticLoop) -> int:
    """Count what people (and imports) annotated since the last run was queued, up to what the next run waits for."""
    fresh = Annotation.objects.filter(
        pk__gt=loop.last_annotation, image__project=loop.project_id, withdrawn_at=None, is_check=False
    )
    return fresh.order_by()[: loop.every].count()


def start_due_runs() -> None:
    """Queue a run in every project whose loop is due. Any number of workers may call this at once."""
    loops = AutomaticLoop.objects.filter(is_on=True).select_related("project")
    for loop in loops.exclude(project__runs__state__in=ACTIVE_STATES):
        if new_annotations(loop) >= loop.every:
            _start_run(loop)


def _start_run(loop: AutomaticLoop) -> None:
    # As it was counted: whoever changed it meanwhile has started the run, or switched the loop.
    unchanged = AutomaticLoop.objects.filter(pk=loop.pk, is_on=True, last_annotation=loop.last_annotation)
    newest = _newest_annotation()

    def take_turn(run: Run) -> None:
        is_busy = Run.objects.filter(project=run.project, state__in=ACTIVE_STATES).exclude(pk=run.pk).exists()
        if is_busy or not unchanged.update(last_annotation=newest, last_run=run, problem=""):
            raise _NotDue

    try:
        run = create_run(project=loop.project, user=None, max_minutes=loop.max_minutes, confirm=take_turn)
    except _NotDue:
        logger.info("%s: another run is under way", loop)
    except Refused as refusal:
        logger.warning("%s could not start a run: %s", loop, refusal)
        unchanged.update(last_annotation=newest, problem=str(refusal))
    else:
        logger.info("%s queued %s", loop, run)


def _newest_annotation() -> int:
    """The newest of all annotations, of any project: an id to count behind."""
    newest = Annotation.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0
