"""The live stream of a run: what viewers are sent, through one reader of the database."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError

from labeling.jobs import JobState
from tests.factories import add_images, make_project, texts
from tests.training.report_rows import add_report
from tests.training.views.rows import add_run
from training import run_feed
from training.models import Epoch, Run, WorkerUse
from training.run_feed import run_events
from training.run_news import epoch_columns

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN = 20


@pytest.fixture(autouse=True)
def _quick_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Redis, which no test here has, changes are found by polling."""
    monkeypatch.setattr(run_feed, "POLL_SECONDS", 0.05)


@pytest.fixture
def run() -> Run:
    project = make_project()
    add_images(project, texts(40))
    return add_run(project, state=JobState.RUNNING)


def add_epoch(run: Run, number: int) -> Epoch:
    return Epoch.objects.create(
        run=run, number=number, loss=0.5, character_accuracy=0.9, whole_string_accuracy=0.8,
        validation_loss=0.6, validation_character_accuracy=0.9, validation_whole_string_accuracy=0.7,
        learning_rate=0.001, seconds=2.0,
    )  # fmt: skip


def end(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=JobState.DONE)


class Viewer:
    """Somebody who watches: keeps the events they were sent."""

    def __init__(self, run: Run, after: int = 0) -> None:
        self.events: list[tuple[str, Any]] = []
        self.stream: AsyncIterator[str] = run_events(run.pk, after)

    async def read(self) -> None:
        """Take one message off the stream."""
        text = await asyncio.wait_for(anext(self.stream), WITHIN)
        for event in text.strip().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in event.split("\n"))
            if "event" in fields:
                self.events.append((fields["event"], json.loads(fields["data"])))

    async def until(self, true: Callable[["Viewer"], bool]) -> "Viewer":
        while not true(self):
            await self.read()
        return self

    async def to_the_end(self) -> "Viewer":
        return await self.until(lambda viewer: "done" in viewer.names)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.events]

    @property
    def epochs(self) -> list[int]:
        return [data["number"] for name, data in self.events if name == "epoch"]


def watching(scene: Callable[[], Any]) -> Any:
    """Play a scene in an event loop of its own, which every viewer has left at its end."""

    async def play() -> Any:
        try:
            return await asyncio.wait_for(scene(), 3 * WITHIN)
        finally:
            for _ in range(100):
                if not run_feed._feeds:
                    break
                await asyncio.sleep(0.05)
            await run_feed._read(run_feed._disconnect)

    return asyncio.run(play())


write = sync_to_async(thread_sensitive=False)


def test_a_viewer_is_sent_the_state_and_every_epoch_that_is_new(run: Run) -> None:
    async def scene() -> Viewer:
        viewer = Viewer(run, after=(await write(epoch_columns)(run))[0])
        await viewer.until(lambda one: "state" in one.names)
        for number in (4, 5):
            await write(add_epoch)(run, number)
        await viewer.until(lambda one: len(one.epochs) == 2)
        await write(end)(run)
        return await viewer.to_the_end()

    viewer = watching(scene)
    assert viewer.epochs == [4, 5]
    assert viewer.events[-1][1]["state"] == "done"


def test_a_viewer_who_comes_back_is_sent_what_was_missed_and_nothing_twice(run: Run) -> None:
    seen = run.history.order_by("pk")[1].pk

    async def scene() -> list[int]:
        viewer = Viewer(run, after=seen)
        await viewer.until(lambda one: one.epochs != [])
        await viewer.stream.aclose()  # type: ignore[attr-defined]
        return viewer.epochs

    assert watching(scene) == [3]


def test_one_viewer_more_costs_no_query_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    read_news = run_feed.read_news
    monkeypatch.setattr(run_feed, "read_news", lambda *what: asked.append(1) or read_news(*what))
    monkeypatch.setattr(run_feed, "POLL_SECONDS", 0.5)

    async def scene() -> list[list[int]]:
        viewers = [Viewer(run) for _ in range(20)]
        tasks = [asyncio.create_task(one.to_the_end()) for one in viewers]
        await asyncio.sleep(0.2)
        await write(add_epoch)(run, 4)
        await write(end)(run)
        return [one.epochs for one in await asyncio.gather(*tasks)]

    assert watching(scene) == [[1, 2, 3, 4]] * 20
    assert len(asked) <= 4


