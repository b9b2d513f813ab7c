import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from webapp.embedded import embedded_redis_url, redis_socket
from webapp.first_start import administrator_name, first_start
from webapp.log_secrets import hide_secrets
from webapp.supervisor.console import Console, LogHandler
from webapp.supervisor.programs import (
    Program,
    predict_workers,
    prepare_worker,
    redis_server,
    train_worker,
    web_server,
)
from webapp.supervisor.supervisor import Supervisor
from webapp.workers import living_workers, redis_is_reachable

READY_WITHIN_SECONDS = 60.0


class Command(BaseCommand):
    help = "Start the whole site in the foreground: Redis, web server, workers. Ctrl-C stops everything."
    # The checks load every page; the web server makes them anyway.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = os.environ.get("HOST", "127.0.0.1"), _port()
        with _only_one(Path(settings.DATA_DIR)):
            _check_port(host, port)
            asyncio.run(_run(host, port))


async def _run(host: str, port: int) -> None:
    own_redis = embedded_redis_url(settings.DATA_DIR) == settings.REDIS_URL
    site = [web_server(host, port), *predict_workers(), prepare_worker(), train_worker()]
    console = Console(["setup", "redis", *(program.name for program in site)])
    logging.getLogger().handlers = [LogHandler(console, "setup")]
    supervisor = Supervisor(console)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop)
    work = asyncio.create_task(_start(supervisor, console, site, own_redis=own_redis, host=host, port=port))
    stop = asyncio.create_task(supervisor.wait_for_stop())
    try:
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            # Raises what kept the site from starting.
            work.result()
            await stop
        console.write("setup", "stopping")
    finally:
        work.cancel()
        await supervisor.finish()
    console.write("setup", "stopped")


async def _start(
    supervisor: Supervisor, console: Console, site: list[Program], *, own_redis: bool, host: str, port: int
) -> None:
    if own_redis:
        path = redis_socket(settings.DATA_DIR)
        _make_private(path.parent)
        # The lock says that nobody else is up on this data folder: a socket that lies here is of a crashed one.
        path.unlink(missing_ok=True)
        await supervisor.start(redis_server(path))
    await _until(redis_is_reachable, f"Redis does not answer at {hide_secrets(settings.REDIS_URL)}.")
    say = partial(console.write, "setup")
    await asyncio.to_thread(call_command, "migrate", verbosity=0, interactive=False, skip_checks=True)
    await asyncio.to_thread(first_start, say)
    name = await asyncio.to_thread(administrator_name)
    for program in site:
        await supervisor.start(program)
    address = f"http://{_shown(host)}:{port}/"
    await _until(lambda: _answers(address), f"The web server does not answer at {address}.")
    await _until(lambda: len(living_workers()) >= len(site) - 1, "The workers do not report.")
    say(f"sign in as {name}")
    say(f"ready: open {address}")


def _make_private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.getuid():
        # Possible in the shared temporary folder only: whoever owns the folder could pose as our Redis.
        raise CommandError(f"{folder} belongs to another user. Remove it, or set DATA_DIR to a shorter path.")


def _shown(host: str) -> str:
    if host in ("127.0.0.1", "0.0.0.0", "::1", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host


async def _until(true: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not await asyncio.to_thread(true):
        if time.monotonic() > deadline:
            raise CommandError(f"{otherwise} The lines above say more.")
        await asyncio.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}health", timeout=2) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        # Redis or a worker may still be on its way; the web server itself is there.
        return True
    except OSError:
        return False


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT={text} is no port. Choose a number such as 8000.")
    return int(text)


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} of {host} cannot be used ({error.strerror}). Choose another one: PORT={port + 1} make up"
            ) from None


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder's lock, which the kernel frees whatever happens to this process."""
    with (folder / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(
                f"The site is up on the data folder {folder} already (process {lock.read().strip() or 'unknown'}). "
                "Stop it there first, or set DATA_DIR to another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
