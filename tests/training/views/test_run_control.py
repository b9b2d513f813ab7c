"""What one may do with a run on its page and over HTTP: clone, try again, delete; and its place in line."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import Member, Project, Role
from tests.factories import add_images, make_project, make_user, texts
from tests.training.views.rows import add_model, add_run
from training.models import ModelState, Run
from training.services.runs import create_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(40))
    return project


def runs_page(client: Client, project: Project, query: str = "") -> Any:
    return client.get(reverse("training:runs", args=[project.pk]) + query)


def page_of(client: Client, run: Run) -> str:
    return client.get(run.get_absolute_url()).content.decode()


def api(client: Client, project: Project, path: str, method: str = "post", **wish: Any) -> Any:
    address = f"/api/v1/projects/{project.pk}/runs/{path}"
    return getattr(client, method)(address, wish, content_type="application/json")


def test_a_queued_run_says_its_place_on_its_page_and_in_the_list(client: Client, project: Project) -> None:
    first, second = (create_run(project=project, user=None) for _ in range(2))
    assert "Next in line" in page_of(client, first)
    assert "2nd of 2 in line" in page_of(client, second)
    listed = runs_page(client, project).content.decode()
    assert "Next in line" in listed
    assert "2nd of 2 in line" in listed
    assert api(client, project, "2", "get").json()["place_in_line"] == 2
    assert api(client, project, str(add_run(project).number), "get").json()["place_in_line"] is None


def test_the_form_of_a_clone_begins_with_what_the_run_was_told(client: Client, project: Project) -> None:
    run = create_run(
        project=project,
        user=None,
        architecture="ctc",
        hyperparameters={"batch_size": 16},
        seed=7,
        max_minutes=3,
    )
    assert f"?clone={run.number}#new-run" in page_of(client, run)
    page = runs_page(client, project, f"?clone={run.number}")
    form = page.context["form"]
    told = {name: form[name].value() for name in ("architecture", "seed", "max_minutes", "ctc-batch_size")}
    assert told == {"architecture": "ctc", "seed": 7, "max_minutes": 3, "ctc-batch_size": 16}
    assert form["slots-batch_size"].value() != 16
    assert "New run like run 1" in page.content.decode()


def test_a_clone_of_what_is_not_there_is_no_page(client: Client, project: Project) -> None:
    for wish in ("77", "x", "9" * 30):
        assert runs_page(client, project, f"?clone={wish}").status_code == 404


@pytest.mark.parametrize(("same", "images"), [("1", 40), ("0", 45)])
def test_a_clone_trains_on_the_same_images_or_on_those_of_now(
    client: Client, project: Project, same: str, images: int
) -> None:
    run = add_run(project)
    add_images(project, texts(5, seed=9), seed=900)
    wish = {"architecture": "ctc", "copy_of": run.number, "same_inputs": same, "max_epochs": 4}
    answer = client.post(reverse("training:new_run", args=[project.pk]), wish)
    clone = project.runs.first()
    assert answer.url == clone.get_absolute_url()
    assert (clone.copied_from, clone.dataset.item_count) == (run, images)
    assert (clone.architecture, clone.max_epochs) == ("ctc", 4)
    assert ("on the same images" in page_of(client, clone)) is (same == "1")


def test_a_failed_run_is_tried_again_from_its_page(client: Client, project: Project) -> None:
    run = add_run(project, state=JobState.FAILED, error="The worker's disk is full.")
    assert "Retry" in page_of(client, run)
    answer = client.post(reverse("training:retry_run", args=[project.pk, run.number]))
    again = project.runs.first()
    assert (answer.url, again.copied_from) == (again.get_absolute_url(), run)
    refused = client.post(reverse("training:retry_run", args=[project.pk, again.number]), follow=True)
    assert "only a failed run can be tried again" in refused.content.decode()


def test_deleting_shows_what_goes_and_then_does_it(client: Client, project: Project) -> None:
    run = add_run(project)
    add_model(run)
    address = reverse("training:delete_run", args=[project.pk, run.number])
    assert address in page_of(client, run)
    page = client.get(address).content.decode()
    assert "files of" in page
    assert "3 epochs" in page
    assert project.runs.exists()
    assert "deleted" in client.post(address, follow=True).content.decode()
    assert not project.runs.exists()


def test_a_production_models_run_goes_only_by_its_typed_name(client: Client, project: Project) -> None:
    run = add_run(project)
    add_model(run, ModelState.PRODUCTION)
    address = reverse("training:delete_run", args=[project.pk, run.number])
    assert "is what “digits” reads with" in client.get(address).content.decode()
    refused = client.post(address, {"name": "run"}, follow=True)
    assert "Promote another model first" in refused.content.decode()
    assert project.runs.exists()
    client.post(address, {"name": "Run 1"})
    assert not project.runs.exists()


def test_only_owners_see_the_way_to_delete(client: Client, project: Project) -> None:
    run = add_run(project)
    reviewer = make_user("reviewer")
    Member.objects.create(project=project, user=reviewer, role=Role.REVIEWER)
    client.force_login(reviewer)
    address = reverse("training:delete_run", args=[project.pk, run.number])
    assert address not in page_of(client, run)
    assert client.post(address).status_code == 403


def test_runs_are_controlled_over_http(client: Client, project: Project) -> None:
    run = add_run(project, state=JobState.FAILED)
    assert api(client, project, "1/retry").json()["copy_of"] == 1
    clone = api(client, project, "1/clone", seed=5, max_epochs=2)
    assert (clone.status_code, clone.json()["number"]) == (202, 3)
    row = project.runs.first()
    assert (row.seed, row.max_epochs, row.architecture, row.dataset) == (5, 2, run.architecture, run.dataset)
    assert api(client, project, "1/resume").json()["state"] == "queued"
    assert api(client, project, "1", "delete").status_code == 422
    assert api(client, project, "1/stop").json()["state"] == "stopped"
    contents = api(client, project, "1/contents", "get").json()
    assert (contents["model"], contents["epochs"]) == (False, 3)
    assert api(client, project, "1", "delete").status_code == 204
    assert not project.runs.filter(number=1).exists()


def test_over_http_a_production_models_run_needs_a_word_more(client: Client, project: Project) -> None:
    add_model(add_run(project), ModelState.PRODUCTION)
    assert "Promote another model first" in api(client, project, "1", "delete").json()["detail"]
    assert api(client, project, "1?even_production=true", "delete").status_code == 204


def test_the_page_says_what_made_a_run(client: Client, project: Project) -> None:
    machine = {
        "host": "gpu-1",
        "python": "3.11.7",
        "system": "Linux x86_64",
        "processor": "Some CPU",
        "cores": 8,
        "backend": "jax",
    }
    before = machine | {"devices": [], "after_epochs": 0}
    after = machine | {"host": "gpu-2", "devices": ["NVIDIA H200"], "after_epochs": 12}
    run = add_run(project, machines=[before, after], code_version="v1-3", packages={"keras": "3.15.1"})
    page = page_of(client, run)
    for words in (
        "How it was made",
        "gpu-1",
        "Some CPU, 8 cores",
        "Python 3.11.7, Keras on jax",
        "From epoch 13 on:",
        "NVIDIA H200",
        "v1-3",
        "keras 3.15.1",
        run.dataset.hash[:12],
    ):
        assert words in page
