"""Delivering webhooks, on a `prepare` worker: one request each, bounded in time, repeated with growing pauses."""

import http.client
import json
import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.utils import timezone

from labeling.jobs import JobState, work_on
from labeling.services.storable import storable
from training.models import ReadingBatch, Webhook, WebhookDelivery
from training.services.webhooks import checked_address, secret_of, signature

TIMEOUT_SECONDS = 10.0
PAUSES = tuple(
    timedelta(**pause)
    for pause in (
        {"seconds": 15},
        {"minutes": 1},
        {"minutes": 5},
        {"minutes": 30},
        {"hours": 2},
        {"hours": 6},
    )
)
"""Between one try and the next; after the last one nobody tries again."""


class NotDelivered(Exception):
    """The receiver did not say yes; the message is a sentence for people."""


def deliver(pk: int) -> None:
    """Announce a batch, unless it is too early for that."""
    rows = WebhookDelivery.objects.filter(due_at__lte=timezone.now())
    rows = rows.select_related("batch__project", "batch__model__run")
    work_on(rows, pk, _work, lambda row, error: f"The announcement failed: {error}")


def _work(row: WebhookDelivery) -> None:
    webhook = Webhook.objects.filter(project=row.batch.project_id).first()
    if webhook is None:
        row.finish(JobState.STOPPED, outcome="The webhook was removed.")
        return
    try:
        status = _send(webhook, row)
    except NotDelivered as error:
        _try_later(row, str(error))
    else:
        row.finish(JobState.DONE, tries=row.tries + 1, outcome=f"Answered with status {status}.")


def _try_later(row: WebhookDelivery, outcome: str) -> None:
    tries = row.tries + 1
    if tries > len(PAUSES):
        row.finish(
            JobState.FAILED,
            tries=tries,
            outcome=outcome,
            error=f"{outcome} Nobody tries again after {tries} times.",
        )
        return
    row.beat(tries=tries, outcome=outcome, due_at=timezone.now() + PAUSES[tries - 1])
    row.hand_back()


def _send(webhook: Webhook, row: WebhookDelivery) -> int:
    """Send the announcement; return the status of a yes.

    Raises:
        NotDelivered: there was no yes in time.
        Refused: the administrator does not allow the address any more.
    """
    parts = checked_address(webhook.url)
    host = str(parts.hostname)
    body = json.dumps(announcement(row.batch)).encode()
    # The same at every try, so that a receiver that heard of it says yes and no more.
    identifier, timestamp = f"batch-{row.batch_id}-{row.pk}", str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "captcha-workbench",
        "webhook-id": identifier,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(secret_of(webhook), identifier, timestamp, body),
    }
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, parts.port, timeout=TIMEOUT_SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # The connection's own limit begins anew with each byte: a receiver that trickles would hold the worker.
    is_late = threading.Event()
    bell = threading.Timer(TIMEOUT_SECONDS, _hang_up, (connection, is_late))
    bell.start()
    try:
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    except TimeoutError:
        raise NotDelivered(_late(host)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        problem = storable(f"{host} could not be reached: {str(error) or type(error).__name__}."[:300])
        raise NotDelivered(_late(host) if is_late.is_set() else problem) from None
    finally:
        bell.cancel()
        connection.close()
    # Half an answer that was cut off in its headers looks like a whole one.
    if is_late.is_set():
        raise NotDelivered(_late(host))
    if 300 <= status < 400:
        raise NotDelivered(
            f"{host} answered with a redirect ({status}), which is not followed: name the final address."
        )
    if not 200 <= status < 300:
        raise NotDelivered(f"{host} answered with status {status}.")
    return status


def _hang_up(connection: http.client.HTTPConnection, is_late: threading.Event) -> None:
    is_late.set()
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _late(host: str) -> str:
    return f"{host} did not answer within {TIMEOUT_SECONDS:g} seconds."


def announcement(batch: ReadingBatch) -> dict[str, Any]:
    """What a receiver is told of a batch: how it ended, and where its results are. Nothing of what was read."""
    return {
        "type": "batch.ended",
        "timestamp": batch.finished_at.isoformat() if batch.finished_at else None,
        "data": {
            "project": batch.project_id,
            "batch": batch.pk,
            "model": batch.model_id,
            "state": batch.state,
            "total": batch.total,
            "read": batch.read,
            "failed": batch.failed,
            "unsure": batch.unsure,
            "other_family": batch.other_family,
            "results": f"/api/v1/projects/{batch.project_id}/batches/{batch.pk}/results",
        },
    }
