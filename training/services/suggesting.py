"""Passes of suggestions as people see them: starting, showing, forgetting. The work itself is in `suggesting_work`."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Preparation, Project
from labeling.services.audit import Action, record
from labeling.services.preparations import current_preparation
from labeling.services.suggestions import forget_suggestions, forget_suggestions_of
from training.models import STARTER_NUMBER, Model, ModelState, StarterSwitch, SuggestionPass
from training.recognition.starter import fingerprint, unreadable_words

TASK = "training.tasks.suggest"
# Not the queue of trainings, which take an hour at a time.
QUEUE = "prepare"

SWITCHED_OFF = "The starter is switched off in this project's settings."


def start_pass(*, model: Model, here: bool = False) -> SuggestionPass:
    """Have a worker read every image that lacks a suggestion of a model; harmless where one is at it already.

    The starter has done its part then: a pass of its ends, and its suggestions stay until the model replaces them.

    Args:
        here: the caller does the work itself, so no message is sent.
    """
    SuggestionPass.objects.filter(project=model.project_id, model=None).delete()
    row, _ = SuggestionPass.objects.get_or_create(model=model, defaults={"project": model.project})
    return _start(row, here=here)


def start_starter_pass(*, project: Project, here: bool = False) -> SuggestionPass:
    """Have a worker read every image that lacks a suggestion with the starter; those that it read through another
    preparation, or another starter read, are read anew.

    Args:
        here: as in `start_pass`.
    """
    preparation, starter = current_preparation(project), fingerprint()
    reads = {"preparation": preparation, "starter": starter}
    with transaction.atomic():
        SuggestionPass.objects.get_or_create(project=project, model=None, defaults=reads)
        row = SuggestionPass.objects.select_for_update().get(project=project, model=None)
        if (row.preparation_id, row.starter) != (preparation.pk, starter):
            forget_suggestions_of(project=project, model_number=STARTER_NUMBER)
            # Without its claim, a worker that is at it writes nothing any more.
            _stop(SuggestionPass.objects.filter(pk=row.pk), **reads)
    return _start(row, here=here)


def _start(row: SuggestionPass, *, here: bool) -> SuggestionPass:
    # First this, so that a pass that ends right now sees it and goes on.
    SuggestionPass.objects.filter(pk=row.pk).update(images_came=True)
    if row.mark_queued() and not here:
        dispatch(TASK, row.pk, QUEUE)
    return row


def _stop(rows: Any, **changes: Any) -> None:
    rows.update(state=JobState.STOPPED, claim=None, position=0, done=0, total=0, **changes)


def read_ahead(*, project: Project, here: bool = False) -> SuggestionPass | None:
    """Have the images that lack a suggestion read by whoever reads for a project: its production model or else the
    starter. None where that cannot or should not (see `starter_problem`)."""
    model = _production_model(project)
    if model is not None:
        return start_pass(model=model, here=here)
    return None if starter_problem(project) else start_starter_pass(project=project, here=here)


def start_missing_passes() -> None:
    """Start the passes of production models that never had one, as those promoted by an earlier version, and those of
    the starter where it has not read yet, or not through the present preparation."""
    for model in Model.objects.filter(state=ModelState.PRODUCTION, suggestion_pass=None):
        start_pass(model=model)
    for project in _projects_for_the_starter():
        if not starter_problem(project):
            start_starter_pass(project=project)


def _projects_for_the_starter() -> Any:
    """Projects without a model in whose images nobody has read, or not with the present starter and preparation."""
    own = {"project": OuterRef("pk")}
    preparation = Preparation.objects.filter(**own).order_by("-version").values("pk")[:1]
    read = SuggestionPass.objects.filter(
        **own, model=None, starter=fingerprint(), preparation=OuterRef("preparation")
    )
    return (
        Project.objects.annotate(preparation=Subquery(preparation))
        .filter(Q(starter_switch=None) | Q(starter_switch__is_on=True))
        .exclude(Exists(Model.objects.filter(**own, state=ModelState.PRODUCTION)))
        .exclude(Exists(read))
        .filter(Q(counts__unlabelled__gt=0) | Q(counts__disputed__gt=0))
        .select_related("starter_switch")
    )


def suggest(*, project: Project, user: Any, here: bool = False) -> SuggestionPass:
    """Have the images that lack a suggestion read, because somebody wishes so: by the production model or else the
    starter.

    Args:
        here: as in `start_pass`.

    Raises:
        Refused: there is no production model, and the starter cannot or should not read.
    """
    model = _production_model(project)
    problem = "" if model else starter_problem(project)
    if problem:
        raise Refused(
            f"“{project.name}” has no production model to read with. {problem} "
            "Train a model, or promote one of its models."
        )
    with transaction.atomic():
        record(
            project=project,
            user=user,
            action=Action.SUGGESTIONS_STARTED,
            target=str(model or "the starter"),
        )
        if model is not None:
            return start_pass(model=model, here=here)
        return start_starter_pass(project=project, here=here)


def present_pass(project: Project) -> SuggestionPass | None:
    """Return how far the suggestions of whoever reads for a project are, with the model: one query."""
    rows = SuggestionPass.objects.filter(project=project)
    readers = rows.filter(Q(model__state=ModelState.PRODUCTION) | Q(model=None))
    return (
        readers.select_related("model__run", "project__starter_switch")
        .order_by(F("model").desc(nulls_last=True))
        .first()
    )


def starter_is_on(project: Project) -> bool:
    """Whether the starter may read a project's images while it has no model of its own."""
    switch = getattr(project, "starter_switch", None)
    return switch is None or switch.is_on


def starter_problem(project: Project) -> str:
    """Why the starter does not read a project's images, in a sentence; empty where it does."""
    if not starter_is_on(project):
        return SWITCHED_OFF
    return unreadable_words(project.alphabet, case_sensitive=project.case_sensitive)


def switch_starter(*, project: Project, user: Any, is_on: bool) -> StarterSwitch:
    """Let the starter read a project's images until it has a model of its own, or not: then what it suggested goes."""
    with transaction.atomic():
        switch, _ = StarterSwitch.objects.update_or_create(project=project, defaults={"is_on": is_on})
        project.starter_switch = switch
        record(project=project, user=user, action=Action.STARTER_SWITCHED, detail={"on": is_on})
        if not is_on:
            SuggestionPass.objects.filter(project=project, model=None).delete()
            forget_suggestions_of(project=project, model_number=STARTER_NUMBER)
        elif _production_model(project) is None:
            read_ahead(project=project)
    return switch


def forget(*, project: Project, user: Any = None) -> None:
    """Delete a project's suggestions and doubts; a pass that is under way stops."""
    with transaction.atomic():
        record(project=project, user=user, action=Action.SUGGESTIONS_FORGOTTEN)
        _stop(project.suggestion_passes)
        forget_suggestions(project=project)


def _production_model(project: Project) -> Model | None:
    return Model.objects.filter(project=project, state=ModelState.PRODUCTION).select_related("run").first()
