"""How the web process answers: Django's ASGI handler, with threads that last.

Django gives each request a thread, and with it a database connection, of its own, and goes to and fro between that
thread and the event loop for every middleware and signal. Opening a connection costs more than most requests do with
it, and so does crossing over.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from os import SEEK_END
from typing import Any, cast

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db import connections
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from labeling.waiting import OUTSIDE, WaitingResponse

MOST_IDLE = 8
"""So many threads wait with an open connection for the next request. More work while more requests come at once."""

MOST_AT_WORK = 40
"""So many requests are worked on at once, each with a connection of the database; the others wait in line. Live streams
and those that wait without a thread do not count."""


class LastingThreadsHandler(ASGIHandler):
    """Answers each request in one thread that requests use one after the other.

    A live stream keeps its thread as long as somebody looks. One that waits for others to do something
    (`WaitingResponse`) gives it back meanwhile.
    """

    def __init__(self) -> None:
        super().__init__()
        self.idle: list[ThreadPoolExecutor] = []
        self._turns = asyncio.Semaphore(MOST_AT_WORK)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            # It says that there is nothing else.
            await super().__call__(scope, receive, send)
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            await self._answer(_with_length(scope, body), receive, send, body)

    def load_middleware(self, is_async: bool = False) -> None:
        # All of it synchronous, as nearly every view is: one way into the thread and back.
        super().load_middleware(is_async=False)

    async def _answer(self, scope: Any, receive: Any, send: Any, body: Any) -> None:
        set_script_prefix(get_script_prefix(scope))
        request, response = self.create_request(scope, body)
        if request is not None:
            async with self._turns:
                thread = self._take_thread()
                try:
                    async with ThreadSensitiveContext(executor=thread):
                        response = await sync_to_async(self._in_thread)(request, scope)
                except BaseException:
                    self._give_back(thread)
                    raise
            if response.streaming:
                await self._stream(response, thread, receive, send)
                return
            self._give_back(thread)
        if isinstance(response, WaitingResponse) and not await _unless_they_leave(
            self._finish(response, cast(HttpRequest, request)), self.listen_for_disconnect(receive)
        ):
            return
        await self.send_response(cast(HttpResponseBase, response), send)

    def _in_thread(self, request: HttpRequest, scope: Any) -> HttpResponseBase:
        """All that Django does for a request. What is whole already is closed, too: it needs nothing more of here."""
        request_started.send(sender=self.__class__, scope=scope)
        setattr(request, OUTSIDE, True)
        response = self.get_response(request)
        cast(Any, response)._handler_class = self.__class__
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.streaming:
            response.close()
        return response

    async def _stream(
        self, response: HttpResponseBase, thread: ThreadPoolExecutor, receive: Any, send: Any
    ) -> None:
        try:
            async with ThreadSensitiveContext(executor=thread):
                await _unless_they_leave(
                    self.send_response(response, send), self.listen_for_disconnect(receive)
                )
                await sync_to_async(response.close)()
        finally:
            self._give_back(thread)

    async def _finish(self, response: WaitingResponse, request: HttpRequest) -> None:
        try:
            await response.finish()
        except Exception as error:
            # Imported late, because that needs every app's routes.
            from webapp.api import api

            response.replace_with(api.on_exception(request, error))

    def _take_thread(self) -> ThreadPoolExecutor:
        # The one that worked last: its connection is the warmest, and the others may be let go.
        return self.idle.pop() if self.idle else ThreadPoolExecutor(1, thread_name_prefix="request")

    def _give_back(self, thread: ThreadPoolExecutor) -> None:
        if len(self.idle) < MOST_IDLE:
            self.idle.append(thread)
        else:
            thread.submit(connections.close_all)
            thread.shutdown(wait=False)


def _with_length(scope: Any, body: Any) -> Any:
    """A request that says how long its body is, now that all of it is here: one that came in chunks
    (Transfer-Encoding) could not, and Django ignores files and fields of a form of unknown length."""
    if any(name == b"content-length" for name, _ in scope["headers"]):
        return scope
    size = body.seek(0, SEEK_END)
    body.seek(0)
    length = [(b"content-length", b"%d" % size)] if size else []
    return {**scope, "headers": [*scope["headers"], *length]}


async def _unless_they_leave(work: Coroutine[Any, Any, None], disconnect: Coroutine[Any, Any, None]) -> bool:
    """Do something for as long as somebody is there to have it; return whether it was done."""
    working, leaving = asyncio.create_task(work), asyncio.create_task(disconnect)
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            return True
        return False
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
