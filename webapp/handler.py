"""How the web process answers: Django's ASGI handler, with threads that last.

Django gives each request a thread, and with it a database connection, of its own, and goes to and fro between that
thread and the event loop for every middleware. Opening a connection costs more than most requests do with it.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

MOST_IDLE = 8
"""So many threads wait with an open connection for the next request. More work while more requests come at once."""


class LastingThreadsHandler(ASGIHandler):
    """Answers each request in one thread that requests use one after the other.

    A request keeps its thread to itself until it is answered: a live stream as long as somebody looks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.idle: list[ThreadPoolExecutor] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # The one that worked last: its connection is the warmest, and the others may be let go.
        thread = self.idle.pop() if self.idle else ThreadPoolExecutor(1, thread_name_prefix="request")
        try:
            async with ThreadSensitiveContext(executor=thread):
                await super().__call__(scope, receive, send)
        finally:
            if len(self.idle) < MOST_IDLE:
                self.idle.append(thread)
            else:
                thread.submit(connections.close_all)
                thread.shutdown(wait=False)

    def load_middleware(self, is_async: bool = False) -> None:
        # All of it synchronous, as nearly every view is: one way into the thread and back.
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response)(request)
