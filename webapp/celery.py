"""The Celery application. Tasks are thin: they load a row and call a service."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from webapp.orphans import die_with
from webapp.workers import Liveness

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery("captcha_workbench")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(Liveness)


@setup_logging.connect
def _log_as_the_site_does(**_: Any) -> None:
    """Where somebody listens here, Celery leaves the logs as Django's settings have them."""


@worker_process_init.connect
def _end_with_the_worker(**_: Any) -> None:
    """A worker that is killed outright takes its pool along, however deep in a task the pool is."""
    die_with(os.getppid())
