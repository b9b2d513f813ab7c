"""Many people at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def at_once(people: list[Any], work: Callable[[Any], None]) -> None:
    """Let everybody work in a thread of their own; raise what went wrong in any of them."""
    start, problems = threading.Barrier(len(people)), []

    def run(person: Any) -> None:
        try:
            start.wait()
            work(person)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
