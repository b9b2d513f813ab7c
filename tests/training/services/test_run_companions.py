"""Who goes along with a run while a worker trains it."""

import dataclasses

import numpy as np
import pytest

from labeling.jobs import JobState, LostClaim
from tests.factories import add_images, make_project, texts
from tests.training.report_rows import metrics
from training.leftovers import run_folder, tensorboard_folder
from training.models import Epoch, Run
from training.recognition.checkpoints import write_checkpoint
from training.recognition.network_fit import LAST
from training.services.run_companions import companions_of
from training.services.runs import create_run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run() -> Run:
    project = make_project()
    add_images(project, texts(40))
    run = create_run(project=project, user=project.created_by)
    assert run.claim_for_work()
    return run


def write_last(run: Run, epochs: int) -> None:
    """Leave what a training has written when its checkpoint is there and the epoch's row is not."""
    folder = run_folder(run.pk)
    folder.mkdir(parents=True, exist_ok=True)
    history = [dataclasses.asdict(metrics(epoch)) for epoch in range(1, epochs + 1)]
    write_checkpoint(folder / LAST, {"model": [np.zeros(3)]}, {"epoch": epochs, "history": history})


def test_a_worker_that_died_between_checkpoint_and_row_leaves_no_hole_in_the_history(run: Run) -> None:
    with companions_of(run) as companions:
        companions.watching["listener"].on_epoch(metrics(1))
    write_last(run, 2)
    with companions_of(run) as companions:
        companions.watching["listener"].on_epoch(metrics(3))
    assert list(run.history.values_list("number", flat=True)) == [1, 2, 3]
    assert Epoch.objects.get(run=run, number=2).validation_loss == metrics(2).validation_loss


def test_a_damaged_checkpoint_is_no_history(run: Run) -> None:
    run_folder(run.pk).mkdir(parents=True)
    (run_folder(run.pk) / LAST).write_bytes(b"half a file")
    with companions_of(run) as companions:
        assert companions.checkpoints.history == ()
    assert not run.history.exists()


def test_what_a_training_tells_reaches_the_rows_and_the_log(run: Run) -> None:
    with companions_of(run) as companions:
        companions.watching["listener"].on_epoch(metrics(1))
        run.finish(JobState.DONE)
    assert run.history.count() == 1
    assert any(tensorboard_folder(run.project_id).rglob("events*"))
    assert companions.trial is None


def test_whoever_lost_the_run_is_told_so(run: Run) -> None:
    with companions_of(run) as companions:
        Run.objects.filter(pk=run.pk).update(claim=None, state=JobState.QUEUED)
        with pytest.raises(LostClaim):
            companions.watching["listener"].on_epoch(metrics(1))
    assert not run.history.exists()
