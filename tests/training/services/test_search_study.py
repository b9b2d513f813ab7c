"""What Optuna makes of a search, in the tables that it keeps in the site's own database."""

from typing import Any

import optuna
import pytest
from django.db import connection
from django.utils import timezone

from labeling.jobs import JobState
from labeling.models import Project
from tests.factories import add_images, make_project, texts
from tests.support.threads import at_once
from training.models import Run, Search
from training.recognition.fit import BatchProgress, EpochMetrics
from training.services.search_storage import open_storage
from training.services.search_study import Trial, begin_trial, forget_study, weigh_parameters
from training.services.searches import advance, create_search

# Optuna's connections see what is committed, only.
pytestmark = pytest.mark.django_db(transaction=True)

SPACE = {"learning_rate": (0.0001, 0.1), "rotation": (0, 10)}


@pytest.fixture(autouse=True)
def _no_studies_of_other_tests() -> None:
    storage = open_storage()
    for study in storage.get_all_studies():
        storage.delete_study(study._study_id)


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(40))
    return project


def start(project: Project, **wish: Any) -> Search:
    usual = {"architecture": "tiny_vgg", "space": SPACE, "trials": 50}
    return create_search(project=project, user=None, here=True, **usual | wish)


def begin(search: Search) -> tuple[Run, Trial]:
    """Take the queued trial as a worker does."""
    run = Run.objects.select_related("search", "project").filter(search=search, state=JobState.QUEUED).get()
    assert run.claim_for_work()
    trial = begin_trial(run)
    advance(search.pk, here=True)
    return run, trial


def end(run: Run, value: float | None, state: JobState = JobState.DONE) -> None:
    run.finish(state, trial_value=value)
    advance(run.search_id, here=True)


def train(trial: Trial, accuracies: list[float]) -> None:
    """Tell a trial of evenly spaced epochs, until it wants to stop."""
    for number, accuracy in enumerate(accuracies, start=1):
        share = number / len(accuracies)
        trial.on_batch(
            BatchProgress(
                epoch=number,
                batch=1,
                batches=1,
                loss=1,
                progress=share,
                seconds=1,
                seconds_left=1,
                images_per_second=1,
            )
        )
        trial.on_epoch(
            EpochMetrics(
                epoch=number,
                loss=1,
                training_whole_string_accuracy=accuracy,
                training_character_accuracy=accuracy,
                validation_loss=1,
                whole_string_accuracy=accuracy,
                character_accuracy=accuracy,
                learning_rate=0.001,
                seconds=number,
                best=True,
            )
        )
        if trial.should_stop():
            return


def study_of(search: Search) -> optuna.Study:
    return optuna.load_study(study_name=f"search-{search.pk}", storage=open_storage())


def test_the_first_trial_takes_the_defaults_and_the_others_what_lies_within_the_ranges(
    project: Project,
) -> None:
    search = start(project, fixed={"batch_size": 16})
    first, _ = begin(search)
    assert first.hyperparameters == {"batch_size": 16, "learning_rate": 0.001, "rotation": 0}
    tried = [begin(search)[0].hyperparameters for _ in range(4)]
    assert len({values["learning_rate"] for values in tried}) == 4
    assert all(0.0001 <= values["learning_rate"] <= 0.1 and 0 <= values["rotation"] <= 10 for values in tried)
    stored = Run.objects.get(pk=first.pk).hyperparameters
    assert stored == first.hyperparameters


def test_a_trial_whose_worker_died_begins_again_with_the_same_values(project: Project) -> None:
    search = start(project)
    begin(search)
    run, _ = begin(search)
    chosen = run.hyperparameters
    run.hand_back()
    again = Run.objects.select_related("search", "project").get(pk=run.pk)
    assert again.claim_for_work()
    begin_trial(again)
    assert again.hyperparameters == chosen
    assert len(study_of(search).trials) == 2


def test_results_reach_the_study_before_it_is_asked_again(project: Project) -> None:
    search = start(project)
    good, _ = begin(search)
    end(good, 0.75)
    bad, _ = begin(search)
    end(bad, None, JobState.FAILED)
    early, _ = begin(search)
    end(early, None, JobState.STOPPED)
    begin(search)
    states = [trial.state.name for trial in study_of(search).trials]
    assert states == ["COMPLETE", "FAIL", "PRUNED", "RUNNING"]
    assert study_of(search).best_value == 0.75


def test_the_search_learns_where_good_values_lie(project: Project) -> None:
    search = start(project, space={"rotation": (0, 10)})
    for _ in range(20):
        run, _ = begin(search)
        end(run, 1 - abs(run.hyperparameters["rotation"] - 7) / 10)
    later = [
        run.hyperparameters["rotation"] for run in search.trials.filter(trial__gt=12, state=JobState.DONE)
    ]
    assert sum(abs(value - 7) < 2 for value in later) > len(later) / 2


