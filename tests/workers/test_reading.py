"""Reading over HTTP with real `predict` workers: what a promotion, a crash, a stop and a crowd do to it."""

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
import requests

from tests.factories import png
from tests.support.site import ROOT, Api, Site, wait_until
from tests.training.small_models import some_texts
from training.services.reading_queue import COUNT, GROUP, REQUESTS
from webapp.embedded import redis_socket

# Two forests: which one reads shows in how sure it is.
MAKE_MODELS = """
from tests.training.small_models import add_production_reader, add_reader, project_with_labels
from webapp.accounts.models import User
project = project_with_labels(name="served", user=User.objects.get(username="admin"))
first = add_production_reader(project, trees=5)
print(project.pk, first.pk, add_reader(project, trees=9).pk)
"""
PICTURES = [png(text, 900 + number) for number, text in enumerate(some_texts(256, seed=11))]


@dataclass(frozen=True)
class Served:
    """A project whose models read over HTTP."""

    site: Site
    api: Api
    project: int
    first: int
    second: int

    @property
    def address(self) -> str:
        return f"{self.site.url}/api/v1/projects/{self.project}/read"

    def post(self, images: list[bytes], **options: Any) -> requests.Response:
        files = [("files", (f"{number}.png", image)) for number, image in enumerate(images)]
        headers = {"Authorization": f"Bearer {self.api.token}"}
        return requests.post(self.address, files=files, headers=headers, timeout=60, **options)

    def texts(self, images: list[bytes]) -> list[str]:
        answer = self.post(images)
        assert answer.status_code == 200, answer.text
        return [row["text"] for row in answer.json()["readings"]]

    @property
    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(redis_socket(self.site.data_dir)))

    def in_work(self) -> dict[str, int]:
        """How many requests each worker has taken and not answered."""
        found = self.redis.xinfo_consumers(REQUESTS, GROUP)
        return {each["name"].decode(): each["pending"] for each in found if each["pending"]}

    def worker(self, name: str) -> int:
        """The process of a living worker."""
        row = self.redis.get(f"worker:{name}")
        assert row is not None, name
        return int(json.loads(row)["pid"])


@pytest.fixture(scope="module")
def served(site: Site) -> Served:
    numbers = site.manage("shell", "--no-imports", "-c", MAKE_MODELS).split()
    return Served(site, site.api(), *map(int, numbers[-3:]))


@pytest.fixture(autouse=True)
def _two_workers(served: Served) -> None:
    """Each test begins with both workers at work and nothing waiting."""
    wait_until(
        lambda: len(served.site.processes()["predict"]) == 2, seconds=60, what="the start of the workers"
    )
    wait_until(lambda: served.redis.get("worker:" + name(2)), seconds=60, what="the workers' first word")
    wait_until(lambda: served.redis.get("worker:" + name(1)), seconds=60, what="the workers' first word")


def name(number: int) -> str:
    return f"{'predict' if number == 1 else 'predict2'}@{os.uname().nodename}"


@contextmanager
def paused(served: Served) -> Iterator[list[int]]:
    """Hold the workers where they are."""
    workers = served.site.processes()["predict"]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield workers
    finally:
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def test_one_by_one_in_a_batch_in_base64_and_from_the_command_line_readings_are_the_same(
    served: Served, tmp_path: Path
) -> None:
    # Of sizes that the model has never seen, so that it is unsure, and a difference would show.
    images = [png(text, 40 + n, width=50 + 5 * n, height=24 + n) for n, text in enumerate(some_texts(12))]
    for number, image in enumerate(images):
        (tmp_path / f"{number:02}.png").write_bytes(image)
    batch = served.post(images).json()["readings"]
    wanted = [(row["text"], pytest.approx(row["confidence"], rel=1e-4)) for row in batch]
    assert len({row["confidence"] for row in batch}) > 3

    headers = {"Authorization": f"Bearer {served.api.token}"}
    raw = [
        requests.post(served.address, data=image, headers=headers | {"Content-Type": "image/png"}, timeout=30)
        for image in images
    ]
    # What is sent while it is made says no length.
    in_chunks = requests.Request("POST", served.address, files={"files": ("a.png", images[0])}).prepare()
    chunked = requests.post(
        served.address,
        data=iter([in_chunks.body]),
        headers=headers | {"Content-Type": in_chunks.headers["Content-Type"]},
        timeout=30,
    )
    assert chunked.request.headers["Transfer-Encoding"] == "chunked"
    assert [(row["text"], row["confidence"]) for row in chunked.json()["readings"]] == wanted[:1]
    in_base64 = {"images": [base64.b64encode(image).decode() for image in images]}
    answers = {
        "one by one": [served.post([image]).json()["readings"][0] for image in images],
        "bytes": [answer.json()["readings"][0] for answer in raw],
        "base64": served.api.post(f"projects/{served.project}/read", json=in_base64)["readings"],
        "command line": json.loads(served.site.manage("predict", "served", str(tmp_path), "--json"))[
            "readings"
        ],
    }
    for way, rows in answers.items():
        assert [(row["text"], row["confidence"]) for row in rows] == wanted, way


