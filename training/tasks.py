"""Messages that training's workers take. Thin: each loads a row and calls a service."""

from celery import shared_task

from labeling.dispatch import dispatch
from labeling.jobs import JobState, requeue_abandoned
from training.models import (
    LearningCurve,
    ModelReadings,
    ReadingBatch,
    Run,
    RunPart,
    Search,
    StrengthReport,
    SuggestionPass,
    WebhookDelivery,
)
from training.services import (
    batches,
    learning_curves,
    model_readings,
    runs,
    searches,
    strength,
    suggesting,
    webhooks,
)
from training.services.automatic_loop import start_due_runs as start_due
from training.services.batches_work import run_batch
from training.services.suggesting_work import run_pass
from training.services.webhooks_delivery import deliver

RESENT_FOR_SECONDS = 60


@shared_task(name=runs.TASK)
def run_training(pk: int) -> None:
    """Train the first run in line, whichever a message points at: messages may come late, twice or in another order."""
    # Imported here, so that only a process that trains pays for TensorFlow.
    from training.services.training_work import run_training as train

    while (first := runs.first_in_line()) is not None:
        if train(first):
            return


@shared_task(name=runs.PARTS_TASK)
def train_parts(run_pk: int) -> None:
    from training.services.shared_training import train_parts as train

    train(run_pk)


@shared_task(name=learning_curves.TASK)
def draw_learning_curve(pk: int) -> None:
    from training.services.learning_curve_work import draw_curve as draw

    draw(pk)


@shared_task(name=strength.TASK)
def measure_strength(pk: int) -> None:
    from training.services.strength_work import measure

    measure(pk)


@shared_task(name=suggesting.TASK)
def suggest(pk: int) -> None:
    run_pass(pk)


@shared_task(name=model_readings.TASK)
def keep_readings(pk: int) -> None:
    model_readings.run_readings(pk)


@shared_task(name=batches.TASK)
def read_batch(pk: int) -> None:
    run_batch(pk)


@shared_task(name=webhooks.TASK)
def deliver_webhook(pk: int) -> None:
    deliver(pk)


@shared_task(name="training.tasks.requeue_abandoned_batches")
def requeue_abandoned_batches() -> None:
    """Send every queued batch's message again, and those of announcements that are due."""
    requeue_abandoned(ReadingBatch.objects.all())
    for pk in ReadingBatch.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True):
        dispatch(batches.TASK, pk, batches.QUEUE)
    requeue_abandoned(WebhookDelivery.objects.all())
    webhooks.announce_missing()
    webhooks.send_due()
    batches.forget_old_batches()


@shared_task(name="training.tasks.requeue_abandoned_passes")
def requeue_abandoned_passes() -> None:
    """Send every queued pass's message again, as `requeue_abandoned_runs` does, and start passes that are missing."""
    suggesting.start_missing_passes()
    requeue_abandoned(SuggestionPass.objects.all())
    for pk in SuggestionPass.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True):
        dispatch(suggesting.TASK, pk, suggesting.QUEUE)
    requeue_abandoned(ModelReadings.objects.defer("rows"))
    for pk in ModelReadings.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True):
        dispatch(model_readings.TASK, pk, model_readings.QUEUE)


@shared_task(name="training.tasks.advance_searches")
def advance_searches() -> None:
    searches.advance_all()


@shared_task(name=searches.WEIGH_TASK)
def weigh_parameters(pk: int) -> None:
    # Imported here, so that only a worker that needs Optuna pays for it.
    from training.services.search_study import weigh_parameters as weigh

    for search in Search.objects.filter(pk=pk):
        weigh(search)


@shared_task(name=searches.FORGET_TASK)
def forget_study(pk: int) -> None:
    from training.services.search_study import forget_study as forget

    forget(pk)


@shared_task(name="training.tasks.start_due_runs")
def start_due_runs() -> None:
    start_due()


@shared_task(name="training.tasks.requeue_abandoned_runs")
def requeue_abandoned_runs() -> None:
    """Send every queued run's message again, as `labeling.tasks.requeue_abandoned_jobs` does for the other jobs."""
    requeue_abandoned(Run.objects.all())
    # Without messages: who trains other positions of the run looks for queued ones.
    requeue_abandoned(RunPart.objects.all())
    for pk in runs.line():
        # While all workers are busy, these would only pile up.
        dispatch(runs.TASK, pk, runs.QUEUE, expires=RESENT_FOR_SECONDS)


@shared_task(name="training.tasks.requeue_abandoned_curves")
def requeue_abandoned_curves() -> None:
    """Send every queued learning curve's and strength report's message again, as `requeue_abandoned_runs` does for
    runs."""
    requeue_abandoned(LearningCurve.objects.all())
    for pk in LearningCurve.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True):
        dispatch(learning_curves.TASK, pk, runs.QUEUE)
    requeue_abandoned(StrengthReport.objects.defer("measured"))
    for pk in StrengthReport.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True):
        dispatch(strength.TASK, pk, runs.QUEUE)
