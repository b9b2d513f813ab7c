"""Searches as people see them: starting, stopping, training the best anew; and which trial comes next.

A search has one queued trial at a time, besides those that workers are at: whoever begins a trial queues the next one,
so every free worker finds one, and runs of other people wait behind a single trial instead of all of them.
"""

import math
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Min, QuerySet
from django.utils import timezone

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import ACTIVE_STATES, JobState
from labeling.models import Project
from labeling.services.audit import Action, record
from labeling.services.preparations import current_preparation
from training.code_version import code_version
from training.models import Pruner, Run, Search
from training.recognition.architectures import (
    Architecture,
    InvalidHyperparameters,
    get_architecture,
)
from training.recognition.search_space import Range, checked_range, usual_space
from training.services.datasets import check_labels, freeze_dataset
from training.services.machine import installed_packages
from training.services.numbers import deleted_numbers, unused_number
from training.services.reading_task import reading_task
from training.services.refusals import refusing
from training.services.runs import (
    MOST_MINUTES,
    QUEUE,
    TASK,
    check_budget,
    create_run,
    next_number,
    stop_run,
)
from training.services.usual_architecture import usual_architecture

WEIGH_TASK = "training.tasks.weigh_parameters"
FORGET_TASK = "training.tasks.forget_study"
USUAL_TRIALS = 20
MOST_TRIALS = 1000
USUAL_MINUTES = 3.0
# So many trials that all failed say that the rest would, too.
FAILURES_ENOUGH = 3


def create_search(
    *,
    project: Project,
    user: Any,
    architecture: str | None = None,
    space: Mapping[str, tuple[object, object]] | None = None,
    fixed: Mapping[str, Any] | None = None,
    seed: int = 0,
    trials: int = USUAL_TRIALS,
    max_minutes: float = USUAL_MINUTES,
    budget_minutes: float | None = None,
    pruner: str = Pruner.MEDIAN,
    here: bool = False,
) -> Search:
    """Freeze the dataset, write down what to search, and queue the first trial.

    Args:
        architecture: a name; left out, the default for the project's texts and number of labels.
        space: lowest and highest value by hyper-parameter; left out, what usually matters.
        fixed: hyper-parameters that differ from the defaults in all trials.
        max_minutes: of training, for each trial.
        budget_minutes: of all trials together; none begins after that.
        here: the caller trains the trials itself, so no message is sent.

    Raises:
        Refused: something about the wish cannot work, in words that say what to change.
    """
    preparation = current_preparation(project)
    with refusing():
        task = reading_task(project, preparation)
        chosen = get_architecture(architecture) if architecture else usual_architecture(project, task)
        chosen.check(task)
        chosen.parse(fixed)
        ranges = usual_space(chosen) if space is None else _ranges(chosen, space)
        constants = _parsed(chosen, fixed or {})
    _check_wish(ranges, constants, trials=trials, budget_minutes=budget_minutes, pruner=pruner)
    check_budget(seed=seed, max_epochs=None, max_minutes=max_minutes)
    check_labels(project=project, task=task)
    dataset = freeze_dataset(project=project)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        search = Search.objects.create(
            project=project,
            number=unused_number(project.searches.all(), deleted_numbers(project, Action.SEARCH_DELETED)),
            dataset=dataset,
            preparation=preparation,
            architecture=chosen.name,
            space={name: one.to_json() for name, one in ranges.items()},
            fixed=constants,
            seed=seed,
            pruner=pruner,
            trials_planned=trials,
            max_minutes=max_minutes,
            budget_minutes=budget_minutes,
            created_by=user,
        )
        record(project=project, user=user, action=Action.SEARCH_STARTED, target=str(search))
        advance(search.pk, here=here)
    return search


def _ranges(architecture: Architecture, space: Mapping[str, tuple[object, object]]) -> dict[str, Range]:
    fields = {one.name: one for one in architecture.fields()}
    unknown = sorted(set(space) - set(fields))
    if unknown:
        raise InvalidHyperparameters(
            f"{architecture.name} has no hyper-parameter {unknown[0]!r}; it has {', '.join(fields)}."
        )
    return {name: checked_range(fields[name], low, high) for name, (low, high) in space.items()}


def _parsed(architecture: Architecture, values: Mapping[str, Any]) -> dict[str, Any]:
    parsed = architecture.parse(values)
    return {name: getattr(parsed, name) for name in values}


def _check_wish(
    ranges: Mapping[str, Range],
    constants: Mapping[str, Any],
    *,
    trials: int,
    budget_minutes: float | None,
    pruner: str,
) -> None:
    if not ranges:
        raise Refused("There is nothing to search: choose at least one hyper-parameter with a range.")
    both = sorted(set(ranges) & set(constants))
    if both:
        raise Refused(f"{both[0]} cannot be searched and have one value at once: leave one of the two out.")
    if not 2 <= trials <= MOST_TRIALS:
        raise Refused(f"{trials} trials do not work: a search takes 2 to {MOST_TRIALS}.")
    if pruner not in Pruner.values:
        raise Refused(f"There is no pruner {pruner!r}: choose one of {', '.join(Pruner.values)}.")
    if budget_minutes is not None and not (
        math.isfinite(budget_minutes) and 0 < budget_minutes <= MOST_TRIALS * MOST_MINUTES
    ):
        raise Refused(f"{budget_minutes:g} minutes for all trials do not work: give more than zero.")


