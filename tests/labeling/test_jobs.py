import os
import socket
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from labeling.jobs import MAX_ATTEMPTS, JobState, LostClaim, requeue_abandoned, work_on
from labeling.models import Import
from labeling.services.imports import create_import
from tests.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> Import:
    project = make_project()
    return create_import(project=project, user=project.created_by, label_source="none")


def test_a_row_is_claimed_once(job: Import) -> None:
    job.mark_queued()
    first, second = Import.objects.get(pk=job.pk), Import.objects.get(pk=job.pk)
    assert first.claim_for_work()
    assert not second.claim_for_work()


def test_a_running_row_is_not_queued_again_by_hand(job: Import) -> None:
    job.mark_queued()
    job.claim_for_work()
    assert not Import.objects.get(pk=job.pk).mark_queued()


def test_whoever_lost_the_claim_writes_nothing(job: Import) -> None:
    job.mark_queued()
    job.claim_for_work()
    Import.objects.filter(pk=job.pk).update(claim=None, state=JobState.QUEUED)
    with pytest.raises(LostClaim):
        job.beat(position=7)
    job.refresh_from_db()
    assert job.position == 0


def test_a_worker_that_is_told_to_stop_hands_its_row_back_without_counting_an_attempt(job: Import) -> None:
    def told_to_stop(row: Import) -> None:
        row.beat(position=3)
        raise SystemExit

    job.mark_queued()
    with pytest.raises(SystemExit):
        work_on(Import.objects.all(), job.pk, told_to_stop, lambda row, error: "never said")
    job.refresh_from_db()
    assert (job.state, job.attempts, job.position) == (JobState.QUEUED, 0, 3)


def test_a_silent_row_of_another_machine_is_queued_again(job: Import) -> None:
    job.mark_queued()
    job.claim_for_work()
    elsewhere = Import.objects.filter(pk=job.pk)
    elsewhere.update(worker="elsewhere:1", heartbeat_at=timezone.now() - timedelta(seconds=29))
    requeue_abandoned(Import.objects.all())
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    elsewhere.update(heartbeat_at=timezone.now() - timedelta(seconds=31))
    requeue_abandoned(Import.objects.all())
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_a_row_whose_process_died_on_this_machine_does_not_wait_for_silence(job: Import) -> None:
    job.mark_queued()
    job.claim_for_work()
    assert job.worker == f"{socket.gethostname()}:{os.getpid()}"
    requeue_abandoned(Import.objects.all())
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    process = subprocess.Popen(["true"])
    process.wait()
    Import.objects.filter(pk=job.pk).update(worker=f"{socket.gethostname()}:{process.pid}")
    requeue_abandoned(Import.objects.all())
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_a_row_that_keeps_killing_its_worker_fails_with_a_reason(job: Import) -> None:
    job.mark_queued()
    job.claim_for_work()
    Import.objects.filter(pk=job.pk).update(
        attempts=MAX_ATTEMPTS, worker="elsewhere:1", heartbeat_at=timezone.now() - timedelta(minutes=1)
    )
    requeue_abandoned(Import.objects.all())
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "died" in job.error


def test_an_abandoned_row_that_should_stop_is_stopped(job: Import) -> None:
    job.mark_queued()
    job.claim_for_work()
    Import.objects.filter(pk=job.pk).update(
        stop_requested=True, worker="elsewhere:1", heartbeat_at=timezone.now() - timedelta(minutes=1)
    )
    requeue_abandoned(Import.objects.all())
    job.refresh_from_db()
    assert job.state == JobState.STOPPED
