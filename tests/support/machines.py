"""A site on several machines: each part a process with a working folder of its own.

They share PostgreSQL, Redis and an S3 server, and nothing else.
"""

import json
import os
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import boto3
import psycopg
import redis
import requests

from tests.support.postgres import PrivatePostgres
from tests.support.site import PASSWORD, ROOT, Site, free_port, wait_until
from webapp.supervisor.programs import (
    Program,
    predict_worker,
    prepare_worker,
    redis_binary,
    train_worker,
    web_server,
)

BUCKET = "workbench"


@dataclass
class Machine:
    """One process in a folder of its own, with what it says in a log there."""

    name: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def lose(self) -> None:
        """Take it away as a power cut does: it says nothing to anybody."""
        self.process.kill()
        self.process.wait()


@dataclass
class Machines(Site):
    """The site as `docs/operations.md` shows it: `Site.manage`, `query` and `api` act on the web machine."""

    shared: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Machine] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return self.environment_in(self.data_dir / "web")

    def environment_in(self, folder: Path) -> dict[str, str]:
        return os.environ | self.shared | {"DATA_DIR": str(folder)}

    def start(self) -> None:
        self.manage("migrate", "--verbosity", "0")
        self.manage("first_start")
        self.add("web", web_server("127.0.0.1", self.port))
        wait_until(self._answers, seconds=180, what="the start of the web server")

    def add(self, name: str, program: Program) -> Machine:
        """Start a machine that runs one program."""
        folder = self.data_dir / name
        folder.mkdir(parents=True, exist_ok=True)
        command = [word.replace("@%h", f"@{name}") for word in program.command]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment_in(folder) | {"PYTHONUNBUFFERED": "1"} | program.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.parts[name] = Machine(name, folder, process)
        return self.parts[name]

    def stop(self) -> float:
        for machine in reversed(self.parts.values()):
            machine.end()
        return 0.0

    def queues(self) -> Counter[str]:
        """How many living workers each queue has, as they say themselves in Redis."""
        client = redis.Redis.from_url(self.shared["REDIS_URL"])
        said = (json.loads(client.get(key) or "{}") for key in client.scan_iter("worker:*"))
        return Counter(queue for worker in said for queue in worker.get("queues", []))

    def ask(self, question: LiteralString, *values: object) -> Any:
        """The first value of what SQL finds in the shared database."""
        assert self.database_url is not None
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute(question, values).fetchone()
        return row[0] if row else None

    def stored(self) -> list[str]:
        """The names of all files in the shared storage."""
        listed = bucket_client(self.shared).list_objects_v2(Bucket=BUCKET)
        return [each["Key"] for each in listed.get("Contents", [])]

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/health", timeout=5).status_code in (200, 503)
        except requests.RequestException:
            return False


@contextmanager
def several_machines(folder: Path) -> Iterator[Machines]:
    """A web machine, a `predict` worker, a `prepare` worker, and two `train` workers."""
    with ExitStack() as stack:
        postgres = stack.enter_context(PrivatePostgres())
        redis_port, s3_port = free_port(), free_port()
        stack.enter_context(_running([str(redis_binary()), "--port", str(redis_port), "--save", ""]))
        stack.enter_context(_running([sys.executable, "-m", "moto.server", "-p", str(s3_port)]))
        shared = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{s3_port}",
            "S3_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": "tests",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ADMIN_PASSWORD": PASSWORD,
            "DEMO": "0",
        }
        wait_until(lambda: _redis_answers(redis_port), seconds=30, what="the start of Redis")
        wait_until(lambda: _has_bucket(shared), seconds=180, what="the start of the S3 server")
        machines = Machines(folder, database_url=postgres.url, shared=shared)
        stack.callback(machines.stop)
        machines.start()
        machines.add("reader", predict_worker())
        machines.add("preparer", prepare_worker())
        for name in ("gpu-1", "gpu-2"):
            machines.add(name, train_worker())
        wanted = {"predict": 1, "prepare": 1, "train": 2}
        wait_until(lambda: machines.queues() == wanted, seconds=300, what="the start of the workers")
        yield machines


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _redis_answers(port: int) -> bool:
    try:
        return bool(redis.Redis(port=port).ping())
    except redis.RedisError:
        return False


def _has_bucket(shared: dict[str, str]) -> bool:
    try:
        requests.get(shared["S3_ENDPOINT_URL"], timeout=5)
    except requests.RequestException:
        return False
    bucket_client(shared).create_bucket(Bucket=BUCKET)
    return True


def bucket_client(shared: dict[str, str]) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=shared["S3_ENDPOINT_URL"],
        region_name=shared["S3_REGION"],
        aws_access_key_id=shared["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=shared["AWS_SECRET_ACCESS_KEY"],
    )
