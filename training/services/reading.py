"""Asking a warm `predict` worker to read images, and being that worker.

Pictures and answers travel through Redis keys with a short life; the Celery message only names them. A lost answer
costs the asker a time-out, never a wrong reading.
"""

import json
import logging
import uuid
from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

import redis
from celery import current_app
from kombu.exceptions import OperationalError

from labeling.dispatch import redis_client
from labeling.imaging.decode import UnreadableImage, decode_image
from training.models import Model
from training.recognition.reader import Reader, UnusableModel
from training.services.models import open_reader
from training.services.reading_days import count_readings
from training.verdicts import verdict_of

logger = logging.getLogger(__name__)

TASK = "training.tasks.read"
QUEUE = "predict"
KEPT_SECONDS = 60
WARM_READERS = 4


class ReaderUnavailable(Exception):
    """No reading can be had right now; the message says why and what to do."""


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


def read_images(*, model: Model, images: list[bytes], timeout: float = 10) -> list[ReadingResult]:
    """Have a worker read encoded images (PNG, JPEG, ...); the answers are in the order of the images.

    Raises:
        ReaderUnavailable: Redis is away, or no worker answered in time.
    """
    request = uuid.uuid4().hex
    try:
        client = redis_client()
        with client.pipeline() as pipeline:
            pipeline.rpush(_asked(request), *images)
            pipeline.expire(_asked(request), KEPT_SECONDS)
            pipeline.execute()
        current_app.send_task(TASK, args=[request, model.pk], queue=QUEUE, expires=timeout)
        answer = client.blpop([_answered(request)], timeout=timeout)
    except (redis.RedisError, OperationalError):
        raise ReaderUnavailable(
            "Redis is unreachable, so no worker can be asked. Check that it runs (`make up` starts it), then try again."
        ) from None
    if answer is None:
        raise ReaderUnavailable(
            f"No worker answered within {timeout:g} s. Check that a `predict` worker runs (`make up` starts one), "
            "then try again."
        )
    rows = json.loads(cast(tuple[bytes, bytes], answer)[1])
    if isinstance(rows, str):
        raise ReaderUnavailable(rows)
    return with_verdicts([ReadingResult(**row) for row in rows], model)


def answer_request(request: str, model_pk: int) -> None:
    """Read the pictures of a request and leave the answer; called in the worker."""
    client = redis_client()
    images = cast(list[bytes], client.lrange(_asked(request), 0, -1))
    if not images:
        return
    client.delete(_asked(request))
    answer: Any
    results: list[ReadingResult] = []
    try:
        reader = warm_reader(model_pk)
    except (Model.DoesNotExist, OSError, UnusableModel):
        logger.exception("model %s cannot be loaded", model_pk)
        answer = "The model could not be loaded: its file is missing or damaged. Choose another one, or train again."
    else:
        results = read_encoded(reader, images)
        answer = [asdict(result) for result in results]
    with client.pipeline() as pipeline:
        pipeline.rpush(_answered(request), json.dumps(answer))
        pipeline.expire(_answered(request), KEPT_SECONDS)
        pipeline.execute()
    # Only now: nobody waits for it.
    count_readings(model_pk, [result for result in results if not result.error])


def read_encoded(reader: Reader, images: list[bytes]) -> list[ReadingResult]:
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
            characters=tuple(asdict(character) for character in reading.characters),
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


_warm: "OrderedDict[int, Reader]" = OrderedDict()


def warm_reader(model_pk: int) -> Reader:
    """Return a model's reader, loaded once per worker process; the longest unused one makes room."""
    if model_pk not in _warm:
        _warm[model_pk] = open_reader(Model.objects.get(pk=model_pk))
        if len(_warm) > WARM_READERS:
            _warm.popitem(last=False)
    _warm.move_to_end(model_pk)
    return _warm[model_pk]


def _asked(request: str) -> str:
    return f"reading:{request}:images"


def _answered(request: str) -> str:
    return f"reading:{request}:answer"
