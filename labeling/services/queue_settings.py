"""How a project's images are handed out: the order, how many people read each, and how many are checks."""

from typing import Any

from django.db import transaction

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Project, QueueOrder, SettlingPass
from labeling.models.projects import MAX_GOLD_SHARE, MAX_OVERLAP
from labeling.services.audit import Action, record

TASK = "labeling.tasks.run_settling"


def change_queue(
    *, project: Project, user: Any, queue_order: str, overlap: int, gold_share: float
) -> SettlingPass | None:
    """Change how images are handed out.

    With another overlap, a worker settles what was read before by the new rules: where more people are to read, images
    wait for them again; what is an import's label, a review or a correction keeps its text.

    Args:
        overlap: how many people read each image, 1 to 5.
        gold_share: of the images that are handed out, 0 to 0.5.

    Returns:
        The pass that settles the images, where that is needed.

    Raises:
        Refused: one of the values is none of those.
    """
    if queue_order not in QueueOrder.values:
        raise Refused(f"“{queue_order}” is no order. Choose one of {', '.join(QueueOrder.values)}.")
    if not 1 <= overlap <= MAX_OVERLAP:
        raise Refused(f"{overlap} people cannot read each image. Choose 1 to {MAX_OVERLAP}.")
    if not 0 <= gold_share <= MAX_GOLD_SHARE:
        raise Refused(f"Checks can take 0 to {MAX_GOLD_SHARE:.0%} of the images, not {gold_share:.0%}.")
    wanted = {"queue_order": str(queue_order), "overlap": overlap, "gold_share": gold_share}
    with transaction.atomic():
        project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        before = {name: getattr(project, name) for name in wanted}
        if wanted == before:
            return _go_on(project)
        Project.objects.filter(pk=project.pk).update(**wanted)
        changed = {name: [before[name], value] for name, value in wanted.items() if before[name] != value}
        record(project=project, user=user, action=Action.SETTINGS_CHANGED, target="the queue", detail=changed)
        if overlap == before["overlap"]:
            return None
        return _queued(SettlingPass.objects.create(project=project))


def _go_on(project: Project) -> SettlingPass | None:
    """Queue a pass that has failed again: whoever saves the same once more wants it done."""
    row = project.settling_passes.first()
    return _queued(row) if row is not None and row.state == JobState.FAILED else None


def _queued(row: SettlingPass) -> SettlingPass:
    row.mark_queued()
    dispatch(TASK, row.pk)
    return row
