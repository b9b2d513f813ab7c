"""Messages about the site as a whole that workers take."""

from celery import shared_task

from webapp import figures


@shared_task(name="webapp.tasks.refresh_figures")
def refresh_figures() -> None:
    figures.refresh_figures()
