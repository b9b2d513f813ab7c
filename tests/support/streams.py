"""Answers that come in parts."""

from typing import Any

from asgiref.sync import async_to_sync


def content(response: Any) -> bytes:
    """All parts of an answer that is streamed from the event loop."""

    async def gathered() -> bytes:
        return b"".join([part async for part in response.streaming_content])

    return async_to_sync(gathered)()
