"""Batches over HTTP: filling, following, results in pages, corrections, the webhook."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from labeling.jobs import JobState
from labeling.models import Image, Project
from tests.factories import add_images, make_project, make_user, png, texts
from tests.training.views.rows import add_batch, add_model, add_run
from training.models import Model, ModelState, ReadingBatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(20), seed=1000)
    return project


@pytest.fixture
def model(project: Project) -> Model:
    return add_model(add_run(project), ModelState.PRODUCTION)


def ask(client: Client, method: str, path: str, data: Any = None, **query: Any) -> Any:
    body = {} if data is None else {"data": json.dumps(data), "content_type": "application/json"}
    return client.generic(method, f"/api/v1/projects/{path}", query_params=query, **body)


def send(client: Client, path: str, names: list[str], **fields: str) -> Any:
    files = [SimpleUploadedFile(name, png("123")) for name in names]
    data = encode_multipart(BOUNDARY, {"files": files, **fields})
    return client.generic("POST", f"/api/v1/projects/{path}", data, content_type=MULTIPART_CONTENT)


def test_a_batch_is_filled_in_several_calls_and_started(client: Client, model: Model) -> None:
    path = f"{model.project_id}/batches"
    opened = send(client, path, ["a.png", "b.png"], start="false")
    assert (opened.status_code, opened.json()["state"]) == (202, "draft")
    path = f"{path}/{opened.json()['id']}"
    assert send(client, f"{path}/files", ["c.png"]).json()["state"] == "draft"
    started = ask(client, "POST", f"{path}/start")
    assert (started.status_code, started.json()["state"]) == (202, "queued")
    assert ReadingBatch.objects.get().uploads.count() == 3
    late = send(client, f"{path}/files", ["d.png"])
    assert (late.status_code, "has started already" in late.json()["detail"]) == (422, True)


def test_a_batch_starts_at_once_unless_told_otherwise(client: Client, model: Model) -> None:
    answer = send(client, f"{model.project_id}/batches", ["a.png"]).json()
    assert (answer["state"], answer["model"], answer["total"]) == ("queued", model.pk, None)


def test_without_a_model_no_batch_is_made(client: Client, project: Project) -> None:
    answer = send(client, f"{project.pk}/batches", ["a.png"])
    assert (answer.status_code, "no model yet" in answer.json()["detail"]) == (422, True)


def test_results_come_in_pages_each_once(client: Client, model: Model) -> None:
    batch = add_batch(model, texts(25), verdicts="uof")
    path, found = f"{model.project_id}/batches/{batch.pk}/results", []
    cursor: str | None = ""
    while cursor is not None:
        page = ask(client, "GET", path, cursor=cursor, limit=10).json()
        found += page["items"]
        cursor = page["next"]
    assert [item["position"] for item in found] == list(range(25))
    assert [item["verdict"] for item in found[:4]] == ["unsure", "other_family", "", "sure"]
    assert found[2]["error"]
    assert found[3]["characters"][0]["alternatives"]


def test_while_a_batch_is_read_its_results_can_be_followed(client: Client, model: Model) -> None:
    batch = add_batch(model, texts(3), state=JobState.RUNNING)
    path = f"{model.project_id}/batches/{batch.pk}/results"
    page = ask(client, "GET", path).json()
    behind = page["next"]
    assert len(page["items"]) == 3
    assert ask(client, "GET", path, cursor=behind).json() == {"items": [], "next": behind}
    ReadingBatch.objects.filter(pk=batch.pk).update(state=JobState.DONE)
    assert ask(client, "GET", path, cursor=behind).json() == {"items": [], "next": None}


def test_results_are_filtered_and_nonsense_is_refused(client: Client, model: Model) -> None:
    batch = add_batch(model, texts(5), verdicts="uso")
    path = f"{model.project_id}/batches/{batch.pk}/results"
    page = ask(client, "GET", path, show="to_check").json()
    assert [item["position"] for item in page["items"]] == [0, 2]
    for query in ({"show": "nonsense"}, {"cursor": "-1"}, {"cursor": "x"}, {"limit": -5}):
        assert ask(client, "GET", path, **query).status_code == 422


def test_batches_are_listed_in_pages(client: Client, model: Model) -> None:
    rows = [add_batch(model, ["123"]).pk for _ in range(3)]
    first = ask(client, "GET", f"{model.project_id}/batches", limit=2).json()
    assert [item["id"] for item in first["items"]] == rows[:0:-1]
    second = ask(client, "GET", f"{model.project_id}/batches", limit=2, cursor=first["next"]).json()
    assert ([item["id"] for item in second["items"]], second["next"]) == (rows[:1], None)


def test_a_reading_is_corrected_over_http(client: Client, model: Model) -> None:
    batch = add_batch(model, ["123"], verdicts="u")
    path = f"{model.project_id}/batches/{batch.pk}"
    [reading] = ask(client, "GET", f"{path}/results").json()["items"]
    wish = {"prediction": reading["id"], "text": "128"}
    answer = ask(client, "POST", f"{model.project_id}/corrections", wish)
    assert Image.objects.get(pk=answer.json()["image"]).text == "128"
    assert ask(client, "GET", f"{path}/results").json()["items"][0]["checked_text"] == "128"
    progress = ask(client, "GET", path).json()
    assert (progress["to_check"], progress["checked"]) == (0, 1)
    assert ask(client, "GET", f"{model.project_id}/predictions").json()["items"] == []


def test_a_batch_is_cancelled_and_deleted(client: Client, model: Model) -> None:
    batch = add_batch(model, ["123"], state=JobState.QUEUED)
    path = f"{model.project_id}/batches/{batch.pk}"
    assert ask(client, "POST", f"{path}/cancel").json()["state"] == "stopped"
    assert ask(client, "DELETE", path).status_code == 204
    assert ask(client, "GET", path).status_code == 404


def test_a_batch_of_another_project_is_not_there(client: Client, model: Model) -> None:
    batch = add_batch(model, ["123"])
    other = make_project(model.project.created_by, name="other")
    for path in ("", "/results", "/download/csv"):
        assert ask(client, "GET", f"{other.pk}/batches/{batch.pk}{path}").status_code == 404


def test_a_webhook_is_set_shown_without_its_secret_and_removed(
    client: Client, project: Project, settings: Any
) -> None:
    path = f"{project.pk}/webhook"
    refused = ask(client, "PUT", path, {"url": "https://example.org/hook"})
    assert (refused.status_code, "WEBHOOK_HOSTS" in refused.json()["detail"]) == (422, True)
    settings.WEBHOOK_HOSTS = ["example.org"]
    made = ask(client, "PUT", path, {"url": "https://example.org/hook"}).json()
    assert made["secret"].startswith("whsec_")
    shown = ask(client, "GET", path).json()
    assert (shown["url"], "secret" in shown) == ("https://example.org/hook", False)
    assert ask(client, "DELETE", path).status_code == 204
    assert ask(client, "GET", path).status_code == 404
