"""Long jobs as rows: a Celery message only points at such a row, and the row alone says who works on it.

A worker claims a row with a conditional `update()` that must touch exactly one row, so a message delivered twice is
harmless. While it works it beats; a row whose heartbeat went silent is queued again by the reaper. (The habit is that
of readthedocs.org's `Build.healthcheck` and of healthchecks' `sendalerts`.)
"""

import logging
import os
import socket
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from labeling.errors import Refused
from labeling.outages import AWAY, outlasting

logger = logging.getLogger(__name__)

HEARTBEAT_EVERY = timedelta(seconds=5)
SILENT_AFTER = timedelta(seconds=30)
# A row that keeps taking its worker down (out of memory, a crash in a decoder) must not do so for ever.
MAX_ATTEMPTS = 4


class JobState(models.TextChoices):
    """Where a long job stands."""

    DRAFT = "draft", "Draft"
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


ACTIVE_STATES = (JobState.QUEUED, JobState.RUNNING)


class LostClaim(Exception):
    """Another worker owns the row by now, or it was stopped or deleted: drop the work."""


class JobQuerySet(models.QuerySet[Any]):
    """Reads about jobs that sound like sentences."""

    def active(self) -> "JobQuerySet":
        return self.filter(state__in=ACTIVE_STATES)

    def abandoned(self) -> list[Any]:
        """Rows that say they are running while nobody works on them any more."""
        silent_since = timezone.now() - SILENT_AFTER
        running = self.filter(state=JobState.RUNNING)
        return [
            row for row in running if row.heartbeat_at < silent_since or _died_on_this_machine(row.worker)
        ]


class Job(models.Model):
    """A long job. Subclasses add what the job is about."""

    state = models.CharField(max_length=10, choices=JobState, default=JobState.DRAFT, db_index=True)
    error = models.TextField(blank=True)
    stop_requested = models.BooleanField(default=False)
    claim = models.UUIDField(null=True, editable=False)
    worker = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_STATES

    @property
    def seconds(self) -> float | None:
        """How long the job has run, or ran."""
        if self.started_at is None:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    @property
    def waits_for_worker(self) -> bool:
        """Whether the job is queued for longer than a living worker needs to take it."""
        since = max(filter(None, (self.queued_at, self.heartbeat_at)), default=None)
        return (
            self.state == JobState.QUEUED
            and since is not None
            and timezone.now() - since > timedelta(seconds=20)
        )

    # The methods below write with conditional updates, never with save(): two processes may hold the same row.

    def mark_queued(self) -> bool:
        """Put a draft (or a finished job, again) in the queue; return whether this call did it."""
        now = timezone.now()
        changed = (
            type(self)
            ._default_manager.filter(pk=self.pk)
            .exclude(state__in=ACTIVE_STATES)
            .update(
                state=JobState.QUEUED,
                queued_at=now,
                finished_at=None,
                error="",
                stop_requested=False,
                attempts=0,
            )
        )
        self.refresh_from_db()
        return changed == 1

    def claim_for_work(self) -> bool:
        """Take a queued row for this process; return False where another worker was quicker."""
        claim, now = uuid.uuid4(), timezone.now()
        changed = (
            type(self)
            ._default_manager.filter(pk=self.pk, state=JobState.QUEUED)
            .update(
                state=JobState.RUNNING,
                claim=claim,
                worker=f"{socket.gethostname()}:{os.getpid()}",
                attempts=F("attempts") + 1,
                heartbeat_at=now,
                started_at=Coalesce(F("started_at"), now),
            )
        )
        if changed:
            self.refresh_from_db()
        return changed == 1

    def beat(self, **changes: Any) -> None:
        """Say that work goes on, and write progress.

        Raises:
            LostClaim: the row is no longer this process's to work on.
        """
        self._update_claimed(heartbeat_at=timezone.now(), **changes)

    def hand_back(self, *, attempts: int = 0) -> None:
        """Queue the row again with its progress and its place in line kept, so that other messages get their turn.

        Args:
            attempts: how many of those that it has count on.
        """
        self._update_claimed(
            state=JobState.QUEUED, heartbeat_at=timezone.now(), claim=None, attempts=attempts
        )

    def finish(self, state: JobState, *, error: str = "", **changes: Any) -> None:
        """Close the job."""
        self._update_claimed(state=state, error=error, finished_at=timezone.now(), claim=None, **changes)

    def _update_claimed(self, **changes: Any) -> None:
        owned = type(self)._default_manager.filter(pk=self.pk, claim=self.claim, state=JobState.RUNNING)
        if self.claim is None or outlasting(lambda: owned.update(**changes)) != 1:
            raise LostClaim(f"{self._meta.verbose_name} {self.pk}")
        for name, value in changes.items():
            setattr(self, name, value)


def work_on(
    rows: "models.QuerySet[Any]",
    pk: int,
    work: Callable[[Any], None],
    explain: Callable[[Any, Exception], str],
) -> bool:
    """Claim a row and work on it; do nothing and return False where it is gone, claimed or ended already.

    Args:
        work: does the job and finishes the row. When it raises Refused, the row fails with that sentence; when the
            database was away in the midst of it, the row is queued again; when it raises anything else, the row fails
            with the sentence of `explain`, and the log has the traceback.
    """
    row = rows.filter(pk=pk).first()
    if row is None or not row.claim_for_work():
        return False
    name = f"{row._meta.verbose_name} {pk}"
    logger.info("%s started (attempt %s)", name, row.attempts)
    try:
        try:
            work(row)
        except LostClaim:
            raise
        except SystemExit:
            # The site is being stopped. That is not the job's fault, so it does not count as an attempt.
            row.hand_back()
            raise
        except Refused as refusal:
            logger.warning("%s failed: %s", name, refusal)
            row.finish(JobState.FAILED, error=str(refusal))
        except AWAY as error:
            if row.attempts >= MAX_ATTEMPTS:
                times = f"The database went away {row.attempts} times while this was worked on ({error})."
                row.finish(JobState.FAILED, error=f"{times} Look after the database, then try again.")
            else:
                logger.warning("%s lost the database and is queued again: %s", name, error)
                row.hand_back(attempts=row.attempts)
        except Exception as error:
            logger.exception("%s failed", name)
            row.finish(JobState.FAILED, error=explain(row, error))
    except LostClaim:
        logger.info("%s is not this process's to work on any more", name)
    else:
        logger.info("%s is %s", name, row.state)
    return True


def _died_on_this_machine(worker: str) -> bool:
    """Whether a worker named `host:pid` ran here and its process is gone: no need to wait for its silence then."""
    host, _, pid = worker.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def requeue_abandoned(rows: JobQuerySet) -> None:
    """Queue again what a dead worker left; what took its worker down too often fails.

    Every change is conditional on the very heartbeat that was seen, so several reapers may run at once.
    """
    for row in rows.abandoned():
        same = rows.model._default_manager.filter(
            pk=row.pk, state=JobState.RUNNING, heartbeat_at=row.heartbeat_at
        )
        now = timezone.now()
        if row.stop_requested:
            same.update(state=JobState.STOPPED, finished_at=now, claim=None)
        elif row.attempts >= MAX_ATTEMPTS:
            error = f"Its worker died {row.attempts} times while working on it. See the worker's log, then try again."
            same.update(state=JobState.FAILED, finished_at=now, claim=None, error=error)
        else:
            # It keeps its place in line.
            same.update(state=JobState.QUEUED, heartbeat_at=now, claim=None)
