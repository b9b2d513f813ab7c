"""Answers to what this process has asked: one thread takes all of them from Redis and hands them out."""

import logging
import os
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from functools import cache
from typing import Any, cast

import redis

logger = logging.getLogger(__name__)

Answer = list[bytes]
"""The answers to the parts of a request, in their order."""

_WAIT_SECONDS = 5
_AT_ONCE = 100


class Answers:
    """A list in Redis that is this process's own, and the thread that empties it.

    An answer is a line with its request and its part, and then what it says.
    """

    def __init__(self, client: redis.Redis) -> None:
        self.key = f"reading:answers:{uuid.uuid4().hex}"
        self._client = client
        self._expected: dict[str, tuple[Future[Answer], list[bytes | None]]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def expect(self, request: str, parts: int) -> "Future[Answer]":
        """What will hold the answer to a request, once all of its parts are there.

        It raises redis.RedisError where Redis goes away meanwhile, and with it the request.
        """
        future: Future[Answer] = Future()
        with self._lock:
            self._expected[request] = (future, [None] * parts)
            if self._thread is None:
                self._thread = threading.Thread(target=self._receive, name="reading answers", daemon=True)
                self._thread.start()
        return future

    def forget(self, request: str) -> None:
        """Nobody waits for this answer any more."""
        with self._lock:
            self._expected.pop(request, None)

    def _receive(self) -> None:
        while True:
            try:
                first = cast(Any, self._client.blpop([self.key], timeout=_WAIT_SECONDS))
                more = cast(Any, self._client.lpop(self.key, _AT_ONCE)) if first else None
            except redis.RedisError as error:
                self._fail(error)
                with self._lock:
                    if not self._expected:
                        self._thread = None
                        return
                continue
            if first:
                for answer in (first[1], *(more or ())):
                    self._hand_out(answer)

    def _hand_out(self, answer: bytes) -> None:
        head, _, said = answer.partition(b"\n")
        request, number = head.decode().split()
        with self._lock:
            if request not in self._expected:
                return
            future, parts = self._expected[request]
            parts[int(number)] = said
            whole = [part for part in parts if part is not None]
            if len(whole) < len(parts):
                return
            del self._expected[request]
        _settle(future, lambda: future.set_result(whole))

    def _fail(self, error: redis.RedisError) -> None:
        with self._lock:
            lost = [future for future, _ in self._expected.values()]
            self._expected.clear()
        for future in lost:
            _settle(future, lambda future=future: future.set_exception(error))  # type: ignore[misc]


def answer_of(request: str, number: int, said: bytes) -> bytes:
    """An answer to a part of a request, as `Answers` takes it."""
    return f"{request} {number}\n".encode() + said


def _settle(future: "Future[Answer]", settle: Callable[[], None]) -> None:
    # Whoever waited may have given up at this very moment.
    with suppress(InvalidStateError):
        settle()


def answers(client: redis.Redis) -> Answers:
    """This process's answers. A process that was forked has its own: threads do not outlive a fork."""
    return _answers_of(os.getpid(), client)


@cache
def _answers_of(pid: int, client: redis.Redis) -> Answers:
    return Answers(client)
