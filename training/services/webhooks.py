"""Webhooks: telling a project's own service that a batch has ended. Off until an administrator lists hosts for it.

Requests look as https://www.standardwebhooks.com describes, so that its libraries check them: the headers `webhook-id`,
`webhook-timestamp`, and `webhook-signature`, the HMAC-SHA256 of the two and the body.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Project
from labeling.services.audit import Action, record
from training.models import ReadingBatch, Webhook, WebhookDelivery

TASK = "training.tasks.deliver_webhook"
QUEUE = "prepare"
ENDED = (JobState.DONE, JobState.STOPPED, JobState.FAILED)
OFF = (
    "This site announces nothing: its administrator has not listed a host for webhooks yet (WEBHOOK_HOSTS, see the "
    "operations guide)."
)
LONGEST_URL = 500


def are_on() -> bool:
    """Whether an administrator has listed any host."""
    return bool(settings.WEBHOOK_HOSTS)


def set_webhook(*, project: Project, user: Any, url: str) -> tuple[Webhook, str]:
    """Announce a project's ended batches at an address from now on; return the row and its new secret.

    The secret cannot be had again.

    Raises:
        Refused: webhooks are off, or the address is none that the administrator allows.
    """
    checked_address(url)
    now = timezone.now()
    fields = {"url": url, "nonce": secrets.token_urlsafe(32), "created_by": user, "created_at": now}
    with transaction.atomic():
        webhook, _ = Webhook.objects.update_or_create(project=project, defaults=fields)
        record(project=project, user=user, action=Action.WEBHOOK_CHANGED, target=urlsplit(url).netloc)
    return webhook, secret_of(webhook)


def remove_webhook(*, project: Project, user: Any) -> None:
    """Announce nothing any more; what waits to be announced is dropped."""
    with transaction.atomic():
        if not Webhook.objects.filter(project=project).delete()[0]:
            return
        waiting = WebhookDelivery.objects.filter(batch__project=project).active()
        waiting.update(state=JobState.STOPPED, claim=None, finished_at=timezone.now())
        record(project=project, user=user, action=Action.WEBHOOK_REMOVED)


def checked_address(url: str) -> SplitResult:
    """Return an address in its parts.

    Raises:
        Refused: webhooks are off, or the address is none that the administrator allows.
    """
    if not are_on():
        raise Refused(OFF)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused(f"“{url}” is no address. Write one such as https://example.org/batches.") from None
    if len(url) > LONGEST_URL or parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"“{url[:80]}” is no address. Write one such as https://example.org/batches.")
    if parts.username or parts.password or parts.fragment or not url.isprintable() or " " in url:
        raise Refused("The address may hold neither a password nor spaces nor a part behind “#”.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    name = host if port in (None, 443 if parts.scheme == "https" else 80) else f"{host}:{port}"
    allowed = name if parts.scheme == "https" else f"http://{name}"
    if allowed not in settings.WEBHOOK_HOSTS:
        raise Refused(
            f"{allowed} is not among the hosts that the administrator allows for webhooks: "
            f"{', '.join(settings.WEBHOOK_HOSTS)}."
        )
    return parts


def secret_of(webhook: Webhook) -> str:
    """Return what a webhook's receiver checks signatures with: 256 bits in base64 behind `whsec_`."""
    key = salted_hmac("training.webhooks", webhook.nonce, algorithm="sha256").digest()
    return "whsec_" + base64.b64encode(key).decode()


def signature(secret: str, identifier: str, timestamp: str, body: bytes) -> str:
    """Return the value of the header `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{identifier}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def announce(batch: ReadingBatch) -> None:
    """Have an ended batch announced, once, where its project wants that."""
    if Webhook.objects.filter(project=batch.project_id).exists():
        now = timezone.now()
        delivery, is_new = WebhookDelivery.objects.get_or_create(batch=batch, defaults={"due_at": now})
        if is_new and delivery.mark_queued():
            dispatch(TASK, delivery.pk, QUEUE)


def announce_missing() -> None:
    """Have those ended batches announced whose worker, or whose site, did not come to it."""
    rows = ReadingBatch.objects.filter(
        state__in=ENDED, delivery=None, finished_at__gte=F("project__webhook__created_at")
    )
    for batch in rows:
        announce(batch)


def send_due() -> None:
    """Send the message of every announcement whose time has come."""
    due = WebhookDelivery.objects.filter(state=JobState.QUEUED, due_at__lte=timezone.now())
    for pk in due.values_list("pk", flat=True):
        dispatch(TASK, pk, QUEUE)
