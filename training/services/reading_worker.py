"""The work of a `predict` worker: take all that waits, read it in batches, answer."""

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import redis
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from labeling.dispatch import redis_client
from training.models import Model
from training.recognition.reader import UnusableModel
from training.services.reading import ReadingResult, read_encoded, with_verdicts
from training.services.reading_answers import answer_of
from training.services.reading_days import count_readings
from training.services.reading_queue import Part, ReadingQueue
from training.services.warm_readers import WarmReader, WarmReaders

logger = logging.getLogger(__name__)

WAIT_SECONDS = 1.0
"""How long one wait for requests is; between two, the worker looks whether it is to stop."""

KEEP_SECONDS = 1.0
"""How often it says that it works on what it took, and looks for what dead workers took."""

LOOK_SECONDS = 1.0
"""How often it looks which models are in production, and writes down how much it read."""

_NOT_LOADED = (
    "The model could not be loaded: its file is missing or damaged. Choose another one, or train again."
)
_NO_DATABASE = (
    "The database is away, so the model could not be loaded. Look after the database, then try again."
)
_FAILED = "The reader failed on this image; the worker's log tells why."


class ReadingWorker:
    """Reads until it is asked to stop, and then finishes what it took.

    One thread reads. Another one keeps what is in work, as long as that takes; a third one loads what goes into
    production, while the first one goes on reading with what was.
    """

    def __init__(self, name: str, readers: WarmReaders, client: redis.Redis | None = None) -> None:
        self.name = name
        self._readers = readers
        self._queue = ReadingQueue(client or redis_client())
        self._stopping = threading.Event()
        self._in_work: list[Part] = []
        self._read: dict[int, list[ReadingResult]] = defaultdict(list)
        self._read_lock = threading.Lock()

    def stop(self) -> None:
        """Ask it to end once what it took is answered."""
        self._stopping.set()

    def run(self) -> None:
        """Read until `stop`."""
        self._look_after_models()
        beside = [
            threading.Thread(target=self._repeat, args=(KEEP_SECONDS, self._keep), daemon=True),
            threading.Thread(target=self._repeat, args=(LOOK_SECONDS, self._look_after_models), daemon=True),
        ]
        for thread in beside:
            thread.start()
        last_look = 0.0
        while not self._stopping.is_set():
            try:
                parts: list[Part] = []
                if time.monotonic() - last_look > KEEP_SECONDS:
                    last_look = time.monotonic()
                    parts = self._queue.reclaim(self.name)
                    if parts:
                        logger.warning("%s requests of a worker that is gone are read again", len(parts))
                self._answer(
                    parts or self._queue.take(self.name, most=settings.READING_BATCH, wait=WAIT_SECONDS)
                )
            except redis.RedisError as error:
                self._wait_for_redis(error)
        for thread in beside:
            thread.join()
        self._look_after_models()
        try:
            self._queue.leave(self.name)
        except redis.RedisError:
            logger.info("Redis is away at the end of %s", self.name)

    def _answer(self, parts: list[Part]) -> None:
        self._in_work = parts
        try:
            for model_pk, same_model in _by_model(parts):
                self._queue.answer(list(self._readings(model_pk, same_model)))
        finally:
            self._in_work = []

    def _readings(self, model_pk: int, parts: list[Part]) -> Iterator[tuple[Part, bytes]]:
        """An answer to each of the parts, which are of one model and read together."""
        try:
            if model_pk not in self._readers:
                # It may be the first question to the database of this thread for days.
                close_old_connections()
            warm = self._readers.get(model_pk)
        except (Model.DoesNotExist, DatabaseError, OSError, UnusableModel) as error:
            logger.exception("model %s cannot be loaded", model_pk)
            reason = _NO_DATABASE if isinstance(error, DatabaseError) else _NOT_LOADED
            for part in parts:
                yield part, answer_of(part.request, part.number, b"!" + reason.encode())
            return
        results = iter(_read(warm, [image for part in parts for image in part.images]))
        for part in parts:
            own = [next(results) for _ in part.images]
            with self._read_lock:
                self._read[model_pk] += [result for result in own if not result.error]
            said = "\n".join(json.dumps(vars(result)) for result in own)
            yield part, answer_of(part.request, part.number, said.encode())

    def _keep(self) -> None:
        if in_work := self._in_work:
            self._queue.keep(self.name, in_work)

    def _look_after_models(self) -> None:
        with self._read_lock:
            read, self._read = self._read, defaultdict(list)
        for model_pk, results in read.items():
            count_readings(model_pk, results)
        try:
            self._readers.refresh()
        except DatabaseError as error:
            logger.warning("which models are in production is not known: %s", error)
        close_old_connections()

    def _repeat(self, seconds: float, work: Callable[[], None]) -> None:
        while not self._stopping.wait(seconds):
            try:
                work()
            except redis.RedisError:
                # The thread that reads says so.
                continue
            except Exception:
                logger.exception("%s goes on after this", self.name)

    def _wait_for_redis(self, error: redis.RedisError) -> None:
        """A Redis that was started anew lacks the queue; one that is away will be back."""
        if "NOGROUP" not in str(error):
            logger.warning("%s waits for Redis: %s", self.name, error)
            self._stopping.wait(WAIT_SECONDS)
        try:
            self._queue.open()
        except redis.RedisError:
            return


def _read(warm: WarmReader, images: Sequence[bytes]) -> list[ReadingResult]:
    """Read images together; where that fails, one by one, so that one of them costs the others nothing but time."""
    try:
        return with_verdicts(read_encoded(warm.reader, images), warm.model)
    except Exception:
        logger.exception("a batch of %s images failed on model %s", len(images), warm.model.pk)
    if len(images) == 1:
        return [ReadingResult(error=_FAILED)]
    return [result for image in images for result in _read(warm, [image])]


def _by_model(parts: list[Part]) -> Iterator[tuple[int, list[Part]]]:
    found: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        found[part.model].append(part)
    yield from found.items()
