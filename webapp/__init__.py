"""The site: settings, addresses, accounts, dashboard, health and the API root."""

from webapp.celery import app as celery_app

__all__ = ["celery_app"]
