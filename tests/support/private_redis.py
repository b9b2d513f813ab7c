"""A Redis of a test's own."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from labeling.dispatch import redis_client
from webapp.supervisor.programs import redis_binary


@contextmanager
def private_redis(folder: Path, settings: Any) -> Iterator[redis.Redis]:
    """Run a Redis in a folder and have the site use it; yield the site's connection to it."""
    path = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([str(redis_binary()), *options], stdout=subprocess.DEVNULL)
    before, settings.REDIS_URL = settings.REDIS_URL, f"unix://{path}"
    redis_client.cache_clear()
    try:
        deadline = time.monotonic() + 10
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        yield redis_client()
    finally:
        settings.REDIS_URL = before
        redis_client.cache_clear()
        server.terminate()
        server.wait(10)
