"""What training keeps only until a run is done, on a worker's own disk and in the storage, and when it goes."""

import shutil
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.db.models.signals import post_delete
from django.dispatch import receiver

from labeling.dispatch import dispatch
from labeling.jobs import JobState
from labeling.models import Project
from labeling.services.storage import delete_folder
from labeling.signals import images_go
from training.models import Prediction, ReadingBatch, Run, RunPart, Search, StrengthReport
from training.models.label_free import label_free_folder
from training.services.pictures import forget_pictures


def run_folder(run_pk: int) -> Path:
    """Return where a run keeps its checkpoints until it is done."""
    return Path(settings.DATA_DIR) / "runs" / str(run_pk)


def run_storage(run: Run) -> str:
    """Return the storage's folder of what every worker may need of a run until it is done."""
    return f"projects/{run.project_id}/runs/{run.pk}"


def cache_folder(project_pk: int) -> Path:
    """Return where the decoded samples of a project's dataset versions lie."""
    return Path(settings.DATA_DIR) / "cache" / str(project_pk)


def studies_folder(project_pk: int) -> Path:
    """Return where cross-validations and learning curves of a project keep their checkpoints until they are done."""
    return Path(settings.DATA_DIR) / "studies" / str(project_pk)


def fonts_folder(project_pk: int) -> Path:
    """Return where this machine keeps its copies of a project's uploaded fonts."""
    return Path(settings.DATA_DIR) / "fonts" / str(project_pk)


def report_folder(report: StrengthReport) -> Path | None:
    """Return where a strength report that did not end keeps its readers; None where there is nothing of its own.

    Whoever wishes for the same finds the same folder, so that of two unfinished reports each may go on in it.
    """
    alike = StrengthReport.objects.filter(project=report.project_id, study=report.study)
    unfinished = alike.exclude(state=JobState.DONE).exclude(pk=report.pk)
    is_own = report.study and report.state != JobState.DONE and not unfinished.exists()
    return studies_folder(report.project_id) / report.study if is_own else None


def tensorboard_folder(project_pk: int) -> Path:
    """Return where TensorBoard's logs of a project's runs lie, in a folder for each."""
    return Path(settings.DATA_DIR) / "tensorboard" / f"project-{project_pk}"


@receiver(post_delete, sender=Run)
def _forget_run(instance: Run, **_: Any) -> None:
    log = tensorboard_folder(instance.project_id) / f"run-{instance.number}"
    for folder in (run_folder(instance.pk), log):
        shutil.rmtree(folder, ignore_errors=True)
    for stored in (run_storage(instance), label_free_folder(instance)):
        transaction.on_commit(partial(delete_folder, default_storage, stored))


@receiver(post_delete, sender=Search)
def _forget_search(instance: Search, **_: Any) -> None:
    # A worker deletes its study: the web process does without Optuna.
    dispatch("training.tasks.forget_study", instance.pk)


@receiver(post_delete, sender=StrengthReport)
def _forget_report(instance: StrengthReport, **_: Any) -> None:
    folder = report_folder(instance)
    if folder is not None:
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


@receiver(post_delete, sender=RunPart)
def _forget_part(instance: RunPart, **_: Any) -> None:
    if instance.file:
        instance.file.delete(save=False)


@receiver(images_go)
def _forget_readings(project: Project, ids: list[int], **_: Any) -> None:
    """Readings that were corrected go with the images that they have become, and so do their copies of the pictures.

    Not a signal of each reading: then Django would load all of a batch's to delete that.
    """
    readings = list(Prediction.objects.filter(image__in=ids).defer("characters"))
    for batch, count in Counter(reading.batch_id for reading in readings if reading.batch_id).items():
        ReadingBatch.objects.filter(pk=batch).update(checked=F("checked") - count)
    transaction.on_commit(lambda: forget_pictures(project, readings))


@receiver(post_delete, sender=Project)
def _forget_project(instance: Project, **_: Any) -> None:
    for folder_of in (cache_folder, studies_folder, fonts_folder, tensorboard_folder):
        folder = folder_of(instance.pk)
        shutil.rmtree(folder, ignore_errors=True)
