import threading
import time

from labeling.lately import Lately


def test_what_was_found_a_moment_ago_is_not_asked_again() -> None:
    asked: list[int] = []
    lately: Lately[str, int] = Lately()
    assert [lately.get("key", lambda: asked.append(1) or 7) for _ in range(3)] == [7, 7, 7]
    assert len(asked) == 1
    assert lately.get("another key", lambda: 8) == 8


def test_after_its_time_it_is_asked_anew() -> None:
    lately: Lately[str, int] = Lately(seconds=0.05)
    assert lately.get("key", lambda: 1) == 1
    time.sleep(0.06)
    assert lately.get("key", lambda: 2) == 2


def test_nothing_found_is_asked_anew_at_once() -> None:
    lately: Lately[str, int | None] = Lately()
    assert lately.get("key", lambda: None) is None
    assert lately.get("key", lambda: 1) == 1


def test_who_raises_is_asked_anew() -> None:
    lately: Lately[str, float] = Lately()
    for numerator, divisor in ((1, 0), (1, 2)):
        try:
            assert lately.get("key", lambda n=numerator, d=divisor: n / d) == 0.5
        except ZeroDivisionError:
            assert divisor == 0


def test_what_is_forgotten_is_asked_anew() -> None:
    lately: Lately[str, int] = Lately()
    lately.get("key", lambda: 1)
    lately.forget()
    assert lately.get("key", lambda: 2) == 2


def test_it_does_not_grow_for_ever_whoever_asks() -> None:
    lately: Lately[int, int] = Lately()
    threads = [
        threading.Thread(
            target=lambda first=first: [lately.get(n, lambda: 1) for n in range(first, first + 9000)]
        )
        for first in (0, 9000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lately._found) <= 10_000
