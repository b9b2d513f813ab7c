"""Processes that end with the one that started them, even where that one is killed outright."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
# Loaded here, because between fork and exec a process should do as little as possible.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent, the process `parent`, is gone. Does nothing outside Linux."""
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        # It went before the call above.
        os._exit(1)
