"""Asking for readings and answering, with a real Redis and a worker in a thread."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import connection

from tests.factories import png
from tests.support.private_redis import private_redis
from tests.support.site import wait_until
from tests.training.small_models import add_production_reader, add_reader, project_with_labels, some_texts
from training.models import Model, ReadingDay, Verdict
from training.services import reading_worker, warm_readers
from training.services.models import open_reader, promote
from training.services.reading import (
    ReaderBusy,
    ReaderUnavailable,
    ask,
    read_encoded,
    read_images,
    with_verdicts,
)  # fmt: skip
from training.services.reading_queue import ReadingQueue
from training.services.reading_worker import ReadingWorker
from training.services.warm_readers import WarmReaders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(tmp_path: Path, settings: Any) -> Iterator[redis.Redis]:
    with private_redis(tmp_path, settings) as running:
        ReadingQueue(running).open()
        yield running


@pytest.fixture
def model() -> Model:
    return add_production_reader(project_with_labels(), trees=5)


@contextmanager
def working(name: str = "test", readers: WarmReaders | None = None) -> Iterator[ReadingWorker]:
    worker = ReadingWorker(name, readers or WarmReaders(4, 1))

    def run() -> None:
        try:
            worker.run()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(20)


def pictures(count: int) -> list[bytes]:
    return [png(text, 700 + number) for number, text in enumerate(some_texts(count, seed=9))]


def same(one: Any, other: Any) -> bool:
    """Whether two results say the same; the time that they took may differ."""
    return {**vars(one), "milliseconds": 0} == {**vars(other), "milliseconds": 0}


def read_here(model: Model, images: list[bytes]) -> list[Any]:
    results = with_verdicts(read_encoded(open_reader(model), images), model)
    return [type(result)(**json.loads(json.dumps(vars(result)))) for result in results]


def test_a_worker_reads_what_one_reads_here_in_the_order_of_the_images(
    client: redis.Redis, model: Model
) -> None:
    images = pictures(150)
    with working():
        read = read_images(model=model, images=images)
    assert all(map(same, read, read_here(model, images)))
    assert len({result.text for result in read}) > 5
    assert {result.verdict for result in read} <= set(Verdict.values)


def test_many_who_ask_at_once_each_get_their_own(client: redis.Redis, model: Model) -> None:
    images = pictures(60)
    wanted = [result.text for result in read_here(model, images)]
    with working("one"), working("two"), ThreadPoolExecutor(20) as pool:
        read = list(pool.map(lambda image: read_images(model=model, images=[image])[0].text, images))
    assert read == wanted


def test_a_file_that_is_no_image_gets_its_sentence_and_the_others_their_readings(
    client: redis.Redis, model: Model
) -> None:
    [good] = pictures(1)
    with working():
        first, second = read_images(model=model, images=[b"no image at all", good])
    assert "This is not an image" in first.error
    assert (first.text, first.verdict) == ("", "")
    assert second.text
    assert not second.error


def test_an_image_on_which_the_reader_fails_costs_the_others_nothing(
    client: redis.Redis, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = pictures(5)

    def fails_on_one(reader: Any, some: list[bytes]) -> Any:
        if images[2] in some:
            raise RuntimeError("ONNX Runtime says no.")
        return read_encoded(reader, some)

    monkeypatch.setattr(reading_worker, "read_encoded", fails_on_one)
    with working():
        read = read_images(model=model, images=images)
    assert [bool(result.error) for result in read] == [False, False, True, False, False]


def test_a_model_whose_file_is_gone_is_said(client: redis.Redis, model: Model) -> None:
    model.onnx_file.storage.delete(model.onnx_file.name)
    with working(), pytest.raises(ReaderUnavailable, match="could not be loaded"):
        read_images(model=model, images=pictures(1))


def test_what_a_worker_read_is_counted(client: redis.Redis, model: Model) -> None:
    with working():
        read_images(model=model, images=[*pictures(3), b"no image"])
    assert ReadingDay.objects.get(model=model).count == 3


def test_without_a_worker_a_request_times_out_and_is_taken_back(client: redis.Redis, model: Model) -> None:
    started = time.monotonic()
    with pytest.raises(ReaderUnavailable, match=r"No worker answered within 0.3 s"):
        read_images(model=model, images=pictures(2), timeout=0.3)
    assert time.monotonic() - started < 3
    assert ReadingQueue(client).waiting() == 0


def test_a_full_queue_is_said_at_once(client: redis.Redis, model: Model, settings: Any) -> None:
    settings.READING_MOST_WAITING = 3
    ask(model_pk=model.pk, images=pictures(3))
    started = time.monotonic()
    with pytest.raises(ReaderBusy, match="More than 3 images wait") as busy:
        read_images(model=model, images=pictures(1))
    assert time.monotonic() - started < 1
    assert busy.value.retry_after >= 1


def test_a_redis_that_goes_away_is_said_to_who_waits(client: redis.Redis, model: Model) -> None:
    asked = ask(model_pk=model.pk, images=pictures(1), timeout=20)
    client.shutdown(nosave=True)
    started = time.monotonic()
    with pytest.raises(ReaderUnavailable, match="Redis is unreachable"):
        asked.wait()
    assert time.monotonic() - started < 15


def test_a_worker_outlives_a_redis_that_forgot_everything(client: redis.Redis, model: Model) -> None:
    with working():
        assert read_images(model=model, images=pictures(1))
        client.flushall()
        assert read_images(model=model, images=pictures(1))


def test_who_gives_up_waiting_on_the_event_loop_takes_the_request_back(
    client: redis.Redis, model: Model
) -> None:
    asked = ask(model_pk=model.pk, images=pictures(1))

    async def leave() -> None:
        waiting = asyncio.create_task(asked.come())
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(leave())
    assert ReadingQueue(client).waiting() == 0


def test_a_worker_has_the_models_in_production_loaded_before_anybody_asks(
    client: redis.Redis, model: Model
) -> None:
    readers = WarmReaders(4, 1)
    with working(readers=readers):
        wait_until(lambda: model.pk in readers, seconds=10, what="the loading of the production model")


def test_a_promoted_model_is_loaded_while_the_one_before_still_reads(
    client: redis.Redis, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_worker, "LOOK_SECONDS", 0.05)
    readers = WarmReaders(4, 1)
    loads, may_load = threading.Event(), threading.Event()

    def slowly(new: Model, **options: Any) -> Any:
        if new.pk != model.pk:
            loads.set()
            assert may_load.wait(10)
        return open_reader(new, **options)

    monkeypatch.setattr(warm_readers, "open_reader", slowly)
    newer = add_reader(model.project, trees=8)
    with working(readers=readers):
        assert read_images(model=model, images=pictures(1))
        promote(model=newer)
        assert loads.wait(10)
        assert read_images(model=model, images=pictures(1), timeout=5)
        assert model.pk in readers
        assert newer.pk not in readers
        may_load.set()
        wait_until(lambda: newer.pk in readers, seconds=10, what="the loading of the new model")
        assert read_images(model=newer, images=pictures(1))


def test_only_so_many_models_stay_loaded_the_longest_unused_one_goes(model: Model) -> None:
    others = [add_reader(model.project, trees=trees) for trees in (3, 4)]
    readers = WarmReaders(2, 1)
    for each in (model, others[0], model, others[1]):
        readers.get(each.pk)
    assert [each.pk in readers for each in (model, *others)] == [True, False, True]


def test_a_worker_that_is_stopped_answers_what_it_took(
    client: redis.Redis, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes, may_read = threading.Event(), threading.Event()

    def slowly(reader: Any, images: list[bytes]) -> Any:
        takes.set()
        assert may_read.wait(10)
        return read_encoded(reader, images)

    monkeypatch.setattr(reading_worker, "read_encoded", slowly)
    with working() as worker:
        asked = ask(model_pk=model.pk, images=pictures(2))
        assert takes.wait(10)
        worker.stop()
        may_read.set()
        assert len(asked.wait()) == 2
