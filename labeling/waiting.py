"""Responses that are still being made when their view returns, so that no thread waits for what others do."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

OUTSIDE = "waits_outside"
"""The attribute of a request whose handler finishes such responses: `webapp.handler` does, a test's client does not."""


class WaitingResponse(HttpResponse):
    """A response whose content comes later. Middleware treats it as any other; its handler awaits `finish`."""

    def __init__(
        self, come: Callable[[], Awaitable[Any]], say: Callable[[Any], bytes], **options: Any
    ) -> None:
        """
        Args:
            come: awaited for what the response is about.
            say: makes the content of it.
        """
        super().__init__(**options)
        self._come, self._say = come, say

    async def finish(self) -> None:
        """Wait for the content; raises what `come` raises."""
        self._be(self._say(await self._come()))

    def replace_with(self, other: HttpResponse) -> None:
        """Say what another response says, but with what middleware has added."""
        self.status_code = other.status_code
        for name, value in other.items():
            self[name] = value
        self._be(other.content)

    def _be(self, content: bytes) -> None:
        self.content = content
        # What middleware has said of the length was of an empty one.
        self["Content-Length"] = str(len(content))


def waits_outside(request: HttpRequest) -> bool:
    """Whether a view may return a `WaitingResponse` to this request: not where its answer is to be kept on the way."""
    return getattr(request, OUTSIDE, False) and "Idempotency-Key" not in request.headers