def test_a_crowd_gets_every_answer_and_each_its_own(served: Served) -> None:
    wanted = served.texts(PICTURES)
    assert len(set(wanted)) > 8
    with ThreadPoolExecutor(40) as crowd:
        assert list(crowd.map(lambda image: served.texts([image])[0], PICTURES)) == wanted


def test_a_promotion_loses_no_request_and_soon_the_new_model_reads(served: Served) -> None:
    models, statuses, ended = [], set(), threading.Event()

    def ask_on_and_on() -> None:
        while not ended.is_set():
            answer = served.post(PICTURES[:2])
            statuses.add(answer.status_code)
            models.append(answer.json().get("model"))

    askers = [threading.Thread(target=ask_on_and_on) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        wait_until(lambda: len(models) > 20, seconds=20, what="some readings")
        served.api.post(f"projects/{served.project}/models/{served.second}/promote", json={"why": "a test"})
        wait_until(lambda: models[-1] == served.second, seconds=10, what="a reading of the new model")
    finally:
        ended.set()
        for asker in askers:
            asker.join()
        served.api.post(f"projects/{served.project}/models/{served.first}/promote", json={"why": "a test"})
    assert statuses == {200}
    assert set(models) == {served.first, served.second}


def test_what_a_killed_worker_had_taken_another_one_answers(served: Served) -> None:
    wanted, victim = served.texts(PICTURES), name(1)
    with ThreadPoolExecutor(4) as askers:
        answers = [askers.submit(served.texts, PICTURES) for _ in range(12)]
        process = served.worker(victim)
        while True:
            # Held, it can be looked at; it is to die with something in its hands.
            os.kill(process, signal.SIGSTOP)
            if victim in served.in_work():
                break
            assert not all(answer.done() for answer in answers), "it never had anything in work"
            os.kill(process, signal.SIGCONT)
            time.sleep(0.01)
        os.kill(process, signal.SIGKILL)
        assert [answer.result(60) for answer in answers] == [wanted] * 12
    assert int(served.redis.get(COUNT) or 0) == 0


def test_while_no_worker_reads_a_full_queue_is_said_at_once_and_who_waits_is_told_in_time(
    served: Served,
) -> None:
    with paused(served), ThreadPoolExecutor(8) as askers:
        waiting = [askers.submit(served.post, PICTURES) for _ in range(8)]
        wait_until(
            lambda: int(served.redis.get(COUNT) or 0) == 2048, seconds=20, what="the filling of the queue"
        )
        started = time.monotonic()
        refused = served.post(PICTURES[:1])
        assert time.monotonic() - started < 5
        answers = [answer.result(40) for answer in waiting]
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert "More than 2,048 images wait" in refused.json()["detail"]
    assert {answer.status_code for answer in answers} == {503}
    assert all("No worker answered within 10 s" in answer.json()["detail"] for answer in answers)
    # Nobody waits any more, so nothing of it is read.
    assert int(served.redis.get(COUNT) or 0) == 0
    assert len(served.texts(PICTURES[:1])) == 1


def test_a_worker_that_is_stopped_while_it_reads_answers_what_it_took(served: Served) -> None:
    wanted = served.texts(PICTURES)
    with paused(served), ThreadPoolExecutor(4) as askers:
        command = [sys.executable, "-W", "ignore", "manage.py", "predict_worker", "--name", "on its own"]
        own = subprocess.Popen(command, cwd=ROOT, env=served.site.environment)
        wait_until(
            lambda: served.redis.get("worker:on its own"), seconds=60, what="the start of a third worker"
        )
        answers = [askers.submit(served.texts, PICTURES) for _ in range(4)]
        while "on its own" not in served.in_work():
            assert not all(answer.done() for answer in answers), "it never took anything"
        own.send_signal(signal.SIGTERM)
        assert own.wait(20) == 0
        assert "on its own" not in served.in_work()
        assert served.redis.get("worker:on its own") is None
        # What it did not take, others do.
        for pid in served.site.processes()["predict"]:
            os.kill(pid, signal.SIGCONT)
        assert [answer.result(30) for answer in answers] == [wanted] * 4
