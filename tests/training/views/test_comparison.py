"""The page that compares runs."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import Image, Project, Role, Split
from tests.factories import add_images, make_member, make_project, make_user, pin, texts
from tests.training.views.rows import add_model, add_run, keep_readings
from training.models import DatasetItem, ModelReadings, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner, "My digits")
    pin(add_images(project, texts(40))[:15], Split.TEST)
    return project


def read_run(project: Project, wrong: int = 0, **changes: Any) -> Run:
    """A run whose model reads so many of its test images wrong."""
    run = add_run(project, **changes)
    items = DatasetItem.objects.filter(dataset=run.dataset, split=Split.TEST).order_by("image")
    read = dict(items.values_list("image", "text"))
    keep_readings(add_model(run), read | dict.fromkeys(list(read)[:wrong], "000"), 0.913)
    return run


def address(project: Project, runs: list[Run], name: str = "compare_runs", **more: Any) -> str:
    query = "&".join(
        [f"run={run.number}" for run in runs] + [f"{key}={value}" for key, value in more.items()]
    )
    return f"{reverse(f'training:{name}', args=[project.pk])}?{query}"


def page_of(client: Client, project: Project, runs: list[Run], **more: Any) -> str:
    return client.get(address(project, runs, **more)).content.decode()


def test_the_page_says_who_reads_more_and_shows_the_images_that_made_the_difference(
    client: Client, project: Project
) -> None:
    worse, better = read_run(project, wrong=6, seed=1), read_run(project, seed=2)
    page = page_of(client, project, [worse, better])
    assert "Run 2 reads 6 images right that run 1 does not, the other way round 0" in page
    assert "3.1 % of cases: run 2 is better." in page
    assert page.count('class="panel compare-image"') == 6
    assert "91.3 % sure" in page
    assert page.count(">000<") == 6
    assert "<td>Seed</td>" not in page
    assert '<th scope="row">Seed</th>' in page


def test_two_alike_cannot_be_told_apart(client: Client, project: Project) -> None:
    runs = [read_run(project), read_run(project)]
    page = page_of(client, project, runs)
    assert "they cannot be told apart" in page
    assert "read all of the shared images alike" in page


def test_the_one_that_others_are_held_against_can_be_chosen(client: Client, project: Project) -> None:
    runs = [read_run(project, wrong=wrong) for wrong in (6, 3, 0)]
    context = client.get(address(project, runs, base=3, **{"with": 2})).context
    assert (context["base"].run, context["other"].run) == (runs[2], runs[1])
    assert [outcome.run for outcome, _ in context["verdicts"]] == runs[:2]
    assert context["found"] == 3


def test_images_come_in_pages_that_keep_the_choice(client: Client, project: Project) -> None:
    pin(add_images(project, texts(40, seed=9), seed=2000), Split.TEST)
    runs = [read_run(project, wrong=40), read_run(project)]
    first = client.get(address(project, runs, only="second"))
    assert len(first.context["disagreements"]) == 24
    assert first.context["page"]["next"] == "?run=1&run=2&base=1&with=2&only=second&page=2#images"
    second = client.get(address(project, runs, only="second", page=2))
    assert second.context["page"]["previous"].endswith("page=1#images")
    assert len(second.context["disagreements"]) == min(24, 40 - 24)
    assert "None of this kind" in page_of(client, project, runs, only="first")


def test_a_deleted_image_is_not_shown_any_more(client: Client, project: Project) -> None:
    runs = [read_run(project, wrong=2), read_run(project)]
    items = DatasetItem.objects.filter(dataset=runs[0].dataset, split=Split.TEST).order_by("image")
    Image.objects.filter(pk=items[0].image_id).delete()
    assert page_of(client, project, runs).count('class="panel compare-image"') == 1


def test_the_page_asks_the_same_number_of_queries_for_2_and_for_4_runs_on_one_dataset(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    runs = [read_run(project, wrong=wrong) for wrong in range(4)]
    for count in (2, 4):
        # One for each model's readings, which are large.
        with django_assert_num_queries(8 + count):
            page_of(client, project, runs[:count])


def test_fewer_than_two_runs_lead_back_to_the_table(client: Client, project: Project) -> None:
    run = read_run(project)
    assert "Choose at least two runs" in page_of(client, project, [run])
    assert "Choose at least two runs" in page_of(client, project, [])
    strange = reverse("training:compare_runs", args=[project.pk]) + "?run=x&run=-1&run=99999999999999999999"
    assert "Choose at least two runs" in client.get(strange).content.decode()


def test_runs_without_a_model_have_curves_and_differences_only(client: Client, project: Project) -> None:
    runs = [read_run(project), add_run(project, state=JobState.RUNNING)]
    page = page_of(client, project, runs)
    assert "Run 2: no model (yet)." in page
    assert "Fewer than two of these runs have a model" in page


def test_an_older_models_images_are_read_by_a_worker_whose_progress_is_shown(
    client: Client, project: Project
) -> None:
    runs = [read_run(project), add_model(add_run(project)).run]
    assert "Read them now" in page_of(client, project, runs)
    numbers = [run.number for run in runs]
    answer = client.post(reverse("training:read_for_comparison", args=[project.pk]), {"run": numbers})
    assert answer.url == address(project, runs)
    row = ModelReadings.objects.get(model=runs[1].model)
    assert row.state == JobState.QUEUED
    part = client.get(address(project, runs, "comparison_progress"))
    assert "Model 2 reads its test images" in part.content.decode()
    assert "HX-Refresh" not in part
    ModelReadings.objects.filter(pk=row.pk).update(state=JobState.DONE)
    assert client.get(address(project, runs, "comparison_progress"))["HX-Refresh"] == "true"


def test_viewers_compare_but_have_nothing_read(client: Client, project: Project) -> None:
    runs = [read_run(project), add_model(add_run(project)).run]
    client.force_login(make_member(project, Role.VIEWER))
    page = page_of(client, project, runs)
    assert "Read them now" not in page
    assert "Annotators, reviewers and owners can have them read" in page


def test_the_curves_are_a_table_of_every_epoch_in_full_precision(client: Client, project: Project) -> None:
    runs = [add_run(project, epochs=2), add_run(project, epochs=3)]
    saved = address(project, runs, "run_curves_csv")
    assert page_of(client, project, runs).count(saved.replace("&", "&amp;")) == 2
    response = client.get(saved)
    assert response["Content-Disposition"] == 'attachment; filename="runs-1-2.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [(row["run"], row["epoch"]) for row in rows] == [
        ("1", "1"), ("1", "2"), ("2", "1"), ("2", "2"), ("2", "3"),
    ]  # fmt: skip
    assert float(rows[-1]["validation_loss"]) == 1.1 / 3


def test_curves_of_another_projects_runs_stay_out_of_reach(client: Client, project: Project) -> None:
    stranger = make_user("stranger")
    own = make_project(stranger, "own")
    run = add_run(project)
    client.force_login(stranger)
    assert client.get(address(project, [run], "run_curves")).status_code == 404
    assert client.get(address(project, [run], "run_curves_csv")).status_code == 404
    assert client.get(address(own, [run], "run_curves")).json() == {"epochs": [], "runs": {}}


def test_nothing_on_the_page_is_styled_inline(client: Client, project: Project) -> None:
    runs = [read_run(project, wrong=2), read_run(project)]
    assert "style=" not in page_of(client, project, runs)
    assert "style=" not in client.get(reverse("training:runs", args=[project.pk])).content.decode()
