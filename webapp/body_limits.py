"""How large a request may be, enforced before any of it is kept: by its Content-Length, else while it streams in."""

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from webapp.api_problems import ROOT, size_words, too_large

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Whole folders and archives go to these; everything else is about some pictures or a form.
_UPLOADS = re.compile(r"/(imports|batches|upload|files)/?$")
# What the names and boundaries of the largest upload add to its bytes.
_ENVELOPE = 2**20


class BodyTooLarge(Exception):
    """More came than is allowed."""


class BodyLimits:
    """An ASGI application around another one, which sees no request larger than is allowed at its address."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.application(scope, receive, send)
        limit = most_bytes(scope["path"])
        if _announced(scope) > limit:
            return await _refuse(scope["path"], limit, send)
        came = 0

        async def bounded() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > limit:
                raise BodyTooLarge
            return message

        try:
            await self.application(scope, bounded, send)
        except BodyTooLarge:
            # The body is read before anything is answered, so nothing was sent yet.
            await _refuse(scope["path"], limit, send)


def most_bytes(path: str) -> int:
    """Return how many bytes a request to an address may have."""
    if _UPLOADS.search(path):
        return int(settings.IMPORT_MAX_UPLOAD_BYTES) + _ENVELOPE
    if path.startswith(ROOT):
        return int(settings.API_MAX_REQUEST_BYTES)
    return int(settings.PAGE_MAX_REQUEST_BYTES)


def _announced(scope: Scope) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() else 0


async def _refuse(path: str, limit: int, send: Send) -> None:
    response = too_large(limit)
    if not path.startswith(ROOT):
        words = f"The request is larger than {size_words(limit)}, which is the most that is allowed."
        # The pages' own scripts look for `error`.
        response = HttpResponse(json.dumps({"error": words}), status=413, content_type="application/json")
    headers = [
        (b"content-type", response["Content-Type"].encode()),
        (b"content-length", b"%d" % len(response.content)),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
