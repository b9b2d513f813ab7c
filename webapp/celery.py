"""The Celery application. Tasks are thin: they load a row and call a service."""

import os

from celery import Celery

from webapp.workers import Liveness

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery("captcha_workbench")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(Liveness)
