"""How the Python client sends, against a server that is told what to answer."""

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from client import captcha_workbench
from client.captcha_workbench import Problem, Reading, Workbench


@dataclass
class Server:
    """Answers with what is queued, one after the other, and remembers what was asked."""

    answers: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def say(self, status: int, body: Any, **headers: str) -> None:
        self.answers.append(
            (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)
        )


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.asked.append(
                {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}
            )
            status, headers, said = told.answers.pop(0)
            if status == 0:
                # The connection breaks before anything is answered.
                self.close_connection = True
                return
            data = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = answer

        def log_message(self, *args: Any) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{running.server_address[1]}"
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield told
    running.shutdown()
    running.server_close()
    thread.join()
    assert not told.answers


@pytest.fixture
def workbench(server: Server) -> Workbench:
    return Workbench(server.url, token="cwb_x", project=7)


def readings(count: int, first: int = 0) -> dict[str, Any]:
    rows = [
        {"name": str(number), "text": str(number), "verdict": "sure"}
        for number in range(first, first + count)
    ]
    return {"model": 1, "readings": rows}


def test_every_request_carries_the_token(server: Server, workbench: Workbench) -> None:
    server.say(200, {"user": "ada"})
    assert workbench.me() == {"user": "ada"}
    [asked] = server.asked
    assert (asked["path"], asked["headers"]["Authorization"]) == ("/api/v1/me", "Bearer cwb_x")


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_after_the_seconds_that_it_says(
    server: Server, workbench: Workbench, status: int
) -> None:
    for _ in range(2):
        server.say(status, {"title": "Busy", "detail": "Wait."}, Retry_After="0")
    server.say(200, readings(1))
    assert workbench.read(b"picture").text == "0"
    assert len({asked["body"].count(b"picture") for asked in server.asked}) == 1
    assert len(server.asked) == 3


def test_patience_ends_with_the_servers_own_sentence(server: Server) -> None:
    workbench = Workbench(server.url, token="cwb_x", project=7, patience=0)
    server.say(503, {"title": "No reading right now", "detail": "All are busy."}, Retry_After="5")
    with pytest.raises(Problem, match="All are busy") as problem:
        workbench.read(b"picture")
    assert problem.value.status == 503


def test_a_lost_answer_is_asked_for_again_under_the_same_key(server: Server, workbench: Workbench) -> None:
    server.say(0, b"")
    server.say(409, {"title": "Not now", "detail": "Under way."}, Retry_After="0")
    server.say(202, {"number": 3})
    assert workbench.start_run(max_minutes=5) == {"number": 3}
    assert len({asked["headers"]["Idempotency-Key"] for asked in server.asked}) == 1
    assert [json.loads(asked["body"]) for asked in server.asked] == [{"max_minutes": 5}] * 3


def test_two_wishes_have_two_keys(server: Server, workbench: Workbench) -> None:
    for number in (1, 2):
        server.say(202, {"number": number})
        workbench.start_run()
    assert len({asked["headers"]["Idempotency-Key"] for asked in server.asked}) == 2


def test_a_server_that_stays_away_is_an_error_of_the_connection(server: Server) -> None:
    workbench = Workbench(server.url, token="cwb_x", patience=0)
    server.say(0, b"")
    with pytest.raises(requests.ConnectionError):
        workbench.me()


def test_a_refusal_is_a_problem_with_its_fields(server: Server, workbench: Workbench) -> None:
    errors = [{"loc": ["body", "text"], "msg": "Field required", "type": "missing"}]
    server.say(422, {"title": "Refused", "detail": "text: Field required.", "errors": errors})
    with pytest.raises(Problem, match="text: Field required") as problem:
        workbench.correct("", prediction=1)
    assert (problem.value.status, problem.value.title, problem.value.errors) == (422, "Refused", errors)


def test_a_page_of_a_proxy_is_a_problem_too(server: Server, workbench: Workbench) -> None:
    server.say(502, b"<h1>Bad Gateway</h1>")
    with pytest.raises(Problem, match="502"):
        workbench.me()


