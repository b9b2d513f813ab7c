"""The web process, asked as its server asks it: through ASGI, and about its threads and database connections."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.decorators import login_not_required
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

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


urlpatterns = [
    # A failure's page has links.
    *pages,
    path("who", who),
    path("together", together),
    path("broken", broken),
    path("stream", stream),
]


@pytest.fixture
def site() -> Iterator[LastingThreadsHandler]:
    site = LastingThreadsHandler()
    yield site
    for thread in site.idle:
        thread.submit(connections.close_all)
        thread.shutdown()


async def get(site: LastingThreadsHandler, address: str) -> tuple[int, str]:
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": f"/{address}", "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }  # fmt: skip
    asked = ApplicationCommunicator(site, scope)
    await asked.send_input({"type": "http.request"})
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


def test_a_live_stream_comes_part_by_part(site: LastingThreadsHandler) -> None:
    assert asyncio.run(get(site, "stream")) == (200, "one by one")
