"""What a run's worker uses of its machine, sampled beside the training and shown on the run's page."""

import logging
import os
import platform
import socket
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from django.db import DatabaseError, close_old_connections, connection

from training.live import announce
from training.models import Run, WorkerUse
from training.services.gpus import Gpus

logger = logging.getLogger(__name__)

SAMPLE_EVERY_SECONDS = 5.0
# When there are more, every second one is left out, and from then on only every second one is kept.
MOST_SAMPLES = 400


class WorkerWatch:
    """Samples processor, memory and GPUs from a thread of its own while the body of the `with` statement works.

    A sample is: `seconds` since the run's first; `own` and `machine`, shares 0..1 of all cores that this process and
    that everybody uses; `memory` of this process in bytes; and where there are GPUs, what `Gpus.sample` says.
    """

    def __init__(self, run: Run, every: float = SAMPLE_EVERY_SECONDS) -> None:
        self._run = run
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"use of {run}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        try:
            with Gpus.here() as gpus:
                sampler = Sampler(gpus)
                row: WorkerUse | None = None
                while not self._over.wait(self._every):
                    try:
                        if row is None:
                            row = _row(self._run, gpus, self._every)
                            sampler.seconds_before = row.latest.get("seconds", 0.0)
                        row.latest = sampler.sample()
                        row.columns, row.every = kept(row.columns, row.latest, row.every)
                        row.save()
                    except DatabaseError:
                        # It may be back for the next sample.
                        close_old_connections()
                    else:
                        announce(self._run.pk)
        except Exception:
            # Watching must not end what it watches.
            logger.exception("the use of the worker cannot be watched")
        finally:
            connection.close()


class Sampler:
    """Takes samples of this process and its machine; shares are of the time since the sample before."""

    def __init__(self, gpus: Gpus) -> None:
        # Where an earlier part of the run ended.
        self.seconds_before = 0.0
        self._gpus = gpus
        self._process = psutil.Process()
        self._cores = psutil.cpu_count() or 1
        self._started = time.monotonic()
        # The first call only starts the count.
        self._process.cpu_percent()
        psutil.cpu_percent()

    def sample(self) -> dict[str, float]:
        """See `WorkerWatch`."""
        sample = {
            "seconds": round(self.seconds_before + time.monotonic() - self._started, 1),
            "own": round(min(1.0, self._process.cpu_percent() / 100 / self._cores), 3),
            "machine": round(psutil.cpu_percent() / 100, 3),
            "memory": self._process.memory_info().rss,
        }
        return sample | self._gpus.sample()


def kept(
    columns: dict[str, list[float | None]], sample: dict[str, float], every: float
) -> tuple[dict[str, list[float | None]], float]:
    """Return columns with a sample added and the seconds between two that are kept, both in bounded size.

    A sample that comes sooner takes the place of the last one, so the newest is always there.
    """
    seconds = columns.get("seconds", [])
    length = len(seconds)
    last = seconds[-2] if length > 1 else None
    replaces = last is not None and sample["seconds"] - last < 0.9 * every
    columns = {
        name: [*columns.get(name, [None] * length)[: length - replaces], sample.get(name)]
        for name in columns | sample
    }
    if len(columns["seconds"]) > MOST_SAMPLES:
        columns, every = {name: values[::-2][::-1] for name, values in columns.items()}, 2 * every
    return columns, every


def _row(run: Run, gpus: Gpus, every: float) -> WorkerUse:
    place: dict[str, Any] = {"host": socket.gethostname(), "device": gpus.names or _processor()}
    row, _ = WorkerUse.objects.update_or_create(
        run=run, defaults=place, create_defaults=place | {"every": every}
    )
    return row


def _processor() -> str:
    """The processor's name where the system tells it, and the cores that this process may use."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = (line for line in info.read_text().splitlines() if line.startswith("model name"))
        name = next(models, f": {name}").partition(":")[2].strip()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} core{'' if cores == 1 else 's'}"
