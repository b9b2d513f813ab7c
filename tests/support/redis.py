"""A real Redis of a test's own."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.support.site import free_port
from webapp.supervisor.programs import redis_binary


@contextmanager
def private_redis(folder: Path, password: str = "") -> Iterator[str]:
    """Start one that listens on this machine, with a password where one is given; give its address."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    if password:
        options += ["--requirepass", password]
    url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{port}/0"
    server = subprocess.Popen([str(redis_binary()), *options], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not _answers(url):
            assert server.poll() is None, "Redis did not start"
            assert time.monotonic() < deadline, "Redis does not answer"
            time.sleep(0.02)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def _answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url).ping())
    except redis.ConnectionError:
        return False
