"""Runs as people see them: starting, stopping, resuming, repeating. The training itself is in `training_work`."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import ACTIVE_STATES, JobState
from labeling.models import Project
from labeling.services.audit import Action, record
from labeling.services.preparations import current_preparation
from training.code_version import code_version
from training.live import announce
from training.models import LabelFree, Run, Teaching
from training.recognition.architectures import default_architecture, get_architecture
from training.services.datasets import MIN_IMAGES, check_labels, freeze_dataset
from training.services.machine import installed_packages
from training.services.numbers import deleted_numbers, details_of, unused_number
from training.services.reading_task import reading_task
from training.services.refusals import refusing
from training.services.self_training import wants_self_training
from training.services.self_training_images import newest_image
from training.services.usual_architecture import usual_architecture

MOST_MINUTES = 7 * 24 * 60
MOST_EPOCHS = 100_000
LARGEST_SEED = 2**31 - 1
TASK = "training.tasks.run_training"
PARTS_TASK = "training.tasks.train_parts"
QUEUE = "train"


def create_run(
    *,
    project: Project,
    user: Any,
    teaching: Teaching = Teaching.LABELS,
    architecture: str | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
    seed: int = 0,
    max_epochs: int | None = None,
    max_minutes: float | None = None,
    self_training: bool | None = None,
    copy_of: Run | None = None,
    same_inputs: bool = False,
    here: bool = False,
    action: Action = Action.RUN_STARTED,
    confirm: Callable[[Run], None] | None = None,
) -> Run:
    """Freeze the dataset, write down everything the run depends on, and queue it.

    Args:
        teaching: without labels, it takes the labels that there are only to be measured by, even none.
        architecture: a name; left out, the default for the project's texts and number of labels.
        hyperparameters: those that differ from the architecture's defaults.
        max_minutes: time for training itself; the learning rate's schedule fits itself into it.
        self_training: learn from unlabelled images, too; left out, where that is proposed.
        copy_of: the run that this one repeats or varies.
        same_inputs: take that run's dataset and preparation rather than the labels and the preparation of now.
        here: the caller trains itself, so no message is sent.
        action: what the audit trail calls it.
        confirm: called with the new run while nobody else can start one in the project; what it raises undoes the run.

    Raises:
        Refused: something about the wish cannot work, in words that say what to change.
    """
    repeated = copy_of if same_inputs else None
    preparation = repeated.preparation if repeated else current_preparation(project)
    with refusing():
        task = reading_task(project, preparation)
        if architecture:
            chosen = get_architecture(architecture)
        elif teaching == Teaching.NO_LABELS:
            # There are as many drawn images as it takes.
            chosen = default_architecture(task)
        else:
            chosen = usual_architecture(project, task)
        chosen.check(task)
        parsed = chosen.parse(hyperparameters)
    check_budget(seed=seed, max_epochs=max_epochs, max_minutes=max_minutes)
    unlabelled_until = None
    if repeated is not None and repeated.self_training and self_training:
        unlabelled_until = repeated.unlabelled_until
    elif wants_self_training(project, chosen, self_training):
        unlabelled_until = newest_image(project)
    if repeated is None:
        check_labels(project=project, task=task)
        least = 0 if teaching == Teaching.NO_LABELS else MIN_IMAGES
        dataset = freeze_dataset(project=project, least=least)
    else:
        check_inputs(repeated)
        dataset = repeated.dataset
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        run = Run.objects.create(
            project=project,
            number=next_number(project),
            teaching=repeated.teaching if repeated else teaching,
            dataset=dataset,
            preparation=preparation,
            architecture=chosen.name,
            hyperparameters={name: getattr(parsed, name) for name in hyperparameters or {}},
            seed=seed,
            max_epochs=max_epochs,
            max_minutes=max_minutes,
            self_training=unlabelled_until is not None,
            unlabelled_until=unlabelled_until,
            code_version=code_version(),
            packages=installed_packages(),
            copied_from=copy_of,
            created_by=user,
        )
        run.mark_queued()
        detail = {"copy_of": str(copy_of)} if copy_of else {}
        record(project=project, user=user, action=action, target=str(run), detail=detail)
        if repeated is not None and repeated.needs_no_labels:
            _repeat_label_free(repeated.label_free, run)
        if confirm is not None:
            confirm(run)
    if not here:
        dispatch(TASK, run.pk, QUEUE)
    return run


def _repeat_label_free(row: LabelFree, run: Run) -> None:
    """Tell a run without labels what another one was told; a style that was fitted is fitted again."""
    style = row.style if row.is_adjusted else None
    LabelFree.objects.create(run=run, options=row.options, style=style, is_adjusted=row.is_adjusted)


def check_budget(*, seed: int, max_epochs: int | None, max_minutes: float | None) -> None:
    """Look whether a training can begin and end.

    Raises:
        Refused: a number is out of range.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise Refused(f"The seed {seed} does not work: it goes from 0 to {LARGEST_SEED}.")
    if max_epochs is not None and not 1 <= max_epochs <= MOST_EPOCHS:
        raise Refused(f"{max_epochs} epochs do not work: a run takes 1 to {MOST_EPOCHS}.")
    if max_minutes is not None and not (math.isfinite(max_minutes) and 0 < max_minutes <= MOST_MINUTES):
        raise Refused(
            f"{max_minutes:g} minutes do not work: give more than zero and at most {MOST_MINUTES}, which is a week."
        )


