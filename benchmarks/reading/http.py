"""A client that costs little: what it takes of the processors, the server does not have.

Requests are made beforehand; a connection sends one after the other and is kept open.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

BOUNDARY = "7b0c1d4f5a6e"


@dataclass(frozen=True)
class Post:
    """A whole request, as it goes over the wire."""

    host: str
    port: int
    wire: bytes


def post(url: str, body: bytes, kind: str, token: str = "") -> Post:
    parts = urlsplit(url)
    head = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Type: {kind}"]
    head += [f"Content-Length: {len(body)}", *([f"Authorization: Bearer {token}"] if token else [])]
    wire = "\r\n".join(head).encode() + b"\r\n\r\n" + body
    return Post(parts.hostname or "", parts.port or 80, wire)


def form(files: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    """The body of a form with files, and its media type."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        f"Content-Type: image/png\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, data in files
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


class Connection:
    """One client's way to a server."""

    def __init__(self) -> None:
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: Post) -> tuple[int, Any]:
        """Status and JSON of the answer. Raises OSError or asyncio.IncompleteReadError where there is none."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(request.host, request.port, limit=2**22)
        reader, writer = self._streams
        writer.write(request.wire)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return status, json.loads(await reader.readexactly(length))

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
