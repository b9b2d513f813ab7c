"""Clients that ask one after the other, as many at once as wanted, and look at each answer."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.reading.http import Connection, Post


@dataclass
class Outcome:
    """What a crowd saw. `seconds` are those from a request to its whole answer; `errors` are by kind."""

    elapsed: float = 0.0
    seconds: list[float] = field(default_factory=list)
    wrong: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def per_second(self, images: int = 1) -> float:
        return images * len(self.seconds) / self.elapsed


def crowd(
    requests: Sequence[tuple[Post, Any]],
    is_right: Callable[[Any, Any], bool],
    *,
    clients: int,
    seconds: float,
) -> Outcome:
    """Let clients send requests in turn for so long, each beginning at another one.

    Args:
        requests: with what `is_right(answer, wanted)` is to find in the answer.
    """
    return asyncio.run(_crowd(requests, is_right, clients, seconds))


async def _crowd(
    requests: Sequence[tuple[Post, Any]], is_right: Callable[[Any, Any], bool], clients: int, seconds: float
) -> Outcome:
    outcome = Outcome()
    started = time.perf_counter()

    async def client(number: int) -> None:
        connection, turn = Connection(), number * len(requests) // clients
        while time.perf_counter() - started < seconds:
            request, wanted = requests[turn % len(requests)]
            turn += 1
            sent = time.perf_counter()
            try:
                status, answer = await asyncio.wait_for(connection.send(request), 60)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                outcome.errors[type(error).__name__] += 1
                connection.close()
                connection = Connection()
                continue
            if status != 200:
                outcome.errors[str(status)] += 1
                continue
            outcome.seconds.append(time.perf_counter() - sent)
            outcome.wrong += not is_right(answer, wanted)
        connection.close()

    await asyncio.gather(*map(client, range(clients)))
    outcome.elapsed = time.perf_counter() - started
    return outcome
