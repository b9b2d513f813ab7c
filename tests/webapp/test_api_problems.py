"""Every error under /api/ is application/problem+json with a sentence, never a page."""

import asyncio
import json
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.test import Client

from labeling.models import Project
from labeling.services import projects
from tests.factories import make_project, make_user
from webapp.api import api
from webapp.body_limits import BodyLimits, most_bytes
from webapp.settings import DATA_UPLOAD_MAX_MEMORY_SIZE

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    project = make_project(make_user("owner"))
    client.force_login(project.created_by)
    return project


def checked(answer: Any, status: int) -> str:
    """Look that an answer is a problem; return its sentence."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    said = answer.json()
    assert said["status"] == status
    assert said["title"]
    assert isinstance(said["detail"], str)
    return str(said["detail"])


@pytest.mark.parametrize(
    "path", ["", "v1", "v1/", "v1/nothing", "v2/projects", "v1/projects/", "v1/projects/x/runs/1/2"]
)
def test_an_unknown_address_is_a_problem_for_strangers_and_members(
    client: Client, project: Project, path: str
) -> None:
    checked(client.get(f"/api/{path}"), 404)
    checked(Client().post(f"/api/{path}"), 404)


def test_a_wrong_method_says_which_ones_there_are(client: Client, project: Project) -> None:
    answer = client.put("/api/v1/projects")
    checked(answer, 405)
    assert {one.strip() for one in answer["Allow"].split(",")} >= {"GET", "POST"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{", "no JSON"),
        ('{"name": NaN}', "NaN is no number"),
        ('{"name": "\\ud800"}', "half of a surrogate pair"),
        ('{"name": "a\\u0000b"}', "NUL"),
        ("[" * 100_000, "no JSON"),
        (b"\xff\xfe", "no JSON"),
    ],
)
def test_what_is_no_json_is_told_why(client: Client, project: Project, body: Any, sentence: str) -> None:
    answer = client.post("/api/v1/projects", body, content_type="application/json")
    assert sentence in checked(answer, 400)


def test_nul_in_an_address_is_told(client: Client, project: Project) -> None:
    assert "NUL" in checked(client.get(f"/api/v1/projects/{project.pk}/annotations?annotator=a%00b"), 400)


def test_a_problem_keeps_the_headers_that_protect_browsers(client: Client, project: Project) -> None:
    answer = client.put("/api/v1/projects")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src" in answer["Content-Security-Policy"]
    assert int(answer["Content-Length"]) == len(answer.content)


def test_a_backslash_before_u0000_is_no_nul(client: Client, project: Project) -> None:
    wish = '{"name": "back\\\\u0000slash \\u00fc", "alphabet": "01", "length": "2"}'
    answer = client.post("/api/v1/projects", wish, content_type="application/json")
    assert answer.json()["name"] == "back\\u0000slash ü"


def test_a_form_where_json_belongs_says_so(client: Client, project: Project) -> None:
    answer = client.post("/api/v1/projects", {"name": "form"})
    assert "JSON" in checked(answer, 415)


def test_a_body_that_is_no_multipart_says_so(client: Client, project: Project) -> None:
    answer = client.post(
        f"/api/v1/projects/{project.pk}/imports", b"nothing", content_type="multipart/form-data; boundary="
    )
    assert "multipart" in checked(answer, 400)


def test_too_much_json_says_how_much_there_may_be(client: Client, project: Project) -> None:
    body = b'{"name": "' + b"x" * DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    answer = client.post("/api/v1/projects", body, content_type="application/json")
    assert "16 MiB" in checked(answer, 413)
    assert answer.json()["allowed_bytes"] == DATA_UPLOAD_MAX_MEMORY_SIZE


def test_too_many_files_say_how_many_there_may_be(client: Client, project: Project, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\nx\r\n'
    answer = client.post(
        f"/api/v1/projects/{project.pk}/imports",
        part * 2 + b"--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )
    assert "1 files" in checked(answer, 413)


def test_a_wish_of_the_wrong_form_names_its_fields(client: Client, project: Project) -> None:
    answer = client.post("/api/v1/projects", {"name": 5}, content_type="application/json")
    sentence = checked(answer, 422)
    assert "alphabet: Field required" in sentence
    assert {one["loc"][-1] for one in answer.json()["errors"]} == {"name", "alphabet", "length"}


def test_a_crash_is_a_problem_that_tells_nothing_of_the_code(
    client: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(projects, "parse_length", None)
    wish = {"name": "codes", "alphabet": "01", "length": "2"}
    sentence = checked(client.post("/api/v1/projects", wish, content_type="application/json"), 500)
    assert "its log says more" in sentence
    assert "NoneType" not in sentence


def test_a_forged_form_of_a_session_is_a_problem(project: Project) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(project.created_by)
    checked(client.post("/api/v1/projects", {}, content_type="application/json"), 403)


def test_errors_of_pages_stay_pages(client: Client, project: Project) -> None:
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_the_document_is_for_those_who_are_in(client: Client) -> None:
    checked(client.get("/api/v1/openapi.json"), 401)
    assert client.get("/api/v1/docs").url == "/sign-in/?next=/api/v1/docs"


# --- How large a request may be ---


async def echo(
    scope: Any, receive: Callable[[], Any], send: Callable[[MutableMapping[str, Any]], Any]
) -> None:
    """Read the whole body, then tell how long it was, as Django's handler does."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


