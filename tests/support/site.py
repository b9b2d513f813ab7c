"""The whole site as its users run it: `manage.py up` with its own Redis, web server and workers."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import requests
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
USER, PASSWORD = "admin", "test only, never used elsewhere"
READY_WITHIN_SECONDS = 120
STOPPED_WITHIN_SECONDS = 10


@dataclass
class Site:
    """A site in a folder of its own. `start` returns when it is ready; `more` are settings of its environment."""

    data_dir: Path
    demo: bool = False
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port())
    database_url: str | None = field(default_factory=lambda: new_database())
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def log_path(self) -> Path:
        return self.data_dir / "up.log"

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    @property
    def environment(self) -> dict[str, str]:
        changes = {
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "ADMIN_PASSWORD": PASSWORD,
            "DEMO": "1" if self.demo else "0",
            **self.more,
        }
        if self.database_url:
            changes["DATABASE_URL"] = self.database_url
        return os.environ | changes

    def start(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "manage.py", "up"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while "ready: open" not in self.log:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the site did not start:\n{self.log}")
            time.sleep(0.1)

    def stop(self) -> float:
        """Press Ctrl-C; return how many seconds it took."""
        assert self.process is not None
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOPPED_WITHIN_SECONDS + 20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - started

    def manage(self, *words: str) -> str:
        """Run a management command on the site's data; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def query(self, expression: str) -> str:
        """Evaluate an expression with every model at hand on the site's database; return its text."""
        imports = "from labeling.models import *; from training.models import *; from webapp.accounts.models import *"
        return self.manage("shell", "--no-imports", "-c", f"{imports}; print({expression})").strip()

    def api(self) -> "Api":
        token = self.manage(
            "shell", "--no-imports", "-c",
            "from webapp.accounts.models import User; from webapp.accounts.tokens import create_token; "
            f"print(create_token(user=User.objects.get(username='{USER}'), name='tests')[1])",
        ).strip()  # fmt: skip
        return Api(self.url, token)

    def processes(self) -> dict[str, list[int]]:
        """The process ids of the site's parts by name, read from the kernel."""
        found: dict[str, list[int]] = {"redis": [], "web": [], "prepare": [], "train": []}
        marks = {"redis-server": "redis", "uvicorn": "web", "prepare@": "prepare", "train@": "train"}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            # Redis writes its title over its environment, but the title has the socket's path.
            ours = f"DATA_DIR={self.data_dir}\0".encode() in environment or f"{self.data_dir}/" in command
            if not ours:
                continue
            for mark, name in marks.items():
                if mark in command:
                    found[name].append(int(folder.name))
        return found


@dataclass
class Api:
    """The HTTP API with a token."""

    url: str
    token: str

    def get(self, path: str, **options: Any) -> Any:
        return self._answer(requests.get(self._address(path), headers=self._headers, timeout=30, **options))

    def post(self, path: str, **options: Any) -> Any:
        return self._answer(requests.post(self._address(path), headers=self._headers, timeout=60, **options))

    def put(self, path: str, **options: Any) -> Any:
        return self._answer(requests.put(self._address(path), headers=self._headers, timeout=30, **options))

    def _address(self, path: str) -> str:
        return f"{self.url}/api/v1/{path}"

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _answer(self, response: requests.Response) -> Any:
        assert response.ok, f"{response.status_code}: {response.text}"
        return response.json()


def wait_until(true: Any, *, seconds: float, what: str) -> Any:
    """Ask again and again; return the first true answer, or fail saying what did not happen."""
    deadline = time.monotonic() + seconds
    while True:
        answer = true()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"within {seconds:g} seconds {what} did not happen; last seen: {answer!r}")
        time.sleep(0.2)


def new_database() -> str | None:
    """Make a database on the server of `DATABASE_URL`; without that, a site has its SQLite file."""
    server = os.environ.get("DATABASE_URL")
    if not server:
        return None
    name = f"site_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{server.rpartition('/')[0]}/{name}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
