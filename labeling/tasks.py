"""Messages that labelling's workers take. Thin: each loads a row and calls a service."""

from celery import shared_task

from labeling.dispatch import dispatch
from labeling.jobs import JobState, requeue_abandoned
from labeling.models import Export, Import, Preparation, SettlingPass
from labeling.services import export_work, import_work, settling_work, slicing_work


@shared_task(name="labeling.tasks.run_import")
def run_import(pk: int) -> None:
    import_work.run_import(pk)


@shared_task(name="labeling.tasks.run_export")
def run_export(pk: int) -> None:
    export_work.run_export(pk)


@shared_task(name="labeling.tasks.run_slicing")
def run_slicing(pk: int) -> None:
    slicing_work.run_slicing(pk)


@shared_task(name="labeling.tasks.run_settling")
def run_settling(pk: int) -> None:
    settling_work.run_settling(pk)


@shared_task(name="labeling.tasks.requeue_abandoned_jobs")
def requeue_abandoned_jobs() -> None:
    """Send every queued row's message again: those of dead workers, and those that a Redis restart lost.

    Duplicates are harmless, because a row is claimed once.
    """
    for model, task in (
        (Import, "labeling.tasks.run_import"),
        (Export, "labeling.tasks.run_export"),
        (Preparation, "labeling.tasks.run_slicing"),
        (SettlingPass, "labeling.tasks.run_settling"),
    ):
        requeue_abandoned(model.objects.all())
        for pk in model.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True):
            dispatch(task, pk)