def advance(search_pk: int, *, here: bool = False) -> None:
    """Queue the next trial of a search where none is, or close it where all are done. Any number may call this at once.

    Args:
        here: as in `create_search`.
    """
    with transaction.atomic():
        search = Search.objects.select_for_update(of=("self",)).select_related("project").get(pk=search_pk)
        if not search.is_active or search.trials.filter(state=JobState.QUEUED).exists():
            return
        problem = _problem(search)
        if problem:
            _close(search, JobState.FAILED, problem)
        elif _goes_on(search):
            run = _add_trial(search)
            if not here:
                # One more than needed: Celery reserves the first for the very worker that has just begun a trial.
                for _ in range(2):
                    dispatch(TASK, run.pk, QUEUE)
        elif not search.trials.filter(state=JobState.RUNNING).exists():
            _close(search, JobState.DONE)


def advance_all() -> None:
    """Move on every search that somebody may have left standing, such as a worker that was killed."""
    for pk in Search.objects.filter(state=JobState.RUNNING).values_list("pk", flat=True):
        advance(pk)


def trial_ended(run: Run, *, here: bool = False) -> None:
    """Have a search go on behind a trial that has ended; does nothing about other runs."""
    if run.search_id is not None and not run.is_active:
        advance(run.search_id, here=here)
        if not here:
            dispatch(WEIGH_TASK, run.search_id)


def stop_search(*, search: Search, user: Any = None) -> None:
    """End a search: no further trial begins, and those under way stop, keeping their best checkpoints."""
    with transaction.atomic():
        stopped = Search.objects.filter(pk=search.pk, state=JobState.RUNNING).update(
            state=JobState.STOPPED, finished_at=timezone.now()
        )
        if not stopped:
            return
        record(project=search.project, user=user, action=Action.SEARCH_STOPPED, target=str(search))
        for run in search.trials.filter(state__in=ACTIVE_STATES).select_related("project"):
            stop_run(run=run, user=user)
    search.refresh_from_db()


def best_trial(search: Search) -> Run | None:
    """Return the finished trial whose model reads most validation texts right; of equal ones the surer one."""
    return ranked_trials(search).first()


def ranked_trials(search: Search) -> QuerySet[Run]:
    """Return the finished trials, best first."""
    done = search.trials.filter(state=JobState.DONE, trial_value__isnull=False)
    surest = done.annotate(loss=Min("history__validation_loss"))
    ranked: QuerySet[Run] = surest.order_by("-trial_value", F("loss").asc(nulls_last=True), "trial")
    return ranked


def train_best(*, search: Search, user: Any, max_minutes: float | None = None) -> Run:
    """Train anew with the best trial's hyper-parameters, on the labels of today and for as long as a run takes.

    Args:
        max_minutes: left out, the architecture's own number of epochs decides.

    Raises:
        Refused: no trial is done, or the run cannot start.
    """
    best = best_trial(search)
    if best is None:
        raise Refused(
            f"{search} has no finished trial yet: wait for the first one, then train with the best."
        )
    return create_run(
        project=search.project,
        user=user,
        architecture=search.architecture,
        hyperparameters=best.hyperparameters,
        seed=search.seed,
        max_minutes=max_minutes,
    )


def spent_minutes(search: Search) -> float:
    """Return the minutes that workers have given to a search's trials until now."""
    return sum(run.seconds or 0.0 for run in search.trials.all()) / 60


def _goes_on(search: Search) -> bool:
    if search.trials.count() >= search.trials_planned:
        return False
    return search.budget_minutes is None or spent_minutes(search) < search.budget_minutes


def _problem(search: Search) -> str:
    """Why a search makes no sense any more; empty where it does."""
    ended = search.trials.exclude(state__in=ACTIVE_STATES)
    failed = list(ended.filter(state=JobState.FAILED).order_by("-trial"))
    if len(failed) < FAILURES_ENOUGH or len(failed) < ended.count():
        return ""
    return f"All of the first {len(failed)} trials failed, the last one with: {failed[0].error}"


def _add_trial(search: Search) -> Run:
    project = Project.objects.select_for_update().get(pk=search.project_id)
    run = Run.objects.create(
        project=project,
        number=next_number(project),
        dataset_id=search.dataset_id,
        preparation_id=search.preparation_id,
        architecture=search.architecture,
        # Those that are searched are chosen when a worker begins the trial: by then more is known.
        hyperparameters=search.fixed,
        seed=search.seed,
        max_minutes=search.max_minutes,
        code_version=code_version(),
        packages=installed_packages(),
        created_by_id=search.created_by_id,
        search=search,
        trial=(search.trials.aggregate(last=Max("trial"))["last"] or 0) + 1,
    )
    run.mark_queued()
    return run


def _close(search: Search, state: JobState, error: str = "") -> None:
    Search.objects.filter(pk=search.pk, state=JobState.RUNNING).update(
        state=state, error=error, finished_at=timezone.now()
    )
