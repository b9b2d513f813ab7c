"""Live updates of runs. The database holds the truth; Redis only says that there is something new to read in it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import redis
import redis.asyncio
from django.conf import settings

from labeling.dispatch import redis_client
from training.models import Epoch, Model, Run

# Without a wake-up from Redis the page still learns what is new, only later.
POLL_SECONDS = 5.0

STATE_FIELDS = (
    "state", "error", "stage", "progress", "epoch", "epochs_planned",
    "batch", "batches", "images_per_second", "seconds_left",
)  # fmt: skip
EPOCH_FIELDS = (
    "number", "loss", "character_accuracy", "whole_string_accuracy",
    "validation_loss", "validation_character_accuracy", "validation_whole_string_accuracy",
    "learning_rate", "seconds",
)  # fmt: skip


def channel(run_pk: int) -> str:
    return f"run:{run_pk}"


def announce(run_pk: int) -> None:
    """Tell whoever watches a run that its rows changed. An unreachable Redis is no reason to stop training."""
    with contextlib.suppress(redis.RedisError):
        redis_client().publish(channel(run_pk), b"")


async def run_events(run_pk: int, last_epoch: int = 0) -> AsyncIterator[str]:
    """Yield server-sent events about a run: every epoch after `last_epoch`, each change of its state, then `done`.

    An epoch's event carries its number as id, so a browser that reconnects misses nothing and gets nothing twice.
    """
    async with contextlib.AsyncExitStack() as stack:
        wake_ups = await _subscribe(stack, run_pk)
        shown: dict[str, Any] | None = None
        while True:
            state = await _state(run_pk)
            async for epoch in Epoch.objects.filter(run_id=run_pk, number__gt=last_epoch).values(
                *EPOCH_FIELDS
            ):
                last_epoch = epoch["number"]
                yield f"id: {last_epoch}\nevent: epoch\ndata: {json.dumps(epoch)}\n\n"
            if state is None:
                yield 'event: done\ndata: {"state": "deleted"}\n\n'
                return
            if state != shown:
                shown = state
                yield f"event: state\ndata: {json.dumps(state)}\n\n"
            else:
                yield ": still here\n\n"
            if state["state"] not in ("queued", "running"):
                yield f"event: done\ndata: {json.dumps(state)}\n\n"
                return
            await _next_change(wake_ups)


async def _state(run_pk: int) -> dict[str, Any] | None:
    row = await Run.objects.filter(pk=run_pk).values(*STATE_FIELDS).afirst()
    if row is None:
        return None
    model = await Model.objects.filter(run_id=run_pk).values_list("pk", flat=True).afirst()
    return row | {"percent": round(100 * row["progress"]), "model_id": model}


async def _subscribe(stack: contextlib.AsyncExitStack, run_pk: int) -> Any:
    """Return a subscription to a run's channel, or None while Redis is away."""
    try:
        client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
        stack.push_async_callback(client.aclose)
        subscription = client.pubsub(ignore_subscribe_messages=True)
        stack.push_async_callback(subscription.aclose)
        await subscription.subscribe(channel(run_pk))
    except redis.RedisError:
        return None
    return subscription


async def _next_change(subscription: Any) -> None:
    """Wait for a wake-up, or for `POLL_SECONDS`."""
    if subscription is not None:
        with contextlib.suppress(redis.RedisError):
            await subscription.get_message(timeout=POLL_SECONDS)
            return
    await asyncio.sleep(POLL_SECONDS)
