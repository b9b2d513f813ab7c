"""A training whose worker, Redis, database or disk fails: it goes on or says why not, and loses an epoch at most."""

import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import pytest
import redis

from tests.support.full_disk import SmallDisk, small_disk
from tests.support.postgres import PrivatePostgres
from tests.support.site import Api, Site, wait_until
from tests.workers.test_jobs import archive, import_archive, new_project
from tests.workers.test_shared_training import second_training_worker
from webapp.embedded import redis_socket

WITHIN_A_MINUTE = 60.0
# TensorFlow alone takes minutes to start where others compute as well.
PATIENCE = 600.0
DATABASE_AWAY_SECONDS = 10.0
# About a second each, so that what strikes strikes in mid-epoch; more of them than a test waits for.
ENDLESS = {
    "architecture": "tiny_vgg",
    "max_epochs": 100_000,
    "hyperparameters": {"epoch_images": 6000, "patience": 10_000},
}


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivatePostgres]:
    with PrivatePostgres() as running:
        yield running


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    """Where the site's workers keep checkpoints."""
    with small_disk(tmp_path_factory.mktemp("faults") / "site" / "runs") as small:
        yield small


@pytest.fixture(scope="module")
def site(postgres: PrivatePostgres, disk: SmallDisk) -> Iterator[Site]:
    running = Site(disk.folder.parent, database_url=postgres.url)
    running.start()
    yield running
    running.stop()


@dataclass
class Training:
    """A run, looked at in the database itself: quicker than a command, and there while the site is not."""

    site: Site
    api: Api
    project: int
    number: int

    def ask(self, question: LiteralString) -> list[tuple[Any, ...]]:
        """The rows of an SQL query about the run, whose id is `%s` in it."""
        assert self.site.database_url is not None
        with psycopg.connect(self.site.database_url) as connection:
            pk = "(SELECT id FROM training_run WHERE project_id = %s AND number = %s)"
            return connection.execute(
                question.replace("%s", pk),  # type: ignore[arg-type]
                (self.project, self.number),
            ).fetchall()

    @property
    def epochs(self) -> int:
        """How many epochs are written down, without a gap."""
        rows = self.ask("SELECT number FROM training_epoch WHERE run_id = %s ORDER BY number")
        assert [number for (number,) in rows] == list(range(1, len(rows) + 1))
        return len(rows)

    @property
    def attempts(self) -> int:
        return int(self.ask("SELECT attempts FROM training_run WHERE id = %s")[0][0])

    @property
    def state(self) -> str:
        return str(self.ask("SELECT state FROM training_run WHERE id = %s")[0][0])

    @property
    def error(self) -> str:
        return str(self.ask("SELECT error FROM training_run WHERE id = %s")[0][0])

    @property
    def models(self) -> int:
        return int(self.ask("SELECT count(*) FROM training_model WHERE run_id = %s")[0][0])

    def post(self, act: str) -> None:
        self.api.post(f"projects/{self.project}/runs/{self.number}/{act}")

    def goes_on(self, *, beyond: int, seconds: float = WITHIN_A_MINUTE) -> None:
        """Wait until it has trained two epochs more: the first may have been on its way."""
        wait_until(
            lambda: self.state == "running" and self.epochs >= beyond + 2,
            seconds=seconds,
            what=f"two epochs beyond {beyond}",
        )

    def went_on_after(self) -> int:
        """After which epoch it last went on from its checkpoint, as the worker says."""
        return int(re.findall(rf"Run {self.number} goes on after epoch (\d+)", self.site.log)[-1])


@pytest.fixture(scope="module")
def started(site: Site) -> Training:
    api = site.api()
    project = new_project(api, "faults")
    import_archive(api, project, archive(60))
    number = api.post(f"projects/{project}/runs", json=ENDLESS)["number"]
    return Training(site, api, project, number)


@pytest.fixture
def training(started: Training) -> Training:
    """The run, in the midst of its training whatever the test before did to it."""
    if started.state not in ("queued", "running"):
        started.post("resume")
    started.goes_on(beyond=started.epochs, seconds=PATIENCE)
    return started


def test_redis_killed_during_a_training_does_not_interrupt_it(training: Training) -> None:
    attempts = training.attempts
    (redis,) = training.site.processes()["redis"]
    os.kill(redis, signal.SIGKILL)
    training.goes_on(beyond=training.epochs)
    assert training.attempts == attempts


def test_a_database_away_for_ten_seconds_holds_a_training_up_but_does_not_end_it(
    training: Training, postgres: PrivatePostgres
) -> None:
    epochs, attempts = training.epochs, training.attempts
    postgres.stop()
    time.sleep(DATABASE_AWAY_SECONDS)
    postgres.start()
    training.goes_on(beyond=epochs)
    assert training.attempts == attempts


def test_a_worker_killed_in_mid_epoch_costs_that_epoch_and_nothing_else(training: Training) -> None:
    attempts = training.attempts
    for pid in training.site.processes()["train"]:
        os.kill(pid, signal.SIGKILL)
    epochs = training.epochs
    wait_until(
        lambda: training.attempts == attempts + 1, seconds=WITHIN_A_MINUTE, what="another worker's attempt"
    )
    training.goes_on(beyond=epochs, seconds=PATIENCE)
    # The checkpoint is written before the row of its epoch, so it may be one further, but never behind.
    assert training.went_on_after() >= epochs


def test_a_full_disk_fails_the_run_with_a_reason_and_with_room_it_goes_on(
    training: Training, disk: SmallDisk
) -> None:
    disk.fill()
    try:
        wait_until(lambda: training.state == "failed", seconds=WITHIN_A_MINUTE, what="the failure")
        assert "the worker's disk is full. Make room, then resume the run." in training.error
        epochs = training.epochs
    finally:
        disk.make_room()
    training.post("resume")
    training.goes_on(beyond=epochs, seconds=PATIENCE)
    assert training.went_on_after() >= epochs


def test_a_stop_after_all_of_this_keeps_the_best_checkpoint_as_a_model(training: Training) -> None:
    training.post("stop")
    wait_until(lambda: training.state == "stopped", seconds=PATIENCE, what="the stop")
    assert training.models == 1


def test_a_message_delivered_several_times_to_two_workers_trains_once(site: Site, started: Training) -> None:
    send = "from celery import current_app as app; " + "; ".join(
        ["app.send_task('training.tasks.run_training', args=[1], queue='train')"] * 3
    )
    with second_training_worker(site):
        wish = {"architecture": "tiny_vgg", "max_epochs": 2}
        number = started.api.post(f"projects/{started.project}/runs", json=wish)["number"]
        site.manage("shell", "--no-imports", "-c", send)
        again = Training(site, started.api, started.project, number)
        wait_until(lambda: again.state == "done", seconds=PATIENCE, what="the end of the run")
        messages = redis.Redis(unix_socket_path=str(redis_socket(site.data_dir)))
        wait_until(lambda: not messages.llen("train"), seconds=PATIENCE, what="the end of all messages")
    assert (again.attempts, again.epochs, again.models) == (1, 2, 1)
