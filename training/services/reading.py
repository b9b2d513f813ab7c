"""Having a warm worker read images, and reading them here.

Pictures and answers travel through Redis and are kept there for a short time only. A lost answer costs the asker a
time-out, never a wrong reading.
"""

import asyncio
import concurrent.futures
import contextlib
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import redis
from django.conf import settings

from labeling.dispatch import redis_client
from labeling.imaging.decode import UnreadableImage, decode_image
from training.models import Model
from training.recognition.reader import Reader
from training.services.reading_answers import Answer, answers
from training.services.reading_queue import MOST_IN_PART, QueueFull, ReadingQueue, Ticket
from training.services.warm_readers import warm
from training.verdicts import verdict_of

QUEUE = "predict"
"""What workers that read are called among the living workers."""

TIMEOUT_SECONDS = 10.0


class ReaderUnavailable(Exception):
    """No reading can be had right now; the message says why and what to do.

    `retry_after` is after how many seconds it makes sense to ask again.
    """

    retry_after = 5


class ReaderBusy(ReaderUnavailable):
    """More images wait than may."""

    retry_after = 1


@dataclass(frozen=True)
class ReadingResult:
    """What was read in one image, or why nothing could be.

    `characters` are dicts with `text`, `probability` (0..1), `left` and `right` (shares of the picture's width) and
    `alternatives` ([text, probability] pairs). `strangeness` is as in `Reading`; `verdict` is empty where only a reader
    was asked, which knows of no model's threshold.
    """

    text: str = ""
    confidence: float = 0.0
    characters: tuple[dict[str, Any], ...] = ()
    milliseconds: float = 0.0
    notes: tuple[str, ...] = ()
    error: str = ""
    strangeness: float = 0.0
    verdict: str = ""


def read_images(
    *, model: Model, images: Sequence[bytes], timeout: float = TIMEOUT_SECONDS
) -> list[ReadingResult]:
    """Have a worker read encoded images (PNG, JPEG, ...); the answers are in the order of the images.

    Raises:
        ReaderBusy: too many images wait already.
        ReaderUnavailable: Redis is away, or no worker answered in time.
    """
    if not images:
        return []
    rows = ask(model_pk=model.pk, images=images, timeout=timeout).wait()
    return [ReadingResult(**json.loads(row)) for row in rows]


class Asked:
    """Images that wait for a worker."""

    def __init__(
        self, request: str, ticket: Ticket, answer: "concurrent.futures.Future[Answer]", timeout: float
    ) -> None:
        self._request, self._ticket, self._answer, self._timeout = request, ticket, answer, timeout
        self._until = time.monotonic() + timeout

    def wait(self) -> list[bytes]:
        """Wait for what was read: a `ReadingResult` in JSON for each image, in their order.

        Raises:
            ReaderUnavailable: Redis is away, no worker answered in time, or the model cannot be loaded.
        """
        try:
            return _rows(self._answer.result(self._until - time.monotonic()))
        except (redis.RedisError, concurrent.futures.TimeoutError) as error:
            raise self._gone(error) from None

    async def come(self) -> list[bytes]:
        """As `wait`, without a thread that waits."""
        try:
            left = self._until - time.monotonic()
            return _rows(await asyncio.wait_for(asyncio.wrap_future(self._answer), left))
        except (redis.RedisError, TimeoutError) as error:
            # Rare enough for a moment's work on the event loop.
            raise self._gone(error) from None
        except asyncio.CancelledError:
            self._withdraw()
            raise

    def _gone(self, error: Exception) -> ReaderUnavailable:
        if isinstance(error, redis.RedisError):
            return _redis_is_away()
        self._withdraw()
        return ReaderUnavailable(
            f"No worker answered within {self._timeout:g} s. Check that a `predict` worker runs (`make up` "
            "starts one), then try again."
        )

    def _withdraw(self) -> None:
        client = redis_client()
        answers(client).forget(self._request)
        # Without Redis, workers drop it when they find that its time is up.
        with contextlib.suppress(redis.RedisError):
            _queue(client).withdraw(self._ticket)


def ask(*, model_pk: int, images: Sequence[bytes], timeout: float = TIMEOUT_SECONDS) -> Asked:
    """Put encoded images where a worker takes them.

    Raises:
        ReaderBusy: too many images wait already.
        ReaderUnavailable: Redis is away.
    """
    client, request = redis_client(), uuid.uuid4().hex
    own = answers(client)
    limit: int = settings.READING_MOST_WAITING
    parts = -(-len(images) // MOST_IN_PART)
    answer = own.expect(request, parts)
    try:
        ticket = _queue(client).ask(
            request=request, model=model_pk, images=images, answers=own.key, patience=timeout, limit=limit
        )
    except QueueFull:
        own.forget(request)
        raise ReaderBusy(
            f"More than {limit:,} images wait for a reading, so these were not taken. Try again in a moment; if this "
            "goes on, start more `predict` workers."
        ) from None
    except redis.RedisError:
        own.forget(request)
        raise _redis_is_away() from None
    return Asked(request, ticket, answer, timeout)


def read_encoded(reader: Reader, images: Sequence[bytes]) -> list[ReadingResult]:
    """Decode and read images; an unreadable file gets its sentence, the others their readings."""
    results: list[ReadingResult | None] = []
    pixels, notes = [], []
    for data in images:
        try:
            decoded = decode_image(data)
        except UnreadableImage as error:
            results.append(ReadingResult(error=str(error)))
        else:
            pixels.append(decoded.pixels)
            notes.append(decoded.notes)
            results.append(None)
    readings = iter(
        ReadingResult(
            text=reading.text,
            confidence=reading.confidence,
            characters=tuple(dict(vars(character)) for character in reading.characters),
            milliseconds=reading.milliseconds,
            notes=tuple(note),
            strangeness=reading.strangeness,
        )
        for reading, note in zip(reader.read(pixels), notes, strict=True)
    )
    return [next(readings) if result is None else result for result in results]


def with_verdicts(results: list[ReadingResult], model: Model) -> list[ReadingResult]:
    """Return readings with the verdicts that a model's own threshold gives; what could not be read has none."""
    return [
        result if result.error else replace(result, verdict=verdict_of(result, model)) for result in results
    ]


def warm_reader(model_pk: int) -> Reader:
    """Return a model's reader, loaded once per process; the longest unused one makes room."""
    return warm().get(model_pk).reader


def _rows(parts: Answer) -> list[bytes]:
    """The readings of all parts, one a line; a part that could not be read says why behind a `!`."""
    for part in parts:
        if part.startswith(b"!"):
            raise ReaderUnavailable(part[1:].decode())
    return [row for part in parts for row in part.split(b"\n")]


def _redis_is_away() -> ReaderUnavailable:
    return ReaderUnavailable(
        "Redis is unreachable, so no worker can be asked. Check that it runs (`make up` starts it), then try again."
    )


@cache
def _queue(client: redis.Redis) -> ReadingQueue:
    return ReadingQueue(client)
