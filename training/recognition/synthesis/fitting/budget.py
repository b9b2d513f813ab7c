"""How long a fit may take."""

import time

PATIENCE = 2.5
"""On a machine that others use, too, a second of one core takes longer; at most so many seconds are waited for it."""


class Budget:
    """So many seconds of one core, for the thread that made it."""

    def __init__(self, seconds: float) -> None:
        self._limit = seconds
        self._worked, self._began = time.thread_time(), time.monotonic()

    def is_spent(self) -> bool:
        """Whether the core's seconds are over, or PATIENCE times as many of the clock."""
        return time.thread_time() - self._worked > self._limit or self.seconds > PATIENCE * self._limit

    @property
    def seconds(self) -> float:
        """Seconds of the clock since it was made."""
        return time.monotonic() - self._began
