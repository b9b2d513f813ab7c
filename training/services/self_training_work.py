"""The work of a run that learns from unlabelled images, too."""

from typing import Any

from labeling.outages import outlasting
from training.leftovers import run_folder
from training.models import Run
from training.recognition.architectures import Architecture
from training.recognition.data import Samples
from training.recognition.fit import FitResult
from training.recognition.self_training import Round, rounds_history, self_train
from training.recognition.task import ReadingTask
from training.services.run_companions import Companions
from training.services.self_training_images import unlabelled_pictures


def fit_with_unlabelled(
    run: Run,
    task: ReadingTask,
    architecture: Architecture,
    *,
    train: Samples,
    validation: Samples,
    companions: Companions,
) -> FitResult:
    """Train on the labels, then in rounds on what is read surely in the unlabelled images. One that resumes goes on
    with the round that was interrupted; on another machine, with the first one."""
    reporter, folder = companions.reporter, run_folder(run.pk)
    reporter.on_stage("preparing unlabelled images")
    unlabelled = unlabelled_pictures(run, task, architecture)
    reporter.catch_up(rounds_history(folder))
    reporter.on_stage("training")
    watching: dict[str, Any] = companions.watching
    return self_train(
        task=task,
        architecture=architecture,
        hyperparameters=run.hyperparameters,
        model=None,
        labelled=train,
        synthetic=None,
        unlabelled=unlabelled,
        validation=validation,
        folder=folder,
        seed=run.seed,
        max_epochs=run.max_epochs,
        max_minutes=run.max_minutes,
        on_round=lambda told: outlasting(lambda: _tell(companions, told)),
        on_reading=lambda number, done, of: outlasting(
            lambda: reporter.on_stage(f"reading unlabelled, {100 * done // of} %")
        ),
        **watching,
    )


def _tell(companions: Companions, told: Round) -> None:
    companions.reporter.on_round(told)
    if told.accuracy is None:
        # Where the round does not begin, the first training may go on.
        stage = "training" if told.ending else f"training, round {told.number}"
        companions.reporter.on_stage(stage)
