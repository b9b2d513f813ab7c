"""The web process, asked as its server asks it: through ASGI, and about its threads and database connections."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from labeling.waiting import WaitingResponse
from training.services.reading import ReaderBusy
from webapp import handler
from webapp.handler import LastingThreadsHandler
from webapp.urls import urlpatterns as pages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]

everybody = threading.Barrier(3, timeout=20)


@login_not_required
def who(request: HttpRequest) -> JsonResponse:
    connection.ensure_connection()
    return JsonResponse({"thread": threading.get_ident(), "connection": id(connection.connection)})


@login_not_required
def together(request: HttpRequest) -> HttpResponse:
    everybody.wait()
    return who(request)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("This view is broken.")


@login_not_required
async def stream(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        for part in ("one ", "by ", "one"):
            yield part

    return StreamingHttpResponse(parts())


@csrf_exempt
@login_not_required
def sent(request: HttpRequest) -> JsonResponse:
    files = {file.name: file.read().decode() for file in request.FILES.getlist("files")}
    return JsonResponse({"files": files, "fields": request.POST.dict()})


withdrawn = asyncio.Event()


@login_not_required
def later(request: HttpRequest) -> HttpResponse:
    """Say which thread was free while this waited."""
    own = threading.get_ident()

    async def come() -> dict[str, int]:
        if "fails" in request.GET:
            raise ReaderBusy("Too many wait.")
        try:
            await asyncio.wait_for(everybody_waits(), 20)
        except asyncio.CancelledError:
            withdrawn.set()
            raise
        return {"thread": own}

    return WaitingResponse(come, lambda said: json.dumps(said).encode(), content_type="application/json")


waiting = 0


async def everybody_waits() -> None:
    """Return once three requests wait at the same time."""
    global waiting
    waiting += 1
    while waiting < 3:
        await asyncio.sleep(0.01)


urlpatterns = [
    # A failure's page has links.
    *pages,
    path("who", who),
    path("together", together),
    path("broken", broken),
    path("stream", stream),
    path("sent", sent),
    path("later", later),
]


@pytest.fixture(autouse=True)
def _nobody_waits_yet() -> None:
    global waiting
    waiting = 0
    withdrawn.clear()


@pytest.fixture
def site() -> Iterator[LastingThreadsHandler]:
    site = LastingThreadsHandler()
    yield site
    for thread in site.idle:
        thread.submit(connections.close_all)
        thread.shutdown()


async def asking(
    site: LastingThreadsHandler, address: str, *parts: bytes, headers: dict[bytes, bytes] | None = None
) -> ApplicationCommunicator:
    """Ask, with a body in parts where there are any."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST" if parts else "GET", "path": f"/{path}",
        "query_string": query.encode(), "headers": [(b"host", b"localhost"), *(headers or {}).items()],
    }  # fmt: skip
    asked = ApplicationCommunicator(site, scope)
    for number, part in enumerate(parts or (b"",), start=1):
        await asked.send_input({"type": "http.request", "body": part, "more_body": number < len(parts)})
    return asked


async def get(
    site: LastingThreadsHandler, address: str, *parts: bytes, headers: dict[bytes, bytes] | None = None
) -> tuple[int, str]:
    asked = await asking(site, address, *parts, headers=headers)
    started, body = await asked.receive_output(20), b""
    while True:
        message = await asked.receive_output(20)
        body += message.get("body", b"")
        if not message.get("more_body"):
            await asked.wait(20)
            return started["status"], body.decode()


def ask(site: LastingThreadsHandler, *rounds: list[str]) -> list[list[Any]]:
    """Ask round after round, the addresses of one at the same time; return statuses, or what JSON says."""

    async def one(address: str) -> Any:
        status, body = await get(site, address)
        return json.loads(body) if status == 200 and body.startswith("{") else status

    async def all_rounds() -> list[list[Any]]:
        return [list(await asyncio.gather(*map(one, addresses))) for addresses in rounds]

    return asyncio.run(all_rounds())


def test_requests_one_after_the_other_share_a_thread_and_its_connection(site: LastingThreadsHandler) -> None:
    [[first], [second]] = ask(site, ["who"], ["who"])
    assert first == second


def test_requests_at_once_have_a_thread_and_a_connection_each(site: LastingThreadsHandler) -> None:
    [found] = ask(site, ["together"] * 3)
    assert len({one["thread"] for one in found}) == 3
    assert len({one["connection"] for one in found}) == 3


def test_a_request_that_fails_gives_its_thread_back(site: LastingThreadsHandler) -> None:
    [[first], [failed], [last]] = ask(site, ["who"], ["broken"], ["who"])
    assert failed == 500
    assert first == last


def test_threads_that_too_many_requests_at_once_needed_are_let_go(
    site: LastingThreadsHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "MOST_IDLE", 1)
    ask(site, ["together"] * 3)
    assert len(site.idle) == 1


@pytest.mark.parametrize("says_its_length", [True, False])
def test_a_form_counts_whether_it_says_its_length_or_comes_in_chunks(
    site: LastingThreadsHandler, says_its_length: bool
) -> None:
    form = encode_multipart(
        BOUNDARY, {"name": "two", "files": [upload("a.txt", "one"), upload("b.txt", "1")]}
    )
    headers = {b"content-type": MULTIPART_CONTENT.encode()}
    if says_its_length:
        headers[b"content-length"] = b"%d" % len(form)
    answer = asyncio.run(get(site, "sent", form[:100], form[100:], headers=headers))
    assert (answer[0], json.loads(answer[1])) == (
        200,
        {"files": {"a.txt": "one", "b.txt": "1"}, "fields": {"name": "two"}},
    )


def upload(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), "text/plain")


def test_a_live_stream_comes_part_by_part(site: LastingThreadsHandler) -> None:
    assert asyncio.run(get(site, "stream")) == (200, "one by one")


def test_requests_that_wait_for_others_hold_no_thread_meanwhile(
    site: LastingThreadsHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    site._turns = asyncio.Semaphore(1)
    [found] = ask(site, ["later"] * 3)
    # One after the other had the only thread, and all of them waited at the same time.
    assert len({one["thread"] for one in found}) == 1
    assert len(site.idle) == 1


def test_more_requests_at_once_than_may_be_worked_on_wait_in_line(site: LastingThreadsHandler) -> None:
    site._turns = asyncio.Semaphore(1)
    [found] = ask(site, ["who"] * 5)
    assert len({one["connection"] for one in found}) == 1


def test_what_goes_wrong_while_a_request_waits_is_said_as_the_api_says_it(
    site: LastingThreadsHandler,
) -> None:
    status, body = asyncio.run(get(site, "later?fails"))
    assert (status, json.loads(body)["detail"]) == (503, "Too many wait.")


def test_who_leaves_while_a_request_waits_ends_the_waiting(site: LastingThreadsHandler) -> None:
    async def leave() -> None:
        asked = await asking(site, "later")
        while not waiting:
            await asyncio.sleep(0.01)
        await asked.send_input({"type": "http.disconnect"})
        await asyncio.wait_for(withdrawn.wait(), 20)
        await asked.wait(20)

    asyncio.run(leave())
