"""What was found a moment ago: for questions that thousands of requests ask the database in the same second."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

SECONDS = 1.0
MOST = 10_000

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Lately(Generic[Key, Value]):
    """Answers of the last second, one process's own: whatever changes acts within that second everywhere.

    None is no answer that is kept: whoever asks in vain asks anew.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._found: dict[Key, tuple[float, Value]] = {}
        self._lock = threading.Lock()

    def get(self, key: Key, find: Callable[[], Value]) -> Value:
        """Return what `find` says, or what it said within the last second."""
        now = time.monotonic()
        known = self._found.get(key)
        if known is not None and known[0] > now:
            return known[1]
        value = find()
        if value is not None:
            with self._lock:
                if len(self._found) >= MOST:
                    self._found.clear()
                self._found[key] = (now + self._seconds, value)
        return value

    def forget(self) -> None:
        """Ask anew from now on."""
        with self._lock:
            self._found.clear()