def send_body(path: str, *parts: bytes, announced: int | None = None) -> tuple[int, bytes]:
    headers = [] if announced is None else [(b"content-length", str(announced).encode())]

    async def talk() -> tuple[int, bytes]:
        asked = ApplicationCommunicator(BodyLimits(echo), {"type": "http", "path": path, "headers": headers})
        for number, part in enumerate(parts):
            await asked.send_input(
                {"type": "http.request", "body": part, "more_body": number < len(parts) - 1}
            )
        started = await asked.receive_output(10)
        return started["status"], (await asked.receive_output(10))["body"]

    return asyncio.run(talk())


@pytest.fixture
def small(settings: Any) -> None:
    settings.API_MAX_REQUEST_BYTES = 1000
    settings.PAGE_MAX_REQUEST_BYTES = 2000
    settings.IMPORT_MAX_UPLOAD_BYTES = 5000


@pytest.mark.usefixtures("small")
def test_a_body_within_the_limit_passes_whole() -> None:
    assert send_body("/api/v1/projects", b"x" * 600, b"x" * 400) == (200, b"1000")


@pytest.mark.usefixtures("small")
def test_a_body_that_says_it_is_too_large_is_not_even_read() -> None:
    status, body = send_body("/api/v1/projects", announced=1001)
    assert status == 413
    said = json.loads(body)
    assert (said["status"], said["allowed_bytes"]) == (413, 1000)
    assert "1,000 bytes" in said["detail"]


@pytest.mark.usefixtures("small")
def test_a_body_that_streams_in_is_stopped_at_the_limit() -> None:
    status, body = send_body("/api/v1/projects", b"x" * 600, b"x" * 401, b"never read")
    assert (status, json.loads(body)["allowed_bytes"]) == (413, 1000)


@pytest.mark.usefixtures("small")
def test_a_page_is_told_in_the_way_that_its_scripts_read() -> None:
    status, body = send_body("/projects/1/settings/", announced=2001)
    assert (status, list(json.loads(body))) == (413, ["error"])


@pytest.mark.usefixtures("small")
def test_imports_and_batches_may_be_as_large_as_an_import() -> None:
    for path in ("/api/v1/projects/1/imports", "/api/v1/projects/1/batches", "/projects/1/imports/2/upload/"):
        assert most_bytes(path) > 5000
    assert most_bytes("/api/v1/projects/1/imports/2") == 1000


def test_every_tag_of_a_route_is_described() -> None:
    document = api.get_openapi_schema()
    used = {
        tag
        for operations in document["paths"].values()
        for operation in operations.values()
        for tag in operation["tags"]
    }
    assert used <= {tag["name"] for tag in document["tags"]}
