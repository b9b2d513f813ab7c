"""Deleting a search with its trials and all that came of them."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Image, Project, Role
from labeling.services.suggestions import ImageReading, write_suggestions
from tests.factories import add_images, make_member, make_project, texts
from tests.training.views.rows import add_model, add_prediction, add_run
from training.leftovers import run_storage
from training.models import Model, ModelState, Prediction, Run, Search
from training.services.deleting_searches import delete_search, search_contents
from training.services.runs import create_run
from training.services.search_storage import open_storage
from training.services.search_study import begin_trial, forget_study
from training.services.searches import create_search, train_best

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(40))
    return project


def ended_search(project: Project, trials: int = 2) -> Search:
    """A search that is done, whose trials have models of 11 + 10 bytes that have read and suggested."""
    search = create_search(project=project, user=project.created_by, architecture="tiny_vgg", trials=trials)
    search.trials.all().delete()
    for number in range(1, trials + 1):
        run = add_run(project, search=search, trial=number, trial_value=number / 10)
        add_prediction(add_model(run))
        default_storage.save(f"{run_storage(run)}/checkpoints/last.npz", ContentFile(b"abc"))
        (image,) = add_images(project, ["123"], labelled=False, seed=500 * run.number)
        write_suggestions(
            project=project, model_number=run.number, rows=[ImageReading(image.pk, "123", 0.9, [])]
        )
    Search.objects.filter(pk=search.pk).update(state=JobState.DONE)
    search.refresh_from_db()
    return search


def test_the_preview_counts_what_goes(project: Project) -> None:
    add_prediction(add_model(add_run(project)))
    contents = search_contents(ended_search(project))
    assert (contents.trials, contents.under_way, contents.epochs, contents.models) == (2, 0, 6, 2)
    assert (contents.readings, contents.suggestions, contents.doubts) == (2, 2, 0)
    assert not contents.is_production


def test_the_preview_asks_the_same_number_of_queries_for_2_and_for_9_trials(
    project: Project, django_assert_num_queries: Any
) -> None:
    for trials in (2, 9):
        search = ended_search(project, trials)
        with django_assert_num_queries(7):
            search_contents(search)


def test_a_search_goes_with_its_trials_their_files_and_what_their_models_said(
    project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    kept = add_model(add_run(project))
    search = ended_search(project)
    trials = list(search.trials.all())
    files = [name for run in trials for name in (run.model.keras_file.name, run.model.onnx_file.name)]
    files += [reading.file.name for reading in Prediction.objects.all()]
    files += [f"{run_storage(run)}/checkpoints/last.npz" for run in trials]
    assert all(default_storage.exists(name) for name in files)
    images = project.images.count()
    with django_capture_on_commit_callbacks(execute=True):
        delete_search(search=search, user=project.created_by)
    assert not Search.objects.exists()
    assert list(Model.objects.all()) == [kept]
    assert list(project.runs.all()) == [kept.run]
    assert not Prediction.objects.exists()
    assert not Image.objects.filter(suggestion__isnull=False).exists()
    assert not any(default_storage.exists(name) for name in files)
    # What people did stays.
    assert project.images.count() == images
    entry = project.audit_entries.first()
    assert (entry.action, entry.target, entry.user) == ("search_deleted", "Search 1", project.created_by)


@pytest.mark.django_db(transaction=True)
def test_what_optuna_keeps_of_a_deleted_search_goes_as_well(project: Project) -> None:
    search = create_search(project=project, user=project.created_by, architecture="tiny_vgg", trials=2)
    run = search.trials.get()
    assert run.claim_for_work()
    begin_trial(run)
    name = f"search-{search.pk}"
    assert name in [study.study_name for study in open_storage().get_all_studies()]
    Run.objects.filter(pk=run.pk).update(state=JobState.DONE)
    Search.objects.filter(pk=search.pk).update(state=JobState.DONE)
    pk = search.pk
    delete_search(search=search, user=None)
    # What the message asks of a worker.
    forget_study(pk)
    assert name not in [study.study_name for study in open_storage().get_all_studies()]


def test_runs_that_were_trained_with_what_it_found_stay(project: Project) -> None:
    search = ended_search(project)
    run = train_best(search=search, user=project.created_by)
    delete_search(search=search, user=None)
    assert list(project.runs.all()) == [run]


def test_a_search_under_way_is_stopped_first(project: Project) -> None:
    search = create_search(project=project, user=project.created_by, architecture="tiny_vgg")
    with pytest.raises(Refused, match="stop it first"):
        delete_search(search=search, user=None)
    assert project.runs.exists()


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_a_trial_that_is_still_under_way_keeps_its_search(project: Project, state: JobState) -> None:
    search = ended_search(project)
    Run.objects.filter(search=search, trial=2).update(state=state)
    assert search_contents(search).under_way == 1
    with pytest.raises(Refused, match=f"is still {state}"):
        delete_search(search=search, user=None)
    assert search.trials.count() == 2


def test_the_model_that_a_project_reads_with_does_not_go_by_accident(project: Project) -> None:
    search = ended_search(project)
    Model.objects.filter(run__trial=1).update(state=ModelState.PRODUCTION)
    assert search_contents(search).is_production
    with pytest.raises(Refused, match="Promote another model first"):
        delete_search(search=search, user=None)
    assert search.trials.count() == 2
    delete_search(search=search, user=None, even_production=True)
    assert not Search.objects.exists()


def test_the_numbers_of_what_was_deleted_are_never_given_again(project: Project) -> None:
    delete_search(search=ended_search(project, 4), user=None)
    assert create_run(project=project, user=None).number == 5
    assert create_search(project=project, user=None, architecture="tiny_vgg").number == 2


def test_the_page_says_what_goes_and_deletes_it(client: Client, project: Project) -> None:
    client.force_login(project.created_by)
    search = ended_search(project)
    address = reverse("training:delete_search", args=[project.pk, search.number])
    assert address in client.get(search.get_absolute_url()).content.decode()
    page = client.get(address).content.decode()
    assert "2 runs with checkpoints and a history of 6 epochs" in page
    assert "2 models with their files" in page
    response = client.post(address, follow=True)
    assert "Search 1 and all that came of its trials is deleted." in response.content.decode()
    assert not Search.objects.exists()


def test_the_model_in_production_goes_only_where_the_name_is_typed(client: Client, project: Project) -> None:
    client.force_login(project.created_by)
    search = ended_search(project)
    Model.objects.filter(run__trial=1).update(state=ModelState.PRODUCTION)
    address = reverse("training:delete_search", args=[project.pk, search.number])
    assert "Promote another model first" in client.post(address, {"name": "2"}, follow=True).content.decode()
    client.post(address, {"name": "Search 1"})
    assert not Search.objects.exists()


def test_only_owners_see_the_way_to_delete(client: Client, project: Project) -> None:
    client.force_login(make_member(project, Role.REVIEWER))
    search = ended_search(project)
    address = reverse("training:delete_search", args=[project.pk, search.number])
    assert address not in client.get(search.get_absolute_url()).content.decode()
    assert client.post(address).status_code == 403


def test_a_search_is_deleted_over_http(client: Client, project: Project) -> None:
    client.force_login(project.created_by)
    search = ended_search(project)
    address = f"/api/v1/projects/{project.pk}/searches/{search.number}"
    assert client.get(f"{address}/contents").json() == {
        "trials": 2, "under_way": 0, "is_production": False, "epochs": 6,
        "models": 2, "readings": 2, "suggestions": 2, "doubts": 0,
    }  # fmt: skip
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
