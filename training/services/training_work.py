"""The work of a run, on a `train` worker or in a command: samples, fitting, export, evaluation, promotion."""

import logging
import shutil
from contextlib import ExitStack
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from labeling.heartbeat import Heartbeat
from labeling.jobs import JobState, work_on
from labeling.outages import outlasting
from labeling.services.storage import delete_folder
from training.code_version import code_version
from training.leftovers import run_folder, run_storage
from training.live import announce
from training.models import Model, Run, Split
from training.recognition.architectures import Architecture, get_architecture
from training.recognition.architectures.position_ensemble import PositionEnsemble
from training.recognition.backend import describe_backend
from training.recognition.export import export_reader, keep_family
from training.recognition.fit import FitResult, fit_reader
from training.services.datasets import decoded_split
from training.services.failures import explain_failure
from training.services.family import family_pictures
from training.services.machine import installed_packages, this_machine
from training.services.model_readings import measure_model
from training.services.promoting import promote_if_better
from training.services.reading_task import reading_task
from training.services.refusals import refusing
from training.services.run_listeners import Listeners
from training.services.run_notes import add_note
from training.services.run_records import records_of
from training.services.run_reporter import RunListener, RunReporter
from training.services.run_samples import run_samples
from training.services.run_summaries import summarise_run
from training.services.searches import advance, trial_ended
from training.services.shared_checkpoints import SharedCheckpoints
from training.services.shared_training import SharedEnsemble, forget_parts
from training.services.steady_listener import SteadyListener
from training.services.worker_use import WorkerWatch

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    from training.services.search_study import Trial

CHECKED_IMAGES = 100
PRUNED = "Ended early by its search: at the same point, others before it read more."


def run_training(pk: int, *, listener: RunListener | None = None) -> bool:
    """Train a queued run to its end; do nothing and return False where another worker has it."""
    rows = Run.objects.select_related("project", "preparation", "dataset", "search")
    claimed: list[Run] = []

    def work(run: Run) -> None:
        claimed.append(run)
        _work(run, listener)

    try:
        return work_on(rows, pk, work, _explain)
    finally:
        summarise_run(pk)
        announce(pk)
        for run in claimed:
            trial_ended(run, here=listener is not None)


def _explain(run: Run, error: Exception) -> str:
    return explain_failure(f"{run} failed while {run.stage or 'starting'}", error)


@refusing()
def _work(run: Run, second_listener: RunListener | None) -> None:
    task = reading_task(run.project, run.preparation)
    architecture = get_architecture(run.architecture)
    with (
        Heartbeat(run) as heartbeat,
        SharedCheckpoints(run, heartbeat) as checkpoints,
        WorkerWatch(run),
        ExitStack() as stack,
    ):
        trial = _begin_trial(run, here=second_listener is not None)
        records = stack.enter_context(records_of(run))
        reporter = RunReporter(run, heartbeat, Listeners(second_listener, trial, records))
        reporter.on_stage("preparing images")
        train = run_samples(run, task, architecture, Split.TRAIN)
        validation = run_samples(run, task, architecture, Split.VALIDATION)
        if run.max_minutes is None:
            # With a time budget, how many epochs fit into it shows only on the way.
            run.beat(epochs_planned=run.max_epochs or architecture.epochs(len(train)))
        reporter.on_stage("training")
        _write_down_machine(run, architecture, after_epochs=checkpoints.epochs_done)
        if isinstance(architecture, PositionEnsemble):
            architecture = SharedEnsemble(run, reporter, alone=second_listener is not None)
        # A run that resumes writes its epochs anew from the checkpoint's on.
        result = fit_reader(
            task=task,
            architecture=architecture,
            hyperparameters=run.hyperparameters,
            train=train,
            validation=validation,
            folder=run_folder(run.pk),
            seed=run.seed,
            max_epochs=run.max_epochs,
            max_minutes=run.max_minutes,
            listener=SteadyListener(reporter, checkpoints),
            on_validation=lambda validated: outlasting(lambda: reporter.on_validation(validated)),
        )
        if trial is not None and trial.is_pruned:
            add_note(run, PRUNED)
            run.finish(JobState.STOPPED, stage="", is_pruned=True)
            shutil.rmtree(run_folder(run.pk), ignore_errors=True)
            forget_parts(run)
            return
        if result.best is None:
            run.finish(
                JobState.STOPPED,
                stage="",
                error="Stopped before there was anything to keep: there is no model yet.",
            )
            return
        reporter.on_stage("exporting")
        model = _keep_model(run, result)
        reporter.on_stage("evaluating")
        model.metrics = measure_model(model=model)
        model.save(update_fields=["metrics"])
        if trial is None:
            # The best of many trials is partly the luckiest; people choose it, or train with its hyper-parameters anew.
            promote_if_better(model=model)
        stopped = result.ending == "stopped"
        run.finish(
            JobState.STOPPED if stopped else JobState.DONE,
            stage="",
            progress=run.progress if stopped else 1.0,
            **({} if trial is None else _trial_result(model)),
        )
    if not stopped:
        shutil.rmtree(run_folder(run.pk), ignore_errors=True)
        forget_parts(run)
        delete_folder(default_storage, run_storage(run))


def _write_down_machine(run: Run, architecture: Architecture, *, after_epochs: int) -> None:
    """Say what trains from here on. Another attempt on the same machine is the same machine."""
    machine = this_machine() | (describe_backend() if architecture.learns_in_steps else {})
    if after_epochs:
        logger.info("%s goes on after epoch %s", run, after_epochs)
    if not run.machines or run.machines[-1] | {"after_epochs": 0} != machine | {"after_epochs": 0}:
        run.beat(
            machines=[*run.machines, machine | {"after_epochs": after_epochs}],
            packages=installed_packages(),
            code_version=code_version(),
        )


def _begin_trial(run: Run, *, here: bool) -> "Trial | None":
    """Choose a trial's hyper-parameters, and let the next worker begin the next one; None for other runs."""
    if run.search_id is None:
        return None
    # Optuna is imported by those who search, only.
    from training.services.search_study import begin_trial

    trial = begin_trial(run)
    advance(run.search_id, here=here)
    return trial


def _trial_result(model: Model) -> dict[str, Any]:
    return {"trial_value": model.metrics[Split.VALIDATION]["whole_string_accuracy"], "is_pruned": False}


def _keep_model(run: Run, result: FitResult) -> Model:
    """Export the trained model and store its files."""
    folder = run_folder(run.pk)
    splits = (Split.VALIDATION, Split.TEST, Split.TRAIN)
    images = chain.from_iterable(decoded_split(run.dataset, split) for split in splits)
    check = [pixels for pixels, _ in islice(images, CHECKED_IMAGES)]
    keras_path, onnx_path = result.model.save(folder), folder / "model.onnx"
    export_reader(result.model, onnx_path, check)
    keep_family(onnx_path, family_pictures(run.dataset))
    with transaction.atomic():
        model, _ = Model.objects.get_or_create(
            run=run,
            defaults={
                "project": run.project,
                "parameter_count": result.model.parameter_count,
            },
        )
        for field, path in (
            (model.keras_file, keras_path),
            (model.onnx_file, onnx_path),
        ):
            if path is not None:
                with path.open("rb") as file:
                    field.save(path.name, File(file), save=False)
        model.save()
    return model
