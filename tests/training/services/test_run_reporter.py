"""What a training writes to its run's rows."""

import pytest

from labeling.heartbeat import Heartbeat
from tests.factories import add_images, make_project, texts
from tests.training.report_rows import metrics
from training.models import Run
from training.run_news import read_epochs
from training.services.run_reporter import RunReporter
from training.services.runs import create_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    project = make_project()
    add_images(project, texts(40))
    run = create_run(project=project, user=project.created_by)
    assert run.claim_for_work()
    return run


def reporter_of(run: Run) -> RunReporter:
    return RunReporter(run, Heartbeat(run), None)


def tell(run: Run, *epochs: int) -> None:
    reporter = reporter_of(run)
    for epoch in epochs:
        reporter.on_epoch(metrics(epoch))


def numbers(run: Run) -> list[int]:
    return list(run.history.order_by("number").values_list("number", flat=True))


def test_every_epoch_is_a_row(run: Run) -> None:
    tell(run, 1, 2, 3)
    assert numbers(run) == [1, 2, 3]
    run.refresh_from_db()
    assert run.epoch == 3


def test_a_resumed_training_goes_on_behind_the_epochs_that_are_there(run: Run) -> None:
    tell(run, 1, 2, 3)
    tell(run, 4, 5)
    assert numbers(run) == [1, 2, 3, 4, 5]


def test_a_training_that_begins_anew_leaves_no_epoch_of_the_former_one(run: Run) -> None:
    tell(run, 1, 2, 3, 4, 5)
    tell(run, 1, 2)
    assert numbers(run) == [1, 2]


def test_epochs_that_are_told_once_more_cost_no_later_one(run: Run) -> None:
    tell(run, 4, 5, 1, 2, 3)
    assert numbers(run) == [1, 2, 3, 4, 5]


def test_who_has_seen_an_epoch_that_was_written_anew_is_told_of_it(run: Run) -> None:
    tell(run, 1, 2, 3)
    seen = max(epoch.pk for epoch in read_epochs(run.pk, 0))
    tell(run, 2)
    assert [epoch.pk > seen for epoch in read_epochs(run.pk, seen)] == [True]


def test_epochs_that_only_a_checkpoint_knows_get_their_rows(run: Run) -> None:
    tell(run, 1, 2)
    reporter = reporter_of(run)
    reporter.catch_up([metrics(epoch) for epoch in (1, 2, 3, 4)])
    assert numbers(run) == [1, 2, 3, 4]
    assert run.history.get(number=3).loss == metrics(3).loss
    run.refresh_from_db()
    assert run.epoch == 4
    reporter.on_epoch(metrics(5))
    assert numbers(run) == [1, 2, 3, 4, 5]


def test_a_run_without_a_hole_in_its_history_keeps_its_rows(run: Run) -> None:
    tell(run, 1, 2, 3)
    before = list(run.history.values_list("pk", flat=True))
    reporter_of(run).catch_up([metrics(1), metrics(2)])
    reporter_of(run).catch_up([])
    assert list(run.history.values_list("pk", flat=True)) == before
    run.refresh_from_db()
    assert run.epoch == 3
