"""Live updates of runs. The database holds the truth; Redis only says that there is something new to read in it."""

import contextlib

import redis

from labeling.dispatch import redis_client


def channel(run_pk: int) -> str:
    return f"run:{run_pk}"


def announce(run_pk: int) -> None:
    """Tell whoever watches a run that its rows changed. An unreachable Redis is no reason to stop training."""
    with contextlib.suppress(redis.RedisError):
        redis_client().publish(channel(run_pk), b"")
