"""The queue of images that wait to be read, on a real Redis."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.support.private_redis import private_redis
from training.services import reading_queue
from training.services.reading_queue import MOST_IN_PART, QueueFull, ReadingQueue, Ticket

ANSWERS = "answers of a test"


@pytest.fixture
def client(tmp_path: Path, settings: Any) -> Iterator[redis.Redis]:
    with private_redis(tmp_path, settings) as running:
        yield running


@pytest.fixture
def queue(client: redis.Redis) -> ReadingQueue:
    made = ReadingQueue(client)
    made.open()
    return made


def ask(
    queue: ReadingQueue, *images: bytes, request: str = "one", patience: float = 10, limit: int = 100
) -> Ticket:
    return queue.ask(
        request=request, model=7, images=images or (b"x",), answers=ANSWERS, patience=patience, limit=limit
    )


def take(queue: ReadingQueue, worker: str = "a", most: int = 100, wait: float = 0.01) -> list[Any]:
    return queue.take(worker, most=most, wait=wait)


def requests(parts: list[Any]) -> list[str]:
    return [part.request for part in parts]


def test_a_large_request_comes_in_parts_with_its_images_in_their_order(queue: ReadingQueue) -> None:
    images = [b"%d" % number * (number % 5) for number in range(150)]
    assert ask(queue, *images, limit=150).parts == 3
    parts = take(queue, most=150)
    assert [image for part in parts for image in part.images] == images
    assert [(part.number, len(part.images)) for part in parts] == [
        (0, MOST_IN_PART),
        (1, MOST_IN_PART),
        (2, 22),
    ]
    assert {(part.request, part.model, part.answers) for part in parts} == {("one", 7, ANSWERS)}


def test_all_that_waits_is_taken_together_the_oldest_first_until_it_is_enough(queue: ReadingQueue) -> None:
    for number in range(5):
        ask(queue, b"x", b"y", request=str(number))
    assert requests(take(queue, most=5)) == ["0", "1", "2"]
    assert requests(take(queue, most=5)) == ["3", "4"]
    assert take(queue) == []


def test_no_two_workers_get_the_same(queue: ReadingQueue) -> None:
    for number in range(20):
        ask(queue, request=str(number))
    taken = [requests(take(queue, worker, most=3)) for worker in "abcabcabc"]
    assert sorted((one for some in taken for one in some), key=int) == [str(number) for number in range(20)]


def test_a_full_queue_takes_none_of_a_request(queue: ReadingQueue) -> None:
    ask(queue, *[b"x"] * 90)
    with pytest.raises(QueueFull):
        ask(queue, *[b"x"] * 11)
    assert queue.waiting() == 90
    ask(queue, *[b"x"] * 10)
    assert queue.waiting() == 100


def test_what_is_in_work_counts_until_it_is_answered(queue: ReadingQueue) -> None:
    ask(queue, *[b"x"] * 60, request="first")
    parts = take(queue)
    with pytest.raises(QueueFull):
        ask(queue, *[b"x"] * 60)
    queue.answer([(part, b"read") for part in parts])
    assert queue.waiting() == 0
    ask(queue, *[b"x"] * 60)


def test_a_request_larger_than_the_queue_is_taken_where_nothing_waits(queue: ReadingQueue) -> None:
    assert ask(queue, *[b"x"] * 3, limit=2).parts == 1
    with pytest.raises(QueueFull):
        ask(queue, limit=2)


def test_what_nobody_waits_for_any_more_is_dropped_unread(queue: ReadingQueue) -> None:
    ask(queue, request="late", patience=0.01)
    ask(queue, request="in time")
    time.sleep(0.05)
    assert requests(take(queue)) == ["in time"]
    assert queue.waiting() == 1


def test_without_a_worker_a_full_queue_makes_room_of_what_nobody_waits_for(queue: ReadingQueue) -> None:
    for number in range(4):
        ask(queue, request=str(number), patience=0.01 if number < 2 else 10, limit=4)
    time.sleep(0.05)
    ask(queue, request="new", limit=4)
    assert requests(take(queue)) == ["2", "3", "new"]


def test_a_request_that_is_withdrawn_is_not_read_and_its_answer_goes_nowhere(
    queue: ReadingQueue, client: redis.Redis
) -> None:
    in_work, waiting = ask(queue, request="in work"), ask(queue, request="waiting")
    [taken] = take(queue, most=1)
    queue.withdraw(in_work)
    queue.withdraw(waiting)
    assert take(queue) == []
    queue.answer([(taken, b"read")])
    assert (queue.waiting(), client.llen(ANSWERS)) == (0, 0)


def test_what_a_silent_worker_took_goes_to_another_one(
    queue: ReadingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_queue, "SILENT_MILLISECONDS", 50)
    ask(queue)
    assert requests(take(queue, "dead")) == ["one"]
    assert queue.reclaim("alive") == []
    time.sleep(0.1)
    assert requests(queue.reclaim("alive")) == ["one"]
    # It is the other one's now.
    assert queue.reclaim("third") == []


def test_what_a_worker_says_it_works_on_stays_its_own(
    queue: ReadingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_queue, "SILENT_MILLISECONDS", 200)
    ask(queue)
    parts = take(queue, "slow")
    for _ in range(4):
        time.sleep(0.1)
        queue.keep("slow", parts)
        assert queue.reclaim("other") == []


def test_what_two_workers_have_read_is_answered_once(
    queue: ReadingQueue, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_queue, "SILENT_MILLISECONDS", 0)
    ask(queue)
    [first], [second] = take(queue, "slow"), queue.reclaim("quick")
    queue.answer([(second, b"of the quick one")])
    queue.answer([(first, b"of the slow one")])
    assert client.lrange(ANSWERS, 0, -1) == [b"of the quick one"]
    assert queue.waiting() == 0


def test_what_a_dead_worker_took_is_dropped_when_nobody_waits_for_it(
    queue: ReadingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_queue, "SILENT_MILLISECONDS", 0)
    ask(queue, patience=0.05)
    withdrawn = ask(queue, request="withdrawn")
    take(queue, "dead")
    queue.withdraw(withdrawn)
    time.sleep(0.1)
    assert queue.reclaim("alive") == []
    assert queue.waiting() == 0


def test_a_redis_that_was_started_anew_counts_from_zero(queue: ReadingQueue, client: redis.Redis) -> None:
    ask(queue, *[b"x"] * 90)
    client.flushall()
    queue.open()
    ask(queue, *[b"x"] * 20, request="after")
    assert requests(take(queue)) == ["after"]


def test_a_worker_that_ends_is_forgotten_unless_it_left_something(
    queue: ReadingQueue, client: redis.Redis
) -> None:
    ask(queue)
    take(queue, "dies with it")
    ask(queue)
    queue.answer([(part, b"read") for part in take(queue, "ends well")])
    queue.leave("dies with it")
    queue.leave("ends well")
    consumers = client.xinfo_consumers(reading_queue.REQUESTS, reading_queue.GROUP)
    assert [each["name"] for each in consumers] == [b"dies with it"]
