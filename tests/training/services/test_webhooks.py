"""Webhooks, received by a real server."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import AuditEntry, Project
from tests.factories import add_images, make_project, texts
from tests.support.receiver import Receiver, receiving, status
from tests.training.views.rows import add_batch, add_model, add_run
from training.models import Model, ModelState, ReadingBatch, Webhook, WebhookDelivery
from training.services import webhooks_delivery
from training.services.batches import queue_batch
from training.services.webhooks import (
    announce,
    announce_missing,
    checked_address,
    remove_webhook,
    set_webhook,
)
from training.services.webhooks_delivery import PAUSES, deliver

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(20))
    return project


@pytest.fixture
def model(project: Project) -> Model:
    return add_model(add_run(project), ModelState.PRODUCTION)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with receiving() as server:
        settings.WEBHOOK_HOSTS = [server.host]
        yield server


def announced(model: Model, url: str) -> tuple[WebhookDelivery, str]:
    """The announcement of a batch that has ended, tried once, and the secret it was signed with."""
    _, secret = set_webhook(project=model.project, user=None, url=url)
    batch = add_batch(model, ["123", "456"], verdicts="uf")
    announce(batch)
    return again(WebhookDelivery.objects.get(batch=batch)), secret


def again(delivery: WebhookDelivery) -> WebhookDelivery:
    """Let its time come, and deliver it."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    deliver(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def test_an_ended_batch_is_announced_with_its_counts_and_nothing_that_was_read(
    model: Model, receiver: Receiver
) -> None:
    delivery, _ = announced(model, receiver.url)
    assert (delivery.state, delivery.outcome) == (JobState.DONE, "Answered with status 200.")
    [(path, headers, body)] = receiver.requests
    assert path == "/hook?of=batches"
    assert headers["content-type"] == "application/json"
    told = json.loads(body)
    batch = delivery.batch
    assert told["type"] == "batch.ended"
    assert told["data"] == {
        "project": batch.project_id, "batch": batch.pk, "model": model.pk, "state": "done", "total": 2, "read": 1,
        "failed": 1, "unsure": 1, "other_family": 0,
        "results": f"/api/v1/projects/{batch.project_id}/batches/{batch.pk}/results",
    }  # fmt: skip
    assert b"123" not in body


def test_its_signature_is_that_of_the_standard(model: Model, receiver: Receiver) -> None:
    _, secret = announced(model, receiver.url)
    [(_, headers, body)] = receiver.requests
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60


def test_the_secret_is_in_no_table_and_every_change_makes_a_new_one(
    project: Project, receiver: Receiver
) -> None:
    secrets = [set_webhook(project=project, user=None, url=receiver.url)[1] for _ in range(2)]
    assert len(set(secrets)) == 2
    row = Webhook.objects.get()
    assert not any(secret in str(vars(row)) for secret in secrets)
    assert secrets[1] not in str(list(AuditEntry.objects.values()))


def test_a_batch_is_announced_once(model: Model, receiver: Receiver) -> None:
    delivery, _ = announced(model, receiver.url)
    announce(delivery.batch)
    announce_missing()
    deliver(delivery.pk)
    assert len(receiver.requests) == 1


def test_a_batch_whose_worker_died_at_its_end_is_announced_later(model: Model, receiver: Receiver) -> None:
    before = add_batch(model, ["123"])
    set_webhook(project=model.project, user=None, url=receiver.url)
    ended, running = add_batch(model, ["123"]), add_batch(model, ["123"], state=JobState.RUNNING)
    announce_missing()
    assert [each.batch for each in WebhookDelivery.objects.all()] == [ended]
    assert before != ended != running


def test_who_does_not_say_yes_is_asked_again_after_growing_pauses(model: Model, settings: Any) -> None:
    with receiving(status(500), status(404), status(204)) as server:
        settings.WEBHOOK_HOSTS = [server.host]
        delivery, _ = announced(model, server.url)
        assert (delivery.state, delivery.tries) == (JobState.QUEUED, 1)
        assert delivery.outcome == "127.0.0.1 answered with status 500."
        deliver(delivery.pk)
        assert len(server.requests) == 1, "it was too early"
        pauses = [delivery.due_at - timezone.now()]
        pauses.append(again(delivery).due_at - timezone.now())
        assert [round(each / timedelta(seconds=1)) for each in pauses] == [15, 60]
        assert again(delivery).state == JobState.DONE
        assert len({headers["webhook-id"] for _, headers, _ in server.requests}) == 1


def test_after_the_last_try_it_is_over_and_says_so(model: Model, settings: Any) -> None:
    with receiving(status(503)) as server:
        settings.WEBHOOK_HOSTS = [server.host]
        delivery, _ = announced(model, server.url)
        for _ in PAUSES:
            delivery = again(delivery)
    assert (delivery.state, delivery.tries) == (JobState.FAILED, len(PAUSES) + 1)
    assert "answered with status 503. Nobody tries again after 7 times." in delivery.error