def test_pictures_are_sent_256_at_a_time_and_read_in_order(server: Server, workbench: Workbench) -> None:
    for count, first in ((256, 0), (256, 256), (88, 512)):
        server.say(200, readings(count, first))
    found = workbench.read_many((f"{number}.png", b"x") for number in range(600))
    assert [reading.text for reading in found] == [str(number) for number in range(600)]
    assert [asked["body"].count(b'name="files"') for asked in server.asked] == [256, 256, 88]


def test_large_pictures_are_fewer_in_a_request(
    server: Server, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captcha_workbench, "MOST_BYTES", 100)
    for count, first in ((2, 0), (1, 2), (1, 3)):
        server.say(200, readings(count, first))
    found = workbench.read_many([b"x" * 50, b"x" * 50, b"x" * 300, b"x"])
    assert [reading.text for reading in found] == ["0", "1", "2", "3"]


def test_a_batch_is_sent_in_parts_and_started_once(
    server: Server, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captcha_workbench, "MOST_BYTES", 100)
    for _ in range(3):
        server.say(202, {"id": 5, "state": "draft"})
    server.say(202, {"id": 5, "state": "queued"})
    assert workbench.start_batch(b"x" * 90 for _ in range(3))["state"] == "queued"
    start = "/api/v1/projects/7/batches"
    assert [asked["path"] for asked in server.asked] == [
        start,
        f"{start}/5/files",
        f"{start}/5/files",
        f"{start}/5/start",
    ]
    assert b"false" in server.asked[0]["body"]


def test_a_batch_of_nothing_is_not_sent(server: Server, workbench: Workbench) -> None:
    with pytest.raises(ValueError, match="at least one"):
        workbench.start_batch([])


def test_reading_is_lazy(server: Server, workbench: Workbench) -> None:
    server.say(200, readings(256))
    first = next(workbench.read_all(b"x" for _ in range(600)))
    assert first.text == "0"
    assert len(server.asked) == 1


def test_no_pictures_are_no_request(server: Server, workbench: Workbench) -> None:
    assert workbench.read_many([]) == []
    assert server.asked == []


def test_a_picture_is_a_path_bytes_a_file_or_a_pair(
    server: Server, workbench: Workbench, tmp_path: Path
) -> None:
    path = tmp_path / "one.png"
    path.write_bytes(b"first")
    file = io.BytesIO(b"third")
    file.name = "dir/three.png"
    server.say(200, readings(5))
    workbench.read_many([path, str(path), b"second", file, ("four.png", b"fourth")])
    body = server.asked[0]["body"]
    for name in (b"one.png", b"image", b"three.png", b"four.png"):
        assert b'filename="' + name + b'"' in body
    assert [body.count(one) for one in (b"first", b"second", b"third", b"fourth")] == [2, 1, 1, 1]


def test_lists_are_followed_to_their_end(server: Server, workbench: Workbench) -> None:
    server.say(200, {"items": [{"id": 1}], "next": "abc"})
    server.say(200, {"items": [], "next": "def"})
    server.say(200, {"items": [{"id": 2}], "next": None})
    assert [one["id"] for one in workbench.models()] == [1, 2]
    assert [asked["path"].partition("?")[2] for asked in server.asked] == ["", "cursor=abc", "cursor=def"]


def test_waiting_tells_how_far_it_is_and_ends_with_the_job(server: Server, workbench: Workbench) -> None:
    for state in ("queued", "running", "done"):
        server.say(200, {"state": state})
    seen: list[str] = []
    row = workbench.wait_for_batch(4, every=0, progress=lambda row: seen.append(row["state"]))
    assert (row["state"], seen) == ("done", ["queued", "running", "done"])


def test_waiting_does_not_last_for_ever(server: Server, workbench: Workbench) -> None:
    server.say(200, {"state": "running"})
    with pytest.raises(TimeoutError, match="it is running"):
        workbench.wait_for_run(1, seconds=-1)


def test_without_a_project_it_says_how_to_name_one(server: Server) -> None:
    with pytest.raises(ValueError, match="project=1"):
        Workbench(server.url, token="cwb_x").read(b"x")


def test_a_reading_keeps_what_it_knows_of_a_newer_servers_answer() -> None:
    reading = Reading.of({"name": "a", "text": "1", "verdict": "unsure", "brand_new": 5})
    assert (reading.text, reading.wants_a_look) == ("1", True)
