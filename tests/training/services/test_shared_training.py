"""Several workers on the positions of one run."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from labeling.jobs import JobState
from tests.factories import add_images, make_project
from tests.support.site import wait_until
from training.leftovers import run_folder
from training.models import Run, RunPart
from training.recognition.ensemble_fit import part_folder
from training.recognition.fit import SilentListener
from training.services.run_reporter import RunReporter
from training.services.runs import create_run, resume_run, stop_run
from training.services.shared_training import queue_parts, train_parts
from training.services.training_work import run_training

# Heartbeats have connections of their own, so rows must be committed.
pytestmark = pytest.mark.django_db(transaction=True)


def new_run(max_epochs: int = 2) -> Run:
    """A run with two positions to train."""
    project = make_project(alphabet="17", min_length=2, max_length=2)
    add_images(project, ["11", "17", "71", "77"] * 10)
    return create_run(
        project=project,
        user=project.created_by,
        architecture="position_ensemble",
        hyperparameters={"batch_size": 16},
        max_epochs=max_epochs,
        here=True,
    )


def claimed_elsewhere(run: Run) -> None:
    """Leave a run as a worker on another machine does that has made its rows and trains the first."""
    assert run.claim_for_work()
    queue_parts(run, 2)
    assert run.parts.get(position=0).claim_for_work()
    run.parts.filter(position=0).update(worker="elsewhere:1")


def fall_silent(run: Run) -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    run.parts.filter(state=JobState.RUNNING).update(heartbeat_at=long_ago)
    Run.objects.filter(pk=run.pk).update(state=JobState.QUEUED, claim=None)


def states(run: Run) -> list[tuple[str, int]]:
    return list(run.parts.values_list("state", "attempts"))


class Watcher(SilentListener):
    """Does something when a run reaches a stage or ends an epoch, then stops where asked to."""

    def __init__(
        self, stage: Callable[[str], None] | None = None, stop: Callable[[], None] | None = None
    ) -> None:
        self._stage, self._stop, self._stopped = stage, stop, False
        self.epochs: list[int] = []

    def on_stage(self, stage: str) -> None:
        if self._stage is not None:
            self._stage(stage)

    def on_epoch(self, metrics: object) -> None:
        self.epochs.append(metrics.epoch)  # type: ignore[attr-defined]
        if self._stop is not None:
            self._stop()
            self._stopped = True

    def should_stop(self) -> bool:
        return self._stopped


def test_positions_trained_by_two_workers_become_one_model_even_if_one_died(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(
        RunReporter, "on_validation", lambda self, validated: told.append(validated.positions)
    )
    run = new_run()
    claimed_elsewhere(run)
    train_parts(run.pk)
    assert states(run) == [("running", 1), ("done", 1)]
    # A second delivery, and one that comes when nothing is queued any more.
    train_parts(run.pk)
    assert states(run) == [("running", 1), ("done", 1)]

    fall_silent(run)
    run_training(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error, run.progress, run.epochs_planned) == (JobState.DONE, "", 1, 4)
    assert states(run) == [("done", 2), ("done", 1)]
    assert list(run.history.values_list("number", flat=True)) == [1, 2, 3, 4]
    # What is read shows meanwhile: of the position that another worker has trained, then of both.
    assert told == [[1], None, None, None]
    assert run.model.metrics["test"]["n"] > 0
    # What was kept until then is gone.
    assert not any(part.file for part in run.parts.all())
    assert not default_storage.exists(f"projects/{run.project_id}/runs/{run.pk}")
    assert not run_folder(run.pk).exists()
    train_parts(run.pk)
    assert states(run) == [("done", 2), ("done", 1)]


def test_a_message_about_a_run_that_is_gone_does_nothing() -> None:
    train_parts(4711)


def test_a_stopped_run_goes_on_with_the_position_it_was_at() -> None:
    run = new_run()
    stopping = Watcher(stop=lambda: stop_run(run=Run.objects.get(pk=run.pk)))
    run_training(run.pk, listener=stopping)
    run.refresh_from_db()
    assert run.state == JobState.STOPPED
    assert "no model yet" in run.error
    # An unfinished position waits with what it has.
    assert [(part.state, bool(part.file)) for part in run.parts.all()] == [
        ("queued", True),
        ("queued", False),
    ]
    train_parts(run.pk)
    assert [state for state, _ in states(run)] == ["queued", "queued"]

    resume_run(run=run)
    going_on = Watcher(stop=lambda: None)
    run_training(run.pk, listener=going_on)
    # Trained is what was missing; told is also what was before.
    assert going_on.epochs == [2, 1]
    run.refresh_from_db()
    assert (run.epoch, run.parts.get(position=0).state) == (2, JobState.DONE)


def test_a_stop_reaches_the_positions_of_other_workers() -> None:
    run = new_run(max_epochs=10_000)
    claimed_elsewhere(run)

    def help_out() -> None:
        try:
            train_parts(run.pk)
        finally:
            connection.close()

    helper = threading.Thread(target=help_out)
    helper.start()
    wait_until(
        lambda: run.parts.filter(position=1, progress__gt=0).exists(), seconds=60, what="the first batches"
    )
    stop_run(run=run)
    helper.join(timeout=60)
    part = run.parts.get(position=1)
    assert (part.state, part.claim) == (JobState.QUEUED, None)


def test_a_position_that_failed_elsewhere_fails_the_run_with_its_sentence() -> None:
    run = new_run(max_epochs=10_000)

    def fail_elsewhere(stage: str) -> None:
        if stage == "training position 1 of 2":
            run.parts.filter(position=1).update(state=JobState.FAILED, error="Its pictures are odd.")

    run_training(run.pk, listener=Watcher(stage=fail_elsewhere))
    run.refresh_from_db()
    assert (run.state, run.error) == (JobState.FAILED, "Its pictures are odd.")
    assert [state for state, _ in states(run)] == ["queued", "failed"]


def test_a_position_that_fails_here_fails_the_run_with_its_sentence_and_can_be_resumed() -> None:
    run = new_run()
    damaged = part_folder(run_folder(run.pk), 0) / "last.npz"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"no checkpoint")
    run_training(run.pk, listener=Watcher())
    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert run.error.startswith("The checkpoint last.npz cannot be read")
    assert [state for state, _ in states(run)] == ["failed", "queued"]
    queue_parts(run, 2)
    assert [state for state, _ in states(run)] == ["queued", "queued"]


def test_deleting_a_run_deletes_what_is_stored_of_its_positions() -> None:
    run = new_run()
    part = RunPart.objects.create(run=run, position=0, file=ContentFile(b"weights", "position-1.npz"))
    assert default_storage.exists(part.file.name)
    run.delete()
    assert not default_storage.exists(part.file.name)
