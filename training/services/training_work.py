"""The work of a run, on a `train` worker or in a command: samples, fitting, export, evaluation, promotion."""

import logging
import shutil
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from labeling.imaging.arrays import Pixels
from labeling.jobs import JobState, work_on
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
from training.recognition.starter import begun_with
from training.services.datasets import decoded_split
from training.services.failures import explain_failure
from training.services.family import family_pictures
from training.services.label_free_work import choose_asked, train_label_free
from training.services.machine import installed_packages, this_machine
from training.services.model_readings import measure_model
from training.services.promoting import promote_if_better
from training.services.reading_task import reading_task
from training.services.refusals import refusing
from training.services.run_companions import Companions, companions_of
from training.services.run_notes import add_note
from training.services.run_reporter import RunListener
from training.services.run_samples import run_samples
from training.services.run_summaries import summarise_run
from training.services.searches import trial_ended
from training.services.self_training_work import fit_with_unlabelled
from training.services.shared_training import SharedEnsemble, forget_parts
from training.services.unlabelled import decoded_images, learnt_images, unlabelled_family

logger = logging.getLogger(__name__)

CHECKED_IMAGES = 100
NOTHING_TO_KEEP = "Stopped before there was anything to keep: there is no model yet."
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
    with companions_of(run, second_listener) as companions:
        result = _train(run, companions, alone=second_listener is not None)
        trial = companions.trial
        if trial is not None and trial.is_pruned:
            add_note(run, PRUNED)
            run.finish(JobState.STOPPED, stage="", is_pruned=True)
        elif result is None or result.best is None:
            run.finish(JobState.STOPPED, stage="", error=NOTHING_TO_KEEP)
        else:
            _end_with_model(run, result, companions)
    if run.state == JobState.DONE or run.is_pruned:
        _forget_checkpoints(run)


def _train(run: Run, companions: Companions, *, alone: bool) -> FitResult | None:
    """Fit what the run says to the images that it says. One that resumes goes on behind its last checkpoint.

    Returns None where it was stopped before there was anything to fit.

    Args:
        alone: no other worker is to help.
    """
    reporter = companions.reporter
    task = reading_task(run.project, run.preparation)
    architecture = get_architecture(run.architecture)
    parsed = architecture.parse(run.hyperparameters)
    if run.needs_no_labels:
        _write_down_machine(run, architecture, after_epochs=companions.checkpoints.epochs_done)
        if not companions.checkpoints.epochs_done:
            run.beat(starter=begun_with(parsed))
        return train_label_free(run, task, companions)
    reporter.on_stage("preparing images")
    train = run_samples(run, task, architecture, Split.TRAIN)
    validation = run_samples(run, task, architecture, Split.VALIDATION)
    if run.max_minutes is None and not run.self_training:
        # With a time budget, how many epochs fit into it shows only on the way.
        run.beat(epochs_planned=run.max_epochs or architecture.epochs(len(train), parsed))
    reporter.on_stage("training")
    _write_down_machine(run, architecture, after_epochs=companions.checkpoints.epochs_done)
    if not companions.checkpoints.epochs_done:
        run.beat(starter=begun_with(parsed))
    if run.self_training:
        return fit_with_unlabelled(
            run, task, architecture, train=train, validation=validation, companions=companions
        )
    if isinstance(architecture, PositionEnsemble):
        architecture = SharedEnsemble(run, reporter, alone=alone)
    return fit_reader(
        task=task,
        architecture=architecture,
        hyperparameters=run.hyperparameters,
        train=train,
        validation=validation,
        folder=run_folder(run.pk),
        seed=run.seed,
        max_epochs=run.max_epochs,
        max_minutes=run.max_minutes,
        **companions.watching,
    )


def _end_with_model(run: Run, result: FitResult, companions: Companions) -> None:
    """Export, measure and keep what was trained; one that was stopped keeps its best until then."""
    reporter, is_trial = companions.reporter, companions.trial is not None
    reporter.on_stage("exporting")
    model = _keep_model(run, result)
    reporter.on_stage("evaluating")
    model.metrics = measure_model(model=model)
    model.save(update_fields=["metrics"])
    if run.needs_no_labels:
        reporter.on_stage("choosing images to ask")
        choose_asked(run, model)
    if not is_trial:
        # The best of many trials is partly the luckiest; people choose it, or train with its hyper-parameters anew.
        promote_if_better(model=model)
    stopped = result.ending == "stopped"
    run.finish(
        JobState.STOPPED if stopped else JobState.DONE,
        stage="",
        progress=run.progress if stopped else 1.0,
        **(_trial_result(model) if is_trial else {}),
    )


def _forget_checkpoints(run: Run) -> None:
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


def _trial_result(model: Model) -> dict[str, Any]:
    validation = model.metrics.get(Split.VALIDATION, {})
    return {"trial_value": validation.get("whole_string_accuracy", 0.0), "is_pruned": False}


def _pictures(run: Run) -> Iterator[Pixels]:
    """Yield images that the exported file is to read as the trained model does."""
    if run.needs_no_labels:
        yield from decoded_images(learnt_images(run)[:CHECKED_IMAGES])
        return
    for split in (Split.VALIDATION, Split.TEST, Split.TRAIN):
        for pixels, _ in decoded_split(run.dataset, split):
            yield pixels


def _keep_model(run: Run, result: FitResult) -> Model:
    """Export the trained model and store its files."""
    folder = run_folder(run.pk)
    check = list(islice(_pictures(run), CHECKED_IMAGES))
    keras_path, onnx_path = result.model.save(folder), folder / "model.onnx"
    export_reader(result.model, onnx_path, check)
    keep_family(onnx_path, unlabelled_family(run) if run.needs_no_labels else family_pictures(run.dataset))
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
