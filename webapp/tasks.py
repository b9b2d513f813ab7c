"""Messages about the site as a whole that workers take."""

from celery import shared_task

from webapp import api_idempotency, figures


@shared_task(name="webapp.tasks.refresh_figures")
def refresh_figures() -> None:
    figures.refresh_figures()


@shared_task(name="webapp.tasks.forget_old_answers")
def forget_old_answers() -> None:
    api_idempotency.forget_old_answers()
