"""The Train page and the page of a run."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import Member, Project, Role
from tests.factories import add_images, make_project, make_user, texts
from tests.training.views.rows import add_model, add_run
from training.models import Model, ModelState, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(40))
    return project


def start(client: Client, project: Project, **wish: Any) -> Any:
    return client.post(reverse("training:new_run", args=[project.pk]), {"architecture": "slots", **wish})


def page_of(client: Client, run: Run) -> str:
    return client.get(run.get_absolute_url()).content.decode()


def test_a_run_starts_with_what_the_form_says_and_leads_to_its_page(client: Client, project: Project) -> None:
    answer = start(client, project, max_minutes="2.5", max_epochs="7", seed="3", **{"slots-batch_size": "16"})
    run = project.runs.get()
    assert answer.url == run.get_absolute_url()
    assert (run.state, run.architecture, run.seed) == (JobState.QUEUED, "slots", 3)
    assert (run.max_minutes, run.max_epochs) == (2.5, 7)
    assert run.hyperparameters == {"batch_size": 16}


def test_hyper_parameters_at_their_defaults_are_not_written_down(client: Client, project: Project) -> None:
    form = client.get(reverse("training:runs", args=[project.pk])).context["form"]
    defaults = {name: form[name].value() for name in form.fields if name.startswith("slots-")}
    start(client, project, **defaults)
    assert project.runs.get().hyperparameters == {}


def test_beginning_with_the_starter_is_chosen_beside_the_architecture(
    client: Client, project: Project
) -> None:
    page = client.get(reverse("training:runs", args=[project.pk])).content.decode()
    details = page.index("Seed, hyper-parameters and augmentation")
    assert 0 < page.index('name="slots-starter"') < details
    assert page.count('name="slots-starter"') == 1
    assert 'name="tiny_vgg-starter"' not in page
    start(client, project, **{"slots-starter": "0"})
    assert project.runs.get().hyperparameters == {"starter": 0}


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"max_minutes": "0"}, "greater than or equal to 0.1"),
        ({"max_epochs": "-1"}, "greater than or equal to 1"),
        ({"architecture": "huge"}, "not one of the available choices"),
        ({"slots-learning_rate": "5"}, "less than or equal to 1"),
    ],
)
def test_a_wish_that_cannot_be_granted_starts_nothing_and_says_why(
    client: Client, project: Project, wish: dict[str, str], sentence: str
) -> None:
    answer = start(client, project, **wish)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not project.runs.exists()


def test_too_few_labels_are_said_before_and_after_pressing_start(client: Client) -> None:
    owner = make_user("few")
    client.force_login(owner)
    project = make_project(owner, "few")
    add_images(project, texts(4))
    page = client.get(reverse("training:runs", args=[project.pk])).content.decode()
    assert "4 labelled images so far" in page
    answer = start(client, project)
    assert (answer.status_code, project.runs.exists()) == (422, False)
    assert "training needs at least 10" in answer.content.decode()


def test_an_architecture_that_cannot_read_the_project_says_why(client: Client) -> None:
    owner = make_user("range")
    client.force_login(owner)
    project = make_project(owner, "range", min_length=2, max_length=4)
    add_images(project, texts(12))
    page = client.get(reverse("training:runs", args=[project.pk]))
    refused = {one.architecture.name: one.refusal for one in page.context["architectures"]}
    assert "needs a fixed length" in refused["tiny_vgg"]
    assert refused["slots"] == ""
    assert "needs a fixed length" in start(client, project, architecture="tiny_vgg").content.decode()


def test_the_list_shows_the_best_validation_accuracy_with_its_interval(
    client: Client, project: Project
) -> None:
    run = add_run(project)
    row = client.get(reverse("training:runs", args=[project.pk])).context["table"].rows[0]
    assert (row.run, row.best) == (run, 0.75)
    assert row.interval.low < 0.75 < row.interval.high


def test_runs_can_be_filtered_where_there_is_more_than_one(client: Client, project: Project) -> None:
    address = reverse("training:runs", args=[project.pk])
    add_run(project)
    assert "Filter runs" not in client.get(address).content.decode()
    # Whoever has filtered everything away needs the way back.
    assert "Filter runs" in client.get(address, {"state": "failed"}).content.decode()
    add_run(project)
    assert "Filter runs" in client.get(address).content.decode()


def test_the_list_asks_the_same_number_of_queries_for_2_and_for_12_runs(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    address = reverse("training:runs", args=[project.pk])
    for count in (2, 10):
        for _ in range(count):
            add_model(add_run(project))
        with django_assert_num_queries(11):
            client.get(address)


def test_a_finished_run_shows_its_model_with_n_and_intervals(client: Client, project: Project) -> None:
    run = add_run(project)
    model = add_model(run)
    page = page_of(client, run)
    assert "96.0 %" in page
    assert "90.2 % to 98.4 %, n = 100" in page
    assert reverse("training:promote_model", args=[project.pk, model.pk]) in page
    assert "Read images with it" not in page


def test_the_production_model_leads_to_reading(client: Client, project: Project) -> None:
    run = add_run(project)
    add_model(run, ModelState.PRODUCTION)
    page = page_of(client, run)
    assert "Read images with it" in page
    assert "Promote" not in page


def test_a_failed_run_shows_its_sentence_and_can_be_resumed(client: Client, project: Project) -> None:
    run = add_run(project, state=JobState.FAILED, error="The loss is not a number. Lower the learning rate.")
    assert "Lower the learning rate." in page_of(client, run)
    client.post(reverse("training:resume_run", args=[project.pk, run.number]))
    run.refresh_from_db()
    assert run.state == JobState.QUEUED


def test_a_run_under_way_can_be_stopped(client: Client, project: Project) -> None:
    run = add_run(project, state=JobState.RUNNING)
    assert "Stop" in page_of(client, run)
    client.post(reverse("training:stop_run", args=[project.pk, run.number]))
    run.refresh_from_db()
    assert run.stop_requested
    assert "Stopping" in page_of(client, run)


def test_resuming_a_finished_run_is_refused_with_a_sentence(client: Client, project: Project) -> None:
    run = add_run(project)
    answer = client.post(reverse("training:resume_run", args=[project.pk, run.number]), follow=True)
    assert "only a stopped or failed run can be resumed" in answer.content.decode()


def test_the_summary_is_the_part_that_changes_when_a_run_ends(client: Client, project: Project) -> None:
    run = add_run(project)
    add_model(run)
    page = client.get(reverse("training:run_summary", args=[project.pk, run.number])).content.decode()
    assert "Model 1" in page
    assert "<html" not in page


def test_viewers_watch_but_do_not_start_stop_or_resume(client: Client, project: Project) -> None:
    run = add_run(project, state=JobState.RUNNING)
    viewer = make_user("viewer")
    Member.objects.create(project=project, user=viewer, role=Role.VIEWER)
    client.force_login(viewer)
    assert "Stop" not in page_of(client, run)
    assert start(client, project).status_code == 403
    assert client.post(reverse("training:stop_run", args=[project.pk, run.number])).status_code == 403
    assert client.post(reverse("training:resume_run", args=[project.pk, run.number])).status_code == 403


def test_a_forest_has_no_budget_and_no_curves_on_its_page(client: Client, project: Project) -> None:
    run = add_run(project, epochs=1, architecture="random_forest")
    model = add_model(run)
    page = page_of(client, run)
    assert 'id="chart-accuracy"' not in page
    assert "Budget" not in page
    assert "nodes of its trees" in page
    assert "nodes of its trees" in client.get(model.get_absolute_url()).content.decode()


def test_a_model_without_a_keras_file_offers_none(client: Client, project: Project) -> None:
    run = add_run(project, architecture="random_forest")
    model = add_model(run)
    Model.objects.filter(pk=model.pk).update(keras_file="")
    for address in (
        run.get_absolute_url(),
        model.get_absolute_url(),
        reverse("training:models", args=[project.pk]),
    ):
        page = client.get(address).content.decode()
        assert "ONNX" in page
        assert reverse("training:download_model", args=[project.pk, model.pk, "keras"]) not in page


def test_an_ensemble_says_that_its_curves_are_of_single_positions(client: Client, project: Project) -> None:
    run = add_run(project, architecture="position_ensemble")
    assert "Accuracy of the single positions" in page_of(client, run)
    assert "Whole-string accuracy</h2>" in page_of(client, add_run(project))


def test_the_list_shows_of_an_ensemble_how_many_whole_texts_its_model_reads(
    client: Client, project: Project
) -> None:
    run = add_run(project, architecture="position_ensemble")
    address = reverse("training:runs", args=[project.pk])
    assert client.get(address).context["table"].rows[0].best is None
    add_model(run)
    assert client.get(address).context["table"].rows[0].best == 0.96
