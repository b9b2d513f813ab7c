"""Passes of suggestions as people see them: starting, showing, forgetting. The work itself is in `suggesting_work`."""

from typing import Any

from django.db import transaction

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Project
from labeling.services.audit import Action, record
from labeling.services.suggestions import forget_suggestions
from training.models import Model, ModelState, SuggestionPass

TASK = "training.tasks.suggest"
# Not the queue of trainings, which take an hour at a time.
QUEUE = "prepare"


def start_pass(*, model: Model, here: bool = False) -> SuggestionPass:
    """Have a worker read every image that lacks a suggestion of a model; harmless where one is at it already.

    Args:
        here: the caller does the work itself, so no message is sent.
    """
    row, _ = SuggestionPass.objects.get_or_create(model=model, defaults={"project": model.project})
    # First this, so that a pass that ends right now sees it and goes on.
    SuggestionPass.objects.filter(pk=row.pk).update(images_came=True)
    if row.mark_queued() and not here:
        dispatch(TASK, row.pk, QUEUE)
    return row


def start_missing_passes() -> None:
    """Start the passes of production models that never had one, as those promoted by an earlier version."""
    for model in Model.objects.filter(state=ModelState.PRODUCTION, suggestion_pass=None):
        start_pass(model=model)


def suggest(*, project: Project, user: Any, here: bool = False) -> SuggestionPass:
    """Have the images that lack a suggestion of the production model read, because somebody wishes so.

    Args:
        here: as in `start_pass`.

    Raises:
        Refused: there is no production model.
    """
    model = Model.objects.filter(project=project, state=ModelState.PRODUCTION).select_related("run").first()
    if model is None:
        raise Refused(
            f"“{project.name}” has no production model to read with. Train one, or promote one of its models."
        )
    with transaction.atomic():
        record(project=project, user=user, action=Action.SUGGESTIONS_STARTED, target=str(model))
        return start_pass(model=model, here=here)


def present_pass(project: Project) -> SuggestionPass | None:
    """Return how far the production model's suggestions are, with the model: one query."""
    rows = SuggestionPass.objects.filter(project=project, model__state=ModelState.PRODUCTION)
    return rows.select_related("model__run", "project").first()


def forget(*, project: Project, user: Any = None) -> None:
    """Delete a project's suggestions and doubts; a pass that is under way stops."""
    with transaction.atomic():
        record(project=project, user=user, action=Action.SUGGESTIONS_FORGOTTEN)
        project.suggestion_passes.update(state=JobState.STOPPED, claim=None, position=0, done=0, total=0)
        forget_suggestions(project=project)
