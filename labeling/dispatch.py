"""Sending messages to workers, and seeing whether any wait. Losing a message loses time only: rows are queued again."""

import logging
from functools import cache

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def dispatch(task: str, pk: int, queue: str = "prepare", *, expires: float | None = None) -> None:
    """Send `task(pk)` to a queue once the current transaction is committed.

    An unreachable Redis is logged, not raised: the row stays queued and is sent again when Redis is back.

    Args:
        expires: seconds after which nobody takes the message any more; for those that are sent again and again.
    """
    transaction.on_commit(lambda: _send(task, pk, queue, expires))


def _send(task: str, pk: int, queue: str, expires: float | None) -> None:
    try:
        current_app.send_task(task, args=[pk], queue=queue, expires=expires)
    except OperationalError:
        logger.warning(
            "Redis is unreachable: %s(%s) stays queued and will be sent when it is back",
            task,
            pk,
        )


@cache
def redis_client() -> redis.Redis:
    """Return this process's connection to Redis, for live updates and queue lengths."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=15)


def others_wait() -> bool:
    """Whether a job waits for a `prepare` worker: long ones then step aside between two batches."""
    try:
        return bool(redis_client().llen("prepare"))
    except redis.RedisError:
        return False
