"""Batches on real workers: a worker that is killed, and the announcement of the end."""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories import png
from tests.support.receiver import Receiver, receiving
from tests.support.site import Api, Site, wait_until
from tests.workers.test_jobs import archive, ended_run, import_archive, new_project


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Site]:
    """A site of its own, whose administrator lets it announce batches to the receiver."""
    running = Site(tmp_path_factory.mktemp("batches"), more={"WEBHOOK_HOSTS": receiver.host})
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def api(site: Site) -> Api:
    return site.api()


@pytest.fixture(scope="module")
def project(api: Api) -> int:
    """A project with a reader."""
    made = new_project(api, "read in batches")
    import_archive(api, made, archive(40))
    run = api.post(f"projects/{made}/runs", json={"architecture": "random_forest"})["number"]
    assert ended_run(api, made, run)["state"] == "done"
    return made


def send(api: Api, project: int, files: list[tuple[str, bytes]]) -> str:
    """Start a batch; return its address."""
    wish = [("files", file) for file in files]
    return f"projects/{project}/batches/{api.post(f'projects/{project}/batches', files=wish)['id']}"


def ended(api: Api, address: str) -> dict[str, Any]:
    def row() -> dict[str, Any] | None:
        now: dict[str, Any] = api.get(address)
        return None if now["state"] in ("queued", "running") else now

    return wait_until(row, seconds=120, what="the end of the batch")  # type: ignore[no-any-return]


def results(api: Api, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(f"{address}/results", params={"cursor": cursor, "limit": 500})
        found += page["items"]
        cursor = page["next"]
    return found


def test_a_batch_whose_worker_is_killed_twice_answers_every_image_once(
    site: Site, api: Api, project: int
) -> None:
    count = 4000
    broken = ("broken.png", b"no image")
    address = send(
        api, project, [broken, ("all.zip", archive(count, first=5000)), ("last.png", png("01", 1))]
    )
    seen = 0
    for _ in range(2):
        wait_until(lambda: api.get(address)["position"] > seen, seconds=60, what="another step")  # noqa: B023
        for pid in site.processes()["prepare"]:
            os.kill(pid, signal.SIGKILL)
        killed = api.get(address)
        assert killed["state"] == "running"
        seen = killed["position"]
    row = ended(api, address)
    assert (row["state"], row["position"], row["total"], row["failed"]) == ("done", count + 2, count + 2, 1)
    answers = results(api, address)
    assert [answer["position"] for answer in answers] == list(range(count + 2))
    # In an archive, the name has its number: no picture was read twice, and none left out.
    numbers = [int(answer["name"].partition("_")[2].partition(".")[0]) for answer in answers[1:-1]]
    assert numbers == list(range(count))
    assert all((answer["error"] == "") == bool(answer["text"]) for answer in answers)
    assert (answers[0]["name"], answers[-1]["name"]) == ("broken.png", "last.png")
    batch = address.rpartition("/")[2]
    assert int(site.query(f"ReadingBatch.objects.get(pk={batch}).attempts")) >= 2


def test_the_end_of_a_batch_is_announced(api: Api, project: int, receiver: Receiver) -> None:
    secret = api.put(f"projects/{project}/webhook", json={"url": receiver.url})["secret"]
    assert secret.startswith("whsec_")
    address = send(api, project, [("01.png", png("01")), ("10.png", png("10"))])
    ended(api, address)
    wait_until(lambda: receiver.requests, seconds=30, what="the announcement")
    [(_, headers, body)] = receiver.requests
    assert json.loads(body)["data"]["read"] == 2
    assert headers["webhook-signature"].startswith("v1,")
