"""One reader of a run's rows for all who watch it in this process, and the server-sent events that it makes of them.

Each viewer remembers what it was sent. So one that is slow, or comes back after a while, skips states that are past but
no epoch, and nothing piles up for it here.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import redis
import redis.asyncio
from django.conf import settings
from django.db import DatabaseError, connection

from training.live import channel
from training.run_news import EpochNews, RunNews, read_epochs, read_news

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

# Without a wake-up from Redis the page still learns what is new, only later.
POLL_SECONDS = 5.0
# However fast epochs are, rows are read no more often than this.
LEAST_GAP_SECONDS = 0.1
# An event that says nothing finds out whether a silent viewer is still there.
KEEP_ALIVE_SECONDS = 15.0
# Epochs that are kept at hand; who lacks more has them read once more.
RECENT_EPOCHS = 500

# All reading goes through one thread, so that watching takes one connection to the database, however many watch.
_reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="run-feed")
_feeds: dict[tuple[int, int], "RunFeed"] = {}


async def run_events(run_pk: int, after: int = 0) -> AsyncIterator[str]:
    """Yield server-sent events about a run: every epoch whose row is newer than that with the id `after`, each change
    of its state, of its worker's use, of its readings and of its rounds, then `done`.

    An epoch's event carries its row's id, so a browser that reconnects misses nothing and gets nothing twice.
    """
    feed = RunFeed.of(run_pk, after)
    shown: dict[str, str | None] = {}
    version, cursor = 0, after
    feed.viewers += 1
    try:
        while True:
            if not await feed.newer_than(version):
                if feed.is_broken:
                    # The browser comes again by itself.
                    return
                yield ": still here\n\n"
                continue
            version, news = feed.version, feed.news
            assert news is not None
            frames = []
            for epoch in await feed.epochs_after(cursor):
                cursor = epoch.pk
                frames.append(f"id: {epoch.pk}\nevent: epoch\ndata: {epoch.data}\n\n")
            for name in ("state", "use", "readings", "rounds", "without_labels"):
                data = getattr(news, name)
                if data is not None and shown.get(name) != data:
                    shown[name] = data
                    frames.append(f"event: {name}\ndata: {data}\n\n")
            if frames:
                yield "".join(frames)
            if news.is_over:
                yield f"event: done\ndata: {news.state}\n\n"
                return
    finally:
        feed.leave()


class RunFeed:
    """Reads a run's rows whenever Redis says that they changed, while anybody watches."""

    def __init__(self, run_pk: int, after: int, key: tuple[int, int]) -> None:
        self.viewers = 0
        self.version = 0
        self.news: RunNews | None = None
        self.is_broken = False
        self._run_pk = run_pk
        self._key = key
        # Every epoch whose row is newer than this is in `_recent`.
        self._kept_after = self._cursor = after
        self._recent: deque[EpochNews] = deque()
        self._changed = asyncio.Condition()
        self._task = asyncio.create_task(self._follow())

    @classmethod
    def of(cls, run_pk: int, after: int) -> "RunFeed":
        """Return the feed of a run in this event loop; the first viewer starts it."""
        key = (id(asyncio.get_running_loop()), run_pk)
        if key not in _feeds:
            _feeds[key] = cls(run_pk, after, key)
        return _feeds[key]

    def leave(self) -> None:
        """One viewer less; the last one ends the feed."""
        self.viewers -= 1
        if not self.viewers:
            self._forget()
            self._task.cancel()

    async def newer_than(self, version: int) -> bool:
        """Wait until there is something newer; False where nothing came for a while."""
        async with self._changed:
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                    await self._changed.wait_for(lambda: self.version > version or self.is_broken)
            except TimeoutError:
                return False
        return self.version > version

    async def epochs_after(self, cursor: int) -> list[EpochNews]:
        """Return the epochs that a viewer lacks, in the order in which they were written."""
        if cursor >= self._kept_after:
            return [epoch for epoch in self._recent if epoch.pk > cursor]
        return await _read(lambda: list(read_epochs(self._run_pk, cursor)))

    async def _follow(self) -> None:
        wake_ups = _WakeUps(channel(self._run_pk))
        loop = asyncio.get_running_loop()
        try:
            while True:
                await wake_ups.listen()
                read_at = loop.time()
                try:
                    await self._take(await _read(lambda: read_news(self._run_pk, self._cursor)))
                except DatabaseError as error:
                    logger.warning("the rows of run %s cannot be read, trying again: %s", self._run_pk, error)
                    await asyncio.sleep(POLL_SECONDS)
                    continue
                if self.news is not None and self.news.is_over:
                    return
                await wake_ups.next()
                await asyncio.sleep(max(0.0, read_at + LEAST_GAP_SECONDS - loop.time()))
        except Exception:
            logger.exception("the feed of run %s broke off", self._run_pk)
            self.is_broken = True
        finally:
            self._forget()
            async with self._changed:
                self._changed.notify_all()
            # The loop goes on with this even where it cancels the task: nothing here waits for long.
            await wake_ups.close()
            if not _feeds:
                await _read(_disconnect)

    async def _take(self, news: RunNews) -> None:
        for epoch in news.epochs:
            self._cursor = epoch.pk
            self._recent.append(epoch)
        while len(self._recent) > RECENT_EPOCHS:
            self._kept_after = self._recent.popleft().pk
        if news.is_over:
            # Whoever comes from now on starts anew: the run may be resumed.
            self._forget()
        async with self._changed:
            self.news = news
            self.version += 1
            self._changed.notify_all()

    def _forget(self) -> None:
        if _feeds.get(self._key) is self:
            del _feeds[self._key]


class _WakeUps:
    """A subscription to a channel of Redis that outlives Redis."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._client: redis.asyncio.Redis | None = None
        self._subscription: Any = None

    async def listen(self) -> None:
        """Subscribe, unless that is done; Redis may be away."""
        if self._subscription is not None:
            return
        self._client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
        self._subscription = self._client.pubsub(ignore_subscribe_messages=True)
        try:
            await self._subscription.subscribe(self._name)
        except redis.RedisError:
            await self.close()

    async def next(self) -> None:
        """Wait for a wake-up, or for `POLL_SECONDS`. Many that came together are one."""
        if self._subscription is None:
            await asyncio.sleep(POLL_SECONDS)
            return
        try:
            await self._subscription.get_message(timeout=POLL_SECONDS)
            while await self._subscription.get_message(timeout=0):
                pass
        except redis.RedisError:
            await self.close()
            await asyncio.sleep(1.0)

    async def close(self) -> None:
        subscription, client = self._subscription, self._client
        self._subscription = self._client = None
        with contextlib.suppress(redis.RedisError, OSError):
            if subscription is not None:
                await subscription.aclose()
            if client is not None:
                await client.aclose()


def _disconnect() -> None:
    # Which connection this is depends on the thread.
    connection.close()


async def _read(query: Callable[[], Result]) -> Result:
    def ask() -> Result:
        try:
            return query()
        except DatabaseError:
            # It may be the connection that is at fault: the next query opens another one.
            connection.close()
            raise

    return await asyncio.get_running_loop().run_in_executor(_reader, ask)