def test_no_redirect_is_followed(model: Model, settings: Any) -> None:
    with receiving() as elsewhere, receiving(status(307, Location=elsewhere.url)) as server:
        settings.WEBHOOK_HOSTS = [server.host, elsewhere.host]
        delivery, _ = announced(model, server.url)
        assert "redirect (307), which is not followed" in delivery.outcome
        assert not elsewhere.requests


def test_a_receiver_that_trickles_does_not_hold_the_worker(
    model: Model, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                handler.wfile.write(b"a")
                handler.wfile.flush()
                time.sleep(0.1)

    monkeypatch.setattr(webhooks_delivery, "TIMEOUT_SECONDS", 0.5)
    with receiving(trickle) as server:
        settings.WEBHOOK_HOSTS = [server.host]
        delivery, _ = announced(model, server.url)
    assert delivery.outcome == "127.0.0.1 did not answer within 0.5 seconds."


def test_a_receiver_that_is_away_or_speaks_no_http_is_a_sentence(model: Model, settings: Any) -> None:
    with receiving(lambda handler: handler.wfile.write(b"\x00\xff not http\r\n\r\n") and None) as server:
        settings.WEBHOOK_HOSTS = [server.host]
        delivery, _ = announced(model, server.url)
        assert "could not be reached" in delivery.outcome
    assert "could not be reached" in again(delivery).outcome


def test_a_host_that_the_administrator_takes_off_the_list_hears_nothing_more(
    model: Model, receiver: Receiver, settings: Any
) -> None:
    set_webhook(project=model.project, user=None, url=receiver.url)
    settings.WEBHOOK_HOSTS = ["example.org"]
    announce(add_batch(model, ["123"]))
    delivery = again(WebhookDelivery.objects.get())
    assert (delivery.state, receiver.requests) == (JobState.FAILED, [])
    assert "not among the hosts" in delivery.error


def test_what_waits_is_dropped_with_the_webhook(model: Model, settings: Any) -> None:
    with receiving(status(500)) as server:
        settings.WEBHOOK_HOSTS = [server.host]
        delivery, _ = announced(model, server.url)
        remove_webhook(project=model.project, user=None)
        assert again(delivery).state == JobState.STOPPED
        assert len(server.requests) == 1
    assert AuditEntry.objects.filter(action="webhook_removed").exists()


def test_without_a_listed_host_webhooks_are_off_and_say_so(project: Project) -> None:
    with pytest.raises(Refused, match="WEBHOOK_HOSTS"):
        set_webhook(project=project, user=None, url="https://example.org/")
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/hook", "https://example.org:443/hook", "https://example.org:8443/", "http://inside:8080/x",
        "https://EXAMPLE.org/hook", "https://[::1]/",
    ],
)  # fmt: skip
def test_listed_hosts_are_allowed(settings: Any, url: str) -> None:
    settings.WEBHOOK_HOSTS = ["example.org", "example.org:8443", "http://inside:8080", "[::1]"]
    assert checked_address(url).path == url[url.index("/", 8) :]


@pytest.mark.parametrize(
    "url",
    [
        "", "example.org", "ftp://example.org/", "https:///x", "https://example.org.evil.test/",
        "https://evil.test/?example.org", "https://evil.test#example.org", "https://user:pass@example.org/",
        "https://example.org@evil.test/", "http://example.org/", "https://example.org:8080/", "http://127.0.0.1/",
        "https://example.org/\r\nX-Header: 1", "https://example.org/a b", "https://example.org:port/", "https://[::1/",
        "https://169.254.169.254/latest", "https://example.org/#part", "file:///etc/passwd", "https://sub.example.org/",
        "https://example.org/" + 500 * "a",
    ],
)  # fmt: skip
def test_every_other_address_is_refused(settings: Any, url: str) -> None:
    settings.WEBHOOK_HOSTS = ["example.org"]
    with pytest.raises(Refused):
        checked_address(url)


@given(text=st.text(max_size=60), before=st.sampled_from(["", "https://", "http://", "https://example.org"]))
def test_no_text_leads_to_a_host_that_is_not_listed(text: str, before: str) -> None:
    from django.test import override_settings

    with override_settings(WEBHOOK_HOSTS=["example.org"]):
        try:
            parts = checked_address(before + text)
        except Refused:
            return
    assert (parts.scheme, parts.hostname, parts.port or 443) == ("https", "example.org", 443)


def test_a_batch_that_goes_on_after_a_failure_is_announced_anew(model: Model, receiver: Receiver) -> None:
    delivery, _ = announced(model, receiver.url)
    batch = delivery.batch
    ReadingBatch.objects.filter(pk=batch.pk).update(state=JobState.FAILED)
    batch.refresh_from_db()
    batch.uploads.create(order=0, name="a.png", file="x", size=1)
    queue_batch(batch=batch, here=True)
    announce(batch)
    again(WebhookDelivery.objects.get())
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 2


def test_a_deleted_batch_takes_its_announcement_along(model: Model, receiver: Receiver) -> None:
    delivery, _ = announced(model, receiver.url)
    ReadingBatch.objects.get().delete()
    deliver(delivery.pk)
    assert len(receiver.requests) == 1
