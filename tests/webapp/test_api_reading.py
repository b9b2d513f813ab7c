"""The API route that reads images, with a real Redis and a worker in a thread."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import Refused
from tests.factories import make_user, png
from tests.support.private_redis import private_redis
from tests.training.services.test_reading_worker import working
from tests.training.small_models import add_production_reader, add_reader, project_with_labels
from training.api_reading import _from_json
from training.models import Model
from training.services.reading_queue import ReadingQueue
from webapp.accounts.tokens import create_token

pytestmark = pytest.mark.django_db(transaction=True)
IMAGE, OTHER = png("01", 1), png("47", 2)


@pytest.fixture
def model() -> Model:
    return add_production_reader(project_with_labels(), trees=5)


@pytest.fixture
def _reader(tmp_path: Path, settings: Any) -> Iterator[None]:
    with private_redis(tmp_path, settings) as running:
        ReadingQueue(running).open()
        with working():
            yield


def read(
    client: Client, model: Model, body: Any, kind: str | None = None, query: str = "", user: Any = None
) -> Any:
    secret = create_token(user=user or model.project.created_by, name="test")[1]
    options = {} if kind is None else {"content_type": kind}
    address = f"/api/v1/projects/{model.project_id}/read{query}"
    return client.post(address, body, headers={"authorization": f"Bearer {secret}"}, **options)


def files(*images: bytes) -> dict[str, Any]:
    return {"files": [SimpleUploadedFile(f"{number}.png", image) for number, image in enumerate(images)]}


def said(answer: Any) -> list[tuple[str, float]]:
    assert answer.status_code == 200, answer.content
    return [(row["text"], row["confidence"]) for row in answer.json()["readings"]]


@pytest.mark.usefixtures("_reader")
def test_a_form_bytes_and_base64_are_read_alike(client: Client, model: Model) -> None:
    in_base64 = {"images": [base64.b64encode(image).decode() for image in (IMAGE, OTHER)]}
    form = read(client, model, files(IMAGE, OTHER))
    assert said(read(client, model, in_base64, "application/json")) == said(form)
    for number, image in enumerate((IMAGE, OTHER)):
        assert said(read(client, model, image, "image/png")) == said(form)[number : number + 1]


@pytest.mark.usefixtures("_reader")
def test_an_answer_has_all_that_the_document_promises(client: Client, model: Model) -> None:
    answer = read(client, model, files(IMAGE, b"no image")).json()
    promised = client.get("/api/v1/openapi.json", headers=bearer(model)).json()["components"]["schemas"]
    assert set(answer) == set(promised["ReadingsOut"]["properties"])
    for row in answer["readings"]:
        assert set(row) == set(promised["ReadingOut"]["properties"])
    assert answer["model"] == model.pk
    assert [row["name"] for row in answer["readings"]] == ["0.png", "1.png"]
    assert "This is not an image" in answer["readings"][1]["error"]


def bearer(model: Model) -> dict[str, str]:
    return {"authorization": f"Bearer {create_token(user=model.project.created_by, name='x')[1]}"}


@pytest.mark.usefixtures("_reader")
def test_a_name_that_is_no_plain_text_comes_back_as_it_was(client: Client, model: Model) -> None:
    name = 'a "quoted" ü.png'
    answer = read(client, model, {"files": SimpleUploadedFile(name, IMAGE)})
    [row] = answer.json()["readings"]
    assert row["name"] == name


@pytest.mark.usefixtures("_reader")
def test_another_model_of_the_project_reads_by_its_number(client: Client, model: Model) -> None:
    other = add_reader(model.project, trees=3)
    assert read(client, model, files(IMAGE), query=f"?model={other.pk}").json()["model"] == other.pk
    stranger = add_reader(project_with_labels(name="another project"), trees=3)
    assert read(client, model, files(IMAGE), query=f"?model={stranger.pk}").status_code == 404


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        ({}, None, 422, "no image in this request"),
        (b"{}", "application/json", 422, "Base64"),
        (b'{"images": "AAAA"}', "application/json", 422, "Base64"),
        (b'{"images": [1]}', "application/json", 422, "Base64"),
        (b'{"images": ["data:image/png;base64,AAAA"]}', "application/json", 422, "leave out"),
        (b'{"images": []}', "application/json", 422, "no image in this request"),
        (b"\xff", "application/json", 422, "Base64"),
        (b"x=1", "application/x-www-form-urlencoded", 415, "cannot be sent as"),
        (b"<a/>", "text/xml", 415, "cannot be sent as"),
    ],
)
def test_what_cannot_be_read_as_images_is_refused_with_what_to_send(
    client: Client, model: Model, body: Any, kind: str | None, status: int, words: str
) -> None:
    answer = read(client, model, body, kind)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]


def test_more_images_than_a_call_may_have_are_refused(client: Client, model: Model) -> None:
    answer = read(client, model, {"images": ["AA=="] * 257}, "application/json")
    assert answer.status_code == 422
    assert "257 images are too many" in answer.json()["detail"]


@given(st.binary(max_size=60))
def test_json_of_any_kind_is_images_or_refused(body: bytes) -> None:
    try:
        assert isinstance(_from_json(body), list)
    except Refused as refusal:
        assert "Base64" in str(refusal)


def test_a_full_queue_is_503_with_when_to_come_again(
    client: Client, model: Model, tmp_path: Path, settings: Any
) -> None:
    settings.READING_MOST_WAITING = 2
    with private_redis(tmp_path, settings) as running:
        queue = ReadingQueue(running)
        queue.ask(request="x", model=1, images=[b"x"] * 2, answers="x", patience=60, limit=2)
        answer = read(client, model, files(IMAGE))
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "More than 2 images wait" in answer.json()["detail"]


def test_who_may_not_read_is_told_before_anything_is_read(client: Client, model: Model) -> None:
    assert read(client, model, files(IMAGE), user=make_user("stranger")).status_code == 404


@pytest.mark.usefixtures("_reader")
def test_an_answer_under_an_idempotency_key_is_repeated_whole(client: Client, model: Model) -> None:
    headers = bearer(model) | {"idempotency-key": "once"}
    address = f"/api/v1/projects/{model.project_id}/read"
    first, second = (client.post(address, IMAGE, content_type="image/png", headers=headers) for _ in range(2))
    assert json.loads(first.content)["readings"]
    assert first.content == second.content
