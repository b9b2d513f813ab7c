"""The work of a run, on a `train` worker or in a command: samples, fitting, export, evaluation, promotion."""

import shutil
import time
from itertools import chain, islice
from typing import Any, Protocol

from django.core.files import File
from django.db import transaction

from labeling.heartbeat import Heartbeat
from labeling.jobs import JobState, work_on
from training.leftovers import cache_folder, run_folder
from training.live import announce
from training.models import Epoch, Model, Run, Split
from training.recognition.architectures import Architecture, get_architecture
from training.recognition.data import Samples, build_samples, open_samples
from training.recognition.export import export_reader
from training.recognition.fit import (
    BatchProgress,
    EpochMetrics,
    FitListener,
    FitResult,
    TrainingFailed,
    fit_reader,
)
from training.recognition.task import InvalidTask, ReadingTask, TextDoesNotFit
from training.services.datasets import decoded_split
from training.services.evaluation import evaluate_reader, evaluation_json
from training.services.models import open_reader, promote_if_better
from training.services.reading_task import reading_task

# How often a running training writes its progress: often enough to look alive, seldom enough to cost nothing.
REPORT_EVERY_SECONDS = 1.0
CHECKED_IMAGES = 100


class RunListener(FitListener, Protocol):
    """Whoever watches a run in the process that trains it, such as a command's terminal."""

    def on_stage(self, stage: str) -> None: ...


def run_training(pk: int, *, listener: RunListener | None = None) -> None:
    """Train a queued run to its end; do nothing where another worker has it."""
    rows = Run.objects.select_related("project", "preparation", "dataset")
    try:
        work_on(rows, pk, lambda run: _work(run, listener), _explain)
    finally:
        announce(pk)


def _explain(run: Run, error: Exception) -> str:
    if isinstance(error, TrainingFailed | InvalidTask | TextDoesNotFit):
        return str(error)
    return f"{run} failed while {run.stage or 'starting'}: {error}"


def _work(run: Run, second_listener: RunListener | None) -> None:
    task = reading_task(run.project, run.preparation)
    architecture = get_architecture(run.architecture)
    with Heartbeat(run) as heartbeat:
        reporter = _Reporter(run, heartbeat, second_listener)
        reporter.stage("preparing images")
        train = _samples(run, task, architecture, Split.TRAIN)
        validation = _samples(run, task, architecture, Split.VALIDATION)
        if run.max_minutes is None:
            # With a time budget, how many epochs fit into it shows only on the way.
            run.beat(epochs_planned=run.max_epochs or architecture.epochs(len(train)))
        reporter.stage("training")
        # A run that resumes writes its epochs anew from the checkpoint's on.
        result = fit_reader(
            task=task,
            architecture=run.architecture,
            hyperparameters=run.hyperparameters,
            train=train,
            validation=validation,
            folder=run_folder(run.pk),
            seed=run.seed,
            max_epochs=run.max_epochs,
            max_minutes=run.max_minutes,
            listener=reporter,
        )
        if result.best is None:
            run.finish(
                JobState.STOPPED,
                stage="",
                error="Stopped before there was anything to keep: there is no model yet.",
            )
            return
        reporter.stage("exporting")
        model = _keep_model(run, result)
        reporter.stage("evaluating")
        model.metrics = _evaluate_splits(run, model)
        model.save(update_fields=["metrics"])
        promote_if_better(model=model)
        stopped = result.ending == "stopped"
        run.finish(
            JobState.STOPPED if stopped else JobState.DONE,
            stage="",
            progress=run.progress if stopped else 1.0,
        )
    if not stopped:
        shutil.rmtree(run_folder(run.pk), ignore_errors=True)


class _Reporter:
    """Writes a training's progress to its row, and passes the stop flag on to the training."""

    def __init__(self, run: Run, heartbeat: Heartbeat, second: RunListener | None) -> None:
        self._run = run
        self._heartbeat = heartbeat
        self._second = second
        self._written_at = 0.0
        self._stop = False

    def stage(self, stage: str) -> None:
        self._run.beat(stage=stage)
        announce(self._run.pk)
        if self._second is not None:
            self._second.on_stage(stage)

    def on_batch(self, progress: BatchProgress) -> None:
        if self._second is not None:
            self._second.on_batch(progress)
        if time.monotonic() - self._written_at < REPORT_EVERY_SECONDS:
            return
        self._written_at = time.monotonic()
        self._run.beat(
            progress=progress.progress,
            epoch=progress.epoch,
            batch=progress.batch,
            batches=progress.batches,
            images_per_second=progress.images_per_second,
            seconds_left=progress.seconds_left,
        )
        self._stop = Run.objects.filter(pk=self._run.pk, stop_requested=True).exists()
        announce(self._run.pk)

    def on_epoch(self, metrics: EpochMetrics) -> None:
        if self._second is not None:
            self._second.on_epoch(metrics)
        Epoch.objects.update_or_create(
            run=self._run,
            number=metrics.epoch,
            defaults={
                "loss": metrics.loss,
                "character_accuracy": metrics.training_character_accuracy,
                "whole_string_accuracy": metrics.training_whole_string_accuracy,
                "validation_loss": metrics.validation_loss,
                "validation_character_accuracy": metrics.character_accuracy,
                "validation_whole_string_accuracy": metrics.whole_string_accuracy,
                "learning_rate": metrics.learning_rate,
                "seconds": metrics.seconds,
            },
        )
        self._run.beat(epoch=metrics.epoch)
        announce(self._run.pk)

    def should_stop(self) -> bool:
        self._heartbeat.check()
        return self._stop or (self._second is not None and self._second.should_stop())


def _samples(run: Run, task: ReadingTask, architecture: Architecture, split: Split) -> Samples:
    """Return a split's samples, decoded once for every run on this dataset, preparation and input shape."""
    shape = "x".join(map(str, architecture.input_shape(task, run.hyperparameters)))
    key = f"{run.dataset.hash[:16]}-{task.recipe.fingerprint()[:16]}-{architecture.name}-{shape}"
    folder = cache_folder(run.project_id) / key / split.value
    try:
        return open_samples(folder)
    except FileNotFoundError:
        return build_samples(
            decoded_split(run.dataset, split),
            task,
            architecture,
            run.hyperparameters,
            folder,
        )


def _keep_model(run: Run, result: FitResult) -> Model:
    """Export the trained model and store its files."""
    folder = run_folder(run.pk)
    splits = (Split.VALIDATION, Split.TEST, Split.TRAIN)
    images = chain.from_iterable(decoded_split(run.dataset, split) for split in splits)
    check = [pixels for pixels, _ in islice(images, CHECKED_IMAGES)]
    keras_path, onnx_path = result.model.save(folder), folder / "model.onnx"
    export_reader(result.model, onnx_path, check)
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


def _evaluate_splits(run: Run, model: Model) -> dict[str, Any]:
    """Read the validation and test images with the exported reader, exactly as pages and API will read."""
    reader = open_reader(model)
    validation = evaluate_reader(reader, decoded_split(run.dataset, Split.VALIDATION))
    # Tested is the confidence threshold that the validation images chose.
    test = evaluate_reader(reader, decoded_split(run.dataset, Split.TEST), validated=validation.coverage)
    return {Split.VALIDATION.value: evaluation_json(validation), Split.TEST.value: evaluation_json(test)}
