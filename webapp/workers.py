"""Which workers live: each says so every few seconds in Redis, under a key that expires when it falls silent."""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

import redis
from celery import bootsteps
from kombu.exceptions import OperationalError

from labeling.dispatch import redis_client
from training.services.reading_queue import ReadingQueue
from webapp.machine_load import MachineLoad, machine_load

BEAT_SECONDS = 5
SILENT_AFTER_SECONDS = 15
REQUEUE_EVERY_SECONDS = 15
# Each queue's worker looks after the rows whose messages go there, and after what should become one.
REQUEUE_TASKS = {
    "prepare": (
        "labeling.tasks.requeue_abandoned_jobs",
        "training.tasks.requeue_abandoned_passes",
        "training.tasks.requeue_abandoned_batches",
        "webapp.tasks.refresh_figures",
        "webapp.tasks.forget_old_answers",
    ),
    "train": (
        "training.tasks.requeue_abandoned_runs",
        "training.tasks.requeue_abandoned_curves",
        "training.tasks.start_due_runs",
        "training.tasks.advance_searches",
    ),
}
_PREFIX = "worker:"


@dataclass(frozen=True)
class Worker:
    """A living worker, and how busy its machine was at its last beat. `since` is a Unix time in seconds."""

    name: str
    host: str
    pid: int
    queues: tuple[str, ...]
    since: float
    load: MachineLoad | None = None


def living_workers() -> list[Worker]:
    """Return the workers that spoke lately, by name; none while Redis is away."""
    try:
        client = redis_client()
        keys = sorted(client.scan_iter(f"{_PREFIX}*", count=1000))
        values = cast(list[bytes | None], client.mget(keys)) if keys else []
    except redis.RedisError:
        return []
    return [_worker(json.loads(value)) for value in values if value is not None]


def waiting_readings() -> int:
    """Return how many images wait to be read; 0 while Redis is away. Other jobs are rows in the database."""
    try:
        return ReadingQueue(redis_client()).waiting()
    except redis.RedisError:
        return 0


@contextlib.contextmanager
def living(name: str, queue: str) -> Iterator[None]:
    """Say that a worker which is none of Celery's lives, for as long as the block takes."""
    worker = Worker(name=name, host=socket.gethostname(), pid=os.getpid(), queues=(queue,), since=time.time())
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            _beat(worker)

    _beat(worker)
    thread = threading.Thread(target=beat, name="liveness", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        _leave(name)


def _worker(row: dict[str, Any]) -> Worker:
    load = row.get("load")
    return Worker(
        **row | {"queues": tuple(row["queues"]), "load": None if load is None else MachineLoad(**load)}
    )


def redis_is_reachable() -> bool:
    """Whether Redis answers."""
    try:
        return bool(redis_client().ping())
    except redis.RedisError:
        return False


class Liveness(bootsteps.StartStopStep):
    """A step of a worker's main process: say that it lives, and have abandoned rows queued again.

    A step rather than a signal, because Celery clears its timers whenever it loses Redis, and starts its steps anew
    when it is back.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        queues = tuple(sorted(queue.name for queue in parent.task_consumer.queues))
        worker = Worker(
            name=parent.hostname, host=socket.gethostname(), pid=os.getpid(), queues=queues, since=time.time()
        )
        _beat(worker)
        parent.timer.call_repeatedly(BEAT_SECONDS, _beat, (worker,))
        for queue in set(queues) & set(REQUEUE_TASKS):
            # At once as well: what an earlier start left behind should not wait.
            _requeue(parent.app, queue)
            parent.timer.call_repeatedly(REQUEUE_EVERY_SECONDS, _requeue, (parent.app, queue))

    def shutdown(self, parent: Any) -> None:
        _leave(parent.hostname)


def _beat(worker: Worker) -> None:
    # While Redis is away the key expires and the pages say so; the next beat tries again.
    worker = replace(worker, load=machine_load())
    with contextlib.suppress(redis.RedisError):
        redis_client().set(f"{_PREFIX}{worker.name}", json.dumps(asdict(worker)), ex=SILENT_AFTER_SECONDS)


def _leave(name: str) -> None:
    with contextlib.suppress(redis.RedisError):
        redis_client().delete(f"{_PREFIX}{name}")


def _requeue(app: Any, queue: str) -> None:
    # Always on `prepare`: a `train` worker that is training could not take it.
    with contextlib.suppress(OperationalError):
        for task in REQUEUE_TASKS[queue]:
            app.send_task(task, queue="prepare", expires=REQUEUE_EVERY_SECONDS, retry=False)
