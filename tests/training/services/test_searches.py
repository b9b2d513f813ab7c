"""Searches: which trial comes next, and when they end."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import AuditEntry, Project
from tests.factories import add_images, make_project, texts
from training.models import Run, Search
from training.services.searches import advance, best_trial, create_search, stop_search, train_best

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(40))
    return project


def start(project: Project, **wish: Any) -> Search:
    return create_search(project=project, user=project.created_by, **{"architecture": "tiny_vgg"} | wish)


def end_trial(search: Search, state: JobState = JobState.DONE, minutes: float = 1.0, **changes: Any) -> Run:
    """Let a worker take the queued trial and end it."""
    run = search.trials.get(state=JobState.QUEUED)
    now = timezone.now()
    begun = {"started_at": now - timedelta(minutes=minutes), "heartbeat_at": now}
    Run.objects.filter(pk=run.pk).update(state=JobState.RUNNING, **begun)
    advance(search.pk)
    Run.objects.filter(pk=run.pk).update(state=state, finished_at=now, **changes)
    advance(search.pk)
    search.refresh_from_db()
    run.refresh_from_db()
    return run


def test_a_search_queues_its_first_trial_with_everything_frozen(project: Project) -> None:
    search = start(project, fixed={"batch_size": "16"}, seed=4, max_minutes=2)
    run = search.trials.get()
    assert (run.state, run.trial, run.seed, run.max_minutes) == (JobState.QUEUED, 1, 4, 2)
    assert (run.dataset, run.preparation) == (search.dataset, search.preparation)
    assert run.hyperparameters == {"batch_size": 16}
    assert AuditEntry.objects.filter(project=project, action="search_started", target="Search 1").exists()


def test_whoever_begins_a_trial_queues_one_more_and_never_two(project: Project) -> None:
    search = start(project)
    search.trials.update(state=JobState.RUNNING)
    for _ in range(3):
        advance(search.pk)
    assert list(search.trials.values_list("trial", "state")) == [(2, "queued"), (1, "running")]


def test_labels_that_come_meanwhile_do_not_change_what_trials_learn_from(project: Project) -> None:
    search = start(project)
    add_images(project, texts(20, seed=9), seed=500)
    end_trial(search)
    assert set(search.trials.values_list("dataset", flat=True)) == {search.dataset_id}


def test_a_search_ends_when_its_last_trial_has(project: Project) -> None:
    search = start(project, trials=2)
    end_trial(search, trial_value=0.5)
    assert search.is_active
    end_trial(search, JobState.STOPPED, is_pruned=True)
    assert (search.state, search.trials.count()) == (JobState.DONE, 2)
    assert search.finished_at is not None


def test_no_trial_begins_once_the_budget_is_spent(project: Project) -> None:
    search = start(project, trials=50, budget_minutes=2.5)
    while search.is_active and search.trials.count() < 50:
        end_trial(search, minutes=1)
    assert (search.state, search.trials.count()) == (JobState.DONE, 3)


def test_a_search_whose_first_trials_all_fail_gives_up_and_says_why(project: Project) -> None:
    search = start(project, trials=20)
    while search.is_active:
        end_trial(search, JobState.FAILED, error="The worker's disk is full.")
    assert search.state == JobState.FAILED
    assert "disk is full" in search.error
    assert search.trials.count() < 6


def test_one_failed_trial_does_not_end_a_search(project: Project) -> None:
    search = start(project, trials=20)
    end_trial(search, trial_value=0.5)
    for _ in range(3):
        end_trial(search, JobState.FAILED, error="The loss became infinite.")
    assert search.is_active


def test_a_stopped_search_begins_nothing_more_and_stops_what_is_under_way(project: Project) -> None:
    search = start(project)
    search.trials.update(state=JobState.RUNNING)
    advance(search.pk)
    stop_search(search=search, user=project.created_by)
    advance(search.pk)
    assert search.state == JobState.STOPPED
    running = search.trials.get(trial=1)
    assert (running.state, running.stop_requested) == (JobState.RUNNING, True)
    assert search.trials.get(trial=2).state == JobState.STOPPED
    assert AuditEntry.objects.filter(action="search_stopped").count() == 1
    stop_search(search=search, user=project.created_by)
    assert AuditEntry.objects.filter(action="search_stopped").count() == 1


def test_the_best_trial_is_trained_anew_on_the_labels_of_today(project: Project) -> None:
    search = start(project, trials=3)
    end_trial(search, trial_value=0.6, hyperparameters={"learning_rate": 0.01})
    end_trial(search, trial_value=0.8, hyperparameters={"learning_rate": 0.002})
    end_trial(search, JobState.STOPPED, trial_value=0.9, hyperparameters={"learning_rate": 0.1})
    add_images(project, texts(20, seed=9), seed=500)
    run = train_best(search=search, user=project.created_by)
    assert run.hyperparameters == {"learning_rate": 0.002}
    assert (run.search, run.max_minutes, run.state) == (None, None, JobState.QUEUED)
    assert run.dataset.item_count > search.dataset.item_count


def test_of_equally_good_trials_the_surer_one_is_best(project: Project) -> None:
    search = start(project, trials=3)
    for loss in (0.4, 0.2, 0.3):
        run = end_trial(search, trial_value=0.75)
        common = dict.fromkeys(
            ["character_accuracy", "whole_string_accuracy", "learning_rate", "seconds", "loss"], 1
        )
        common |= {"validation_character_accuracy": 1, "validation_whole_string_accuracy": 1}
        run.history.create(number=1, validation_loss=loss, **common)
    assert best_trial(search).trial == 2


def test_without_a_finished_trial_there_is_no_best(project: Project) -> None:
    with pytest.raises(Refused, match="no finished trial yet"):
        train_best(search=start(project), user=project.created_by)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"trials": 1}, "1 trials do not work"),
        ({"trials": 5000}, "2 to 1000"),
        ({"max_minutes": 0}, "0 minutes do not work"),
        ({"budget_minutes": float("nan")}, "nan minutes"),
        ({"pruner": "guess"}, "no pruner 'guess'"),
        ({"space": {}}, "nothing to search"),
        ({"space": {"magic": (0, 1)}}, "has no hyper-parameter 'magic'"),
        ({"space": {"learning_rate": (1, 0.1)}}, "leaves nothing to search"),
        (
            {"space": {"rotation": (0, 5)}, "fixed": {"rotation": 3}},
            "rotation cannot be searched and have one value",
        ),
        ({"architecture": "huge"}, "no architecture 'huge'"),
        ({"seed": -1}, "The seed -1"),
    ],
)
def test_a_wish_that_cannot_be_granted_starts_nothing_and_says_why(
    project: Project, wish: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        start(project, **wish)
    assert not Search.objects.exists()
    assert not Run.objects.exists()