def test_a_slow_viewer_skips_states_but_no_epoch(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_feed, "RECENT_EPOCHS", 2)

    async def scene() -> tuple[Viewer, Viewer]:
        quick, slow = Viewer(run), Viewer(run)
        await slow.read()
        for number in range(4, 12):
            await write(add_epoch)(run, number)
            await write(Run.objects.filter(pk=run.pk).update)(batch=number)
            await quick.until(lambda one, number=number: number in one.epochs)  # type: ignore[misc]
        await write(end)(run)
        return await quick.to_the_end(), await slow.to_the_end()

    quick, slow = watching(scene)
    assert slow.epochs == quick.epochs == list(range(1, 12))
    assert slow.names.count("state") < quick.names.count("state")


def test_use_and_readings_are_told_when_they_change(run: Run) -> None:
    WorkerUse.objects.create(run=run, host="a", device="b", every=5, latest={"seconds": 5, "own": 0.5})
    add_report(run, {0: "000"})

    async def scene() -> Viewer:
        viewer = Viewer(run)
        await viewer.until(lambda one: {"use", "readings"} <= set(one.names))
        await write(WorkerUse.objects.filter(run=run).update)(latest={"seconds": 10, "own": 0.6})
        await viewer.until(lambda one: one.names.count("use") == 2)
        await write(end)(run)
        return await viewer.to_the_end()

    viewer = watching(scene)
    assert [data["own"] for name, data in viewer.events if name == "use"] == [0.5, 0.6]
    assert viewer.names.count("readings") == 1


def test_the_reader_ends_with_its_last_viewer(run: Run) -> None:
    async def scene() -> list[int]:
        first, second = Viewer(run), Viewer(run)
        await first.read()
        await second.read()
        counts = [len(run_feed._feeds)]
        for viewer in (first, second):
            await viewer.stream.aclose()  # type: ignore[attr-defined]
            counts.append(len(run_feed._feeds))
        return counts

    assert watching(scene) == [1, 1, 0]


def test_a_run_that_is_resumed_is_followed_anew(run: Run) -> None:
    end(run)

    async def scene() -> list[str]:
        await Viewer(run).to_the_end()
        await write(Run.objects.filter(pk=run.pk).update)(state=JobState.RUNNING)
        second = Viewer(run)
        await second.until(lambda one: "state" in one.names)
        await second.stream.aclose()  # type: ignore[attr-defined]
        return second.names

    assert "done" not in watching(scene)


def test_a_run_that_is_deleted_ends_its_stream(run: Run) -> None:
    async def scene() -> Viewer:
        viewer = Viewer(run)
        await viewer.read()
        await write(Run.objects.filter(pk=run.pk).delete)()
        return await viewer.to_the_end()

    assert watching(scene).events[-1] == ("done", {"state": "deleted"})


def test_a_database_that_is_away_for_a_while_ends_no_stream(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_news, failures = run_feed.read_news, [DatabaseError("away")] * 3

    def sometimes(*what: Any) -> Any:
        if failures:
            raise failures.pop()
        return read_news(*what)

    monkeypatch.setattr(run_feed, "read_news", sometimes)

    async def scene() -> Viewer:
        viewer = Viewer(run)
        await viewer.until(lambda one: one.epochs == [1, 2, 3])
        await write(end)(run)
        return await viewer.to_the_end()

    assert watching(scene).epochs == [1, 2, 3]


def test_a_silent_viewer_is_asked_whether_it_is_still_there(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_feed, "KEEP_ALIVE_SECONDS", 0.1)

    async def scene() -> str:
        viewer = Viewer(run)
        await viewer.read()
        text = await asyncio.wait_for(anext(viewer.stream), WITHIN)
        await viewer.stream.aclose()  # type: ignore[attr-defined]
        return text

    assert watching(scene) == ": still here\n\n"