def test_a_trial_that_does_worse_than_the_others_is_ended_early(project: Project) -> None:
    search = start(project)
    for _ in range(4):
        run, trial = begin(search)
        train(trial, [0.1 * number for number in range(1, 11)])
        assert not trial.is_pruned
        end(run, 1.0)
    _, hopeless = begin(search)
    train(hopeless, [0.01] * 10)
    assert hopeless.is_pruned
    _, promising = begin(search)
    train(promising, [0.35] * 3 + [0.95] * 7)
    assert not promising.is_pruned


def test_without_a_pruner_every_trial_takes_its_time(project: Project) -> None:
    search = start(project, pruner="none")
    for _ in range(4):
        run, trial = begin(search)
        train(trial, [0.5] * 10)
        end(run, 0.5)
    _, hopeless = begin(search)
    train(hopeless, [0.0] * 10)
    assert not hopeless.is_pruned


def test_many_short_epochs_and_few_long_ones_are_compared_at_the_same_tenths(project: Project) -> None:
    search = start(project, pruner="hyperband")
    for epochs in (3, 47):
        run, trial = begin(search)
        train(trial, [0.5] * epochs)
        end(run, 0.5)
    begin(search)
    few, many, _ = study_of(search).trials
    assert set(few.intermediate_values) == set(many.intermediate_values) == set(range(1, 11))


def test_a_pruned_trial_that_somebody_resumes_goes_on_without_being_compared(project: Project) -> None:
    search = start(project)
    run, _ = begin(search)
    chosen = run.hyperparameters
    end(run, None, JobState.STOPPED)
    begin(search)
    assert run.mark_queued()
    run = Run.objects.select_related("search", "project").get(pk=run.pk)
    assert run.claim_for_work()
    trial = begin_trial(run)
    train(trial, [0.5] * 5)
    assert (run.hyperparameters, trial.is_pruned) == (chosen, False)


def test_what_matters_weighs_more_than_what_does_not(project: Project) -> None:
    search = start(project)
    for _ in range(12):
        run, _ = begin(search)
        end(run, min(1.0, run.hyperparameters["rotation"] / 10))
    weigh_parameters(search)
    search.refresh_from_db()
    assert search.importance["rotation"] > 0.7
    assert sum(search.importance.values()) == pytest.approx(1)


def test_trials_that_are_all_alike_say_nothing_about_what_matters(project: Project) -> None:
    search = start(project)
    for _ in range(5):
        run, _ = begin(search)
        end(run, 0.0)
    weigh_parameters(search)
    search.refresh_from_db()
    assert search.importance == {}


def test_workers_that_ask_at_the_same_moment_get_different_trials(project: Project) -> None:
    search = start(project)
    runs = []
    for _ in range(4):
        run = Run.objects.select_related("search", "project").get(search=search, state=JobState.QUEUED)
        assert run.claim_for_work()
        advance(search.pk, here=True)
        runs.append(run)
    at_once(runs, begin_trial)
    trials = study_of(search).trials
    assert sorted(trial.number for trial in trials) == [0, 1, 2, 3]
    assert len({trial.params["learning_rate"] for trial in trials}) == 4


def test_a_result_that_another_worker_tells_at_the_same_moment_is_told_once(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = start(project)
    ended, _ = begin(search)
    end(ended, 0.75)
    others = [weigh_parameters]

    def overtaken(*_: Any) -> None:
        if others:
            others.pop()(search)

    # Optuna asks the sampler between its look at the trial and its writing.
    monkeypatch.setattr(optuna.samplers.TPESampler, "after_trial", overtaken)
    begin(search)
    assert others == []
    assert [trial.state.name for trial in study_of(search).trials] == ["COMPLETE", "RUNNING"]


def test_a_deleted_search_leaves_no_study(project: Project) -> None:
    search = start(project)
    begin(search)
    forget_study(search.pk)
    forget_study(search.pk)
    assert open_storage().get_all_studies() == []


def test_optunas_tables_lie_apart_from_djangos() -> None:
    open_storage()
    with connection.cursor() as cursor:
        ours = set(connection.introspection.table_names(cursor))
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'optuna'")
            theirs = {name for (name,) in cursor.fetchall()}
            assert not ours & theirs
        else:
            theirs = {
                name
                for name in ours
                if not name.startswith(("accounts_", "django_", "labeling_", "training_"))
            }
    assert {"studies", "trials", "trial_params"} <= theirs


def test_workers_that_make_the_tables_at_the_same_moment_do_not_fail() -> None:
    drop_tables()
    at_once([timezone.now()] * 4, lambda _: open_storage())
    assert open_storage().get_all_studies() == []


def drop_tables() -> None:
    from optuna.storages._rdb.models import BaseModel

    storage = open_storage()
    BaseModel.metadata.drop_all(storage.engine)
