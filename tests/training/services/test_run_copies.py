"""Runs in line, tried again and cloned."""

import pytest

from labeling.errors import Refused
from labeling.jobs import JobState, requeue_abandoned
from labeling.models import AuditEntry, Project
from labeling.services.deleting import delete_images
from tests.factories import add_images, make_project, texts
from tests.training.views.rows import add_run
from training.models import Run
from training.querysets import ordinal, places_in_line
from training.services.runs import create_run, first_in_line, line, retry_run, stop_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(20))
    return project


def started_in(project: Project) -> AuditEntry:
    entry: AuditEntry = project.audit_entries.first()
    return entry


def test_runs_stand_in_line_in_the_order_in_which_they_came_whatever_their_project(project: Project) -> None:
    other = make_project(name="other")
    add_images(other, texts(20), seed=100)
    first, second, third = (create_run(project=each, user=None) for each in (project, other, project))
    assert line() == [first.pk, second.pk, third.pk]
    assert str(places_in_line([third])[third.pk]) == "3rd of 3 in line"
    stop_run(run=first)
    assert str(places_in_line([third])[third.pk]) == "2nd of 2 in line"
    assert str(places_in_line([second])[second.pk]) == "Next in line"
    assert first_in_line() == second.pk


def test_an_interrupted_run_keeps_its_place_in_line(project: Project) -> None:
    first, second = (create_run(project=project, user=None) for _ in range(2))
    assert first.claim_for_work()
    assert line() == [second.pk]
    first.hand_back()
    assert line() == [first.pk, second.pk]
    first.claim_for_work()
    Run.objects.filter(pk=first.pk).update(heartbeat_at="2020-01-01T00:00Z", worker="elsewhere:1")
    requeue_abandoned(Run.objects.all())
    assert line() == [first.pk, second.pk]


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (22, "22nd")],
)
def test_places_are_written_as_people_say_them(number: int, words: str) -> None:
    assert ordinal(number) == words


def test_a_failed_run_is_tried_again_with_all_that_it_was_given(project: Project) -> None:
    run = create_run(
        project=project, user=None, hyperparameters={"batch_size": 8}, seed=3, max_epochs=4, max_minutes=2
    )
    Run.objects.filter(pk=run.pk).update(state=JobState.FAILED)
    run.refresh_from_db()
    # What is labelled since is not what failed.
    add_images(project, texts(5, seed=9), seed=900)
    again = retry_run(run=run, user=project.created_by)
    same = (
        "dataset_id",
        "preparation_id",
        "architecture",
        "hyperparameters",
        "seed",
        "max_epochs",
        "max_minutes",
    )
    assert {name: getattr(again, name) for name in same} == {name: getattr(run, name) for name in same}
    assert (again.number, again.state, again.copied_from) == (2, JobState.QUEUED, run)
    entry = started_in(project)
    assert (entry.action, entry.target, entry.detail) == ("run_retried", "Run 2", {"copy_of": "Run 1"})


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.DONE, JobState.STOPPED])
def test_only_a_failed_run_is_tried_again(project: Project, state: JobState) -> None:
    with pytest.raises(Refused, match="only a failed run"):
        retry_run(run=add_run(project, state=state))
    assert project.runs.count() == 1


def test_a_run_whose_images_were_deleted_cannot_be_repeated_exactly(project: Project) -> None:
    run = add_run(project, state=JobState.FAILED)
    delete_images(project=project, user=None, image_ids=[project.images.first().pk])
    with pytest.raises(Refused, match="has lost 1 of its 20 images"):
        retry_run(run=run)


def test_a_clone_takes_the_labels_of_now_unless_it_wants_the_same(project: Project) -> None:
    run = add_run(project)
    add_images(project, texts(5, seed=9), seed=900)
    fresh = create_run(project=project, user=None, copy_of=run)
    same = create_run(project=project, user=None, copy_of=run, same_inputs=True)
    assert (fresh.dataset.item_count, same.dataset.item_count) == (25, 20)
    assert same.dataset == run.dataset
