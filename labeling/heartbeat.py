"""A heartbeat beside the work: decoding, compiling and exporting take longer than the reaper waits."""

import threading
from types import TracebackType
from typing import Self

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from labeling.jobs import HEARTBEAT_EVERY, Job, JobState, LostClaim


class Heartbeat:
    """Beat for a claimed row from a thread of its own while the body of the `with` statement works.

    A database that is away for a while is tried again; a claim that was lost is remembered for `check`.
    """

    def __init__(self, row: Job) -> None:
        self._row = row
        self._over = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {row}", daemon=True)

    def check(self) -> None:
        """Raise LostClaim where the row is somebody else's by now."""
        if self._lost.is_set():
            raise LostClaim(str(self._row))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        rows = type(self._row)._default_manager.filter(
            pk=self._row.pk, claim=self._row.claim, state=JobState.RUNNING
        )
        try:
            while not self._over.wait(HEARTBEAT_EVERY.total_seconds()):
                try:
                    if not rows.update(heartbeat_at=timezone.now()):
                        self._lost.set()
                        return
                except Error:
                    # Whatever it says: a heart that stopped would give the work to somebody else.
                    close_old_connections()
        finally:
            connection.close()
