"""Runs as people see them: starting, stopping, resuming. The training itself is in `training_work`."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.db import transaction
from django.db.models import Max

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import ACTIVE_STATES, JobState
from labeling.models import Project
from labeling.services.preparations import current_preparation
from training.code_version import code_version
from training.live import announce
from training.models import Run
from training.recognition.architectures import (
    InvalidHyperparameters,
    UnknownArchitecture,
    default_architecture,
    get_architecture,
)
from training.recognition.task import InvalidTask
from training.services.datasets import freeze_dataset
from training.services.reading_task import reading_task

TASK = "training.tasks.run_training"
QUEUE = "train"
_PACKAGES = (
    "tensorflow-cpu",
    "tensorflow",
    "keras",
    "numpy",
    "opencv-python-headless",
    "onnxruntime",
)


def create_run(
    *,
    project: Project,
    user: Any,
    architecture: str | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
    seed: int = 0,
    max_epochs: int | None = None,
    max_minutes: float | None = None,
    here: bool = False,
) -> Run:
    """Freeze the dataset, write down everything the run depends on, and queue it.

    Args:
        architecture: a name; left out, the default for the project's texts.
        hyperparameters: those that differ from the architecture's defaults.
        max_minutes: time for training itself; the learning rate's schedule fits itself into it.
        here: the caller trains itself, so no message is sent.

    Raises:
        Refused: something about the wish cannot work, in words that say what to change.
    """
    preparation = current_preparation(project)
    try:
        task = reading_task(project, preparation)
        chosen = get_architecture(architecture) if architecture else default_architecture(task)
        chosen.check(task)
        chosen.parse(hyperparameters)
    except (UnknownArchitecture, InvalidHyperparameters, InvalidTask) as error:
        raise Refused(str(error)) from None
    if max_minutes is not None and max_minutes <= 0:
        raise Refused("The minutes to train for must be more than zero.")
    if max_epochs is not None and max_epochs < 1:
        raise Refused("A run needs at least one epoch.")
    dataset = freeze_dataset(project=project)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        run = Run.objects.create(
            project=project,
            number=(project.runs.aggregate(last=Max("number"))["last"] or 0) + 1,
            dataset=dataset,
            preparation=preparation,
            architecture=chosen.name,
            hyperparameters=dict(hyperparameters or {}),
            seed=seed,
            max_epochs=max_epochs,
            max_minutes=max_minutes,
            code_version=code_version(),
            packages=_installed(),
            created_by=user,
        )
        run.mark_queued()
    if not here:
        dispatch(TASK, run.pk, QUEUE)
    return run


def stop_run(*, run: Run) -> None:
    """Ask a run to stop. A running one ends after its batch, keeping its best checkpoint; a queued one at once."""
    Run.objects.filter(pk=run.pk, state__in=ACTIVE_STATES).update(stop_requested=True)
    Run.objects.filter(pk=run.pk, state=JobState.QUEUED).update(state=JobState.STOPPED)
    run.refresh_from_db()
    announce(run.pk)


def resume_run(*, run: Run) -> None:
    """Queue a stopped or failed run again; it goes on from its last checkpoint.

    Raises:
        Refused: the run is under way, or finished.
    """
    if run.state not in (JobState.STOPPED, JobState.FAILED) or not run.mark_queued():
        raise Refused(
            f"{run} is {run.get_state_display().lower()}: only a stopped or failed run can be resumed."
        )
    dispatch(TASK, run.pk, QUEUE)
    announce(run.pk)


def _installed() -> dict[str, str]:
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return packages
