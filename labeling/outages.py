"""Living through a database that is away for a moment, such as while it restarts."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
"""What Django raises while the database cannot be reached."""

WAIT_SECONDS = 45.0
"""For how long. A worker that waited longer would keep what it works on from those that reach the database."""

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 2.0

Answer = TypeVar("Answer")


def outlasting(ask: Callable[[], Answer], *, seconds: float = WAIT_SECONDS) -> Answer:
    """Ask the database; while it is away, wait and ask again.

    Args:
        ask: may run more than once, even where the database did the first one and only its answer was lost.

    Raises:
        OperationalError, InterfaceError: it is still away after so many seconds, or a transaction is open, which an
            outage undoes as a whole.
    """
    deadline, pause = time.monotonic() + seconds, FIRST_PAUSE_SECONDS
    while True:
        try:
            return ask()
        except AWAY as error:
            if connection.in_atomic_block or time.monotonic() + pause > deadline:
                raise
            logger.warning("The database does not answer (%s); trying again", str(error).strip())
            # The broken connection, so that the next attempt opens another.
            close_old_connections()
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