def stop_run(*, run: Run, user: Any = None) -> None:
    """Ask a run to stop. A running one ends after its batch, keeping its best checkpoint; a queued one at once."""
    with transaction.atomic():
        if Run.objects.filter(pk=run.pk, state__in=ACTIVE_STATES).update(stop_requested=True):
            record(project=run.project, user=user, action=Action.RUN_STOPPED, target=str(run))
        Run.objects.filter(pk=run.pk, state=JobState.QUEUED).update(state=JobState.STOPPED)
    run.refresh_from_db()
    announce(run.pk)


def resume_run(*, run: Run, user: Any = None) -> None:
    """Queue a stopped or failed run again; it goes on from its last checkpoint.

    Raises:
        Refused: the run is under way, or finished.
    """
    with transaction.atomic():
        if run.state not in (JobState.STOPPED, JobState.FAILED) or not run.mark_queued():
            raise Refused(
                f"{run} is {run.get_state_display().lower()}: only a stopped or failed run can be resumed."
            )
        record(project=run.project, user=user, action=Action.RUN_RESUMED, target=str(run))
        dispatch(TASK, run.pk, QUEUE)
    announce(run.pk)


def retry_run(*, run: Run, user: Any = None) -> Run:
    """Queue a new run with all that a failed one was given: the same images, preparation, settings and seed.

    Raises:
        Refused: the run has not failed, or its dataset is not whole any more.
    """
    if run.state != JobState.FAILED:
        raise Refused(
            f"{run} is {run.get_state_display().lower()}: only a failed run can be tried again. "
            "Clone it to train once more."
        )
    return create_run(
        project=run.project,
        user=user,
        copy_of=run,
        same_inputs=True,
        action=Action.RUN_RETRIED,
        **settings_of(run),
    )


def settings_of(run: Run) -> dict[str, Any]:
    """Return what a run was told, as arguments of `create_run`."""
    return {
        "architecture": run.architecture,
        "hyperparameters": dict(run.hyperparameters),
        "seed": run.seed,
        "max_epochs": run.max_epochs,
        "max_minutes": run.max_minutes,
        "self_training": run.self_training,
    }


def check_inputs(run: Run) -> None:
    """Look whether a run's dataset still has all of its images.

    Raises:
        Refused: some were deleted since.
    """
    lost = run.dataset.item_count - run.dataset.items.count()
    if lost:
        raise Refused(
            f"{run.dataset} has lost {lost} of its {run.dataset.item_count} images, which were deleted since. "
            f"Clone {run} with the images as they are now."
        )


def line() -> list[int]:
    """Return the ids of all queued runs, of whatever project: first come, first trained."""
    rows = Run.objects.filter(state=JobState.QUEUED).order_by("queued_at", "pk")
    return list(rows.values_list("pk", flat=True))


def first_in_line() -> int | None:
    """Return the id of the run that the next free worker takes."""
    return next(iter(line()), None)


def next_number(project: Project) -> int:
    """Return a number that no run of the project has or had."""
    # A search goes with the runs that were its trials.
    trials = [number for detail in details_of(project, Action.SEARCH_DELETED) for number in detail["runs"]]
    return unused_number(project.runs.all(), [*deleted_numbers(project, Action.RUN_DELETED), *trials])
