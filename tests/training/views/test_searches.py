"""The searches of a project, and the page of one."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from labeling.jobs import JobState
from labeling.models import Project
from tests.factories import add_images, make_project, make_user, texts
from training.models import Run, Search
from training.search_plots import Axis, parallel_plot
from training.services.searches import create_search

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(40))
    return project


def add_search(project: Project, **wish: Any) -> Search:
    usual = {"architecture": "tiny_vgg", "space": {"learning_rate": (0.0001, 0.1), "rotation": (0, 10)}}
    return create_search(project=project, user=project.created_by, **usual | wish)


def add_trials(search: Search, count: int) -> None:
    """Trials that have ended, each better than the one before, and every third ended early."""
    search.trials.all().delete()
    now = timezone.now()
    for number in range(1, count + 1):
        pruned = number % 3 == 0
        Run.objects.create(
            project=search.project,
            number=number,
            dataset=search.dataset,
            preparation=search.preparation,
            architecture=search.architecture,
            hyperparameters={"learning_rate": 0.001 * number, "rotation": number % 10},
            search=search,
            trial=number,
            trial_value=None if pruned else number / (count + 1),
            is_pruned=pruned,
            state=JobState.STOPPED if pruned else JobState.DONE,
            started_at=now,
            finished_at=now,
        )


def test_a_search_starts_with_what_the_form_says_and_leads_to_its_page(
    client: Client, project: Project
) -> None:
    wish = {
        "architecture": "tiny_vgg",
        "trials": "12",
        "max_minutes": "0.5",
        "budget_minutes": "5",
        "pruner": "hyperband",
        "seed": "3",
        "tiny_vgg-learning_rate-on": "on",
        "tiny_vgg-learning_rate-low": "0.001",
        "tiny_vgg-learning_rate-high": "0.05",
        "tiny_vgg-rotation-on": "on",
        "tiny_vgg-scale-low": "0.1",
    }
    answer = client.post(reverse("training:new_search", args=[project.pk]), wish)
    search = Search.objects.get()
    assert answer.url == search.get_absolute_url()
    assert set(search.space) == {"learning_rate", "rotation"}
    assert search.space["learning_rate"] == {"low": 0.001, "high": 0.05, "log": True}
    assert (search.trials_planned, search.max_minutes, search.budget_minutes) == (12, 0.5, 5)
    assert (search.pruner, search.seed) == ("hyperband", 3)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({}, "choose at least one hyper-parameter"),
        ({"trials": "1"}, "greater than or equal to 2"),
        ({"max_minutes": "soon"}, "Enter a number"),
        ({"pruner": "guess"}, "not one of the available choices"),
        ({"tiny_vgg-scale-on": "on", "tiny_vgg-scale-low": "7"}, "less than or equal to 0.5"),
        (
            {"tiny_vgg-scale-on": "on", "tiny_vgg-scale-low": "0.3", "tiny_vgg-scale-high": "0.2"},
            "leaves nothing to search",
        ),
    ],
)
def test_a_wish_that_cannot_be_granted_starts_nothing_and_says_why(
    client: Client, project: Project, wish: dict[str, str], sentence: str
) -> None:
    usual = {"architecture": "tiny_vgg", "trials": "5", "max_minutes": "1", "pruner": "median"}
    answer = client.post(reverse("training:new_search", args=[project.pk]), usual | wish)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Search.objects.exists()


def test_the_form_offers_sensible_ranges_for_every_architecture(client: Client, project: Project) -> None:
    page = client.get(reverse("training:searches", args=[project.pk]))
    [slots] = [one for one in page.context["architectures"] if one.architecture.name == "slots"]
    searched = [row.field.name for row in slots.rows if row.is_searched.value()]
    assert [one.architecture.name for one in page.context["architectures"] if one.is_chosen] == ["ctc"]
    assert {"learning_rate", "dropout"} <= set(searched)
    assert [row.field.name for row in slots.rows][: len(searched)] == searched


def test_the_page_shows_trials_the_best_of_them_and_what_mattered(client: Client, project: Project) -> None:
    search = add_search(project)
    add_trials(search, 8)
    Search.objects.filter(pk=search.pk).update(importance={"rotation": 0.75, "learning_rate": 0.25})
    page = client.get(search.get_absolute_url())
    text = page.content.decode()
    assert "8 of 20 trials ended, 2 of them early" in text
    assert page.context["details"].best.run.trial == 8
    assert "88.9 %" in text
    assert text.index("Rotation</span>") < text.index("75 %")
    assert text.count('class="parallel-line') == 6
    assert "Trial 8: 88.9 % with learning rate 0.008, rotation 8" in text
    assert reverse("training:train_best", args=[project.pk, 1]) in text


def test_the_page_asks_the_same_number_of_queries_for_2_and_for_40_trials(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    search = add_search(project, trials=50)
    for count in (2, 40):
        add_trials(search, count)
        with django_assert_num_queries(6):
            client.get(reverse("training:search_progress", args=[project.pk, search.number]))


def test_the_page_asks_again_while_the_search_goes_on_and_is_left_alone_where_nothing_is_new(
    client: Client, project: Project
) -> None:
    search = add_search(project)
    add_trials(search, 4)
    page = client.get(search.get_absolute_url())
    address = reverse("training:search_progress", args=[project.pk, search.number])
    version = page.context["details"].version
    assert f'hx-get="{address}?version={version}"' in page.content.decode()
    assert client.get(address, {"version": version}).status_code == 204
    search.trials.filter(trial=1).update(trial_value=0.99)
    assert client.get(address, {"version": version}).status_code == 200
    Search.objects.update(state=JobState.DONE)
    assert "hx-get" not in client.get(address, {"version": version}).content.decode()


def test_a_search_is_stopped_and_its_best_trained_anew_by_a_button(client: Client, project: Project) -> None:
    search = add_search(project)
    client.post(reverse("training:stop_search", args=[project.pk, search.number]))
    search.refresh_from_db()
    assert search.state == JobState.STOPPED
    address = reverse("training:train_best", args=[project.pk, search.number])
    answer = client.post(address, follow=True)
    assert "has no finished trial yet" in answer.content.decode()
    add_trials(search, 2)
    answer = client.post(address, {"max_minutes": "30"})
    run = Run.objects.get(search=None)
    assert answer.url == run.get_absolute_url()
    assert (run.hyperparameters, run.max_minutes) == ({"learning_rate": 0.002, "rotation": 2}, 30)
    assert "No run was started" in client.post(address, {"max_minutes": "-1"}, follow=True).content.decode()


def test_the_page_of_a_trial_leads_back_to_its_search(client: Client, project: Project) -> None:
    search = add_search(project)
    page = client.get(search.trials.get().get_absolute_url()).content.decode()
    assert f'trial 1 of <a href="{search.get_absolute_url()}">search 1</a>' in page


def test_a_search_is_started_watched_and_stopped_over_http(client: Client, project: Project) -> None:
    address = f"/api/v1/projects/{project.pk}/searches"
    wish = {
        "architecture": "tiny_vgg",
        "space": {"rotation": [0, 10]},
        "trials": 3,
        "hyperparameters": {"shift": 0.1},
    }
    answer = client.post(address, wish, content_type="application/json")
    assert answer.status_code == 202
    started = answer.json()
    assert (started["number"], started["state"], len(started["trials"])) == (1, "running", 1)
    search = Search.objects.get()
    assert search.fixed == {"shift": 0.1}
    add_trials(search, 3)
    shown = client.get(f"{address}/1").json()
    assert shown["best_run"] == 2
    assert [trial["pruned"] for trial in shown["trials"]] == [False, False, True]
    run = client.post(f"{address}/1/best", {"max_minutes": 2}, content_type="application/json").json()["run"]
    assert Run.objects.get(number=run).max_minutes == 2
    assert client.post(f"{address}/1/stop").json()["state"] == "stopped"
    refused = client.post(address, {"trials": 0}, content_type="application/json")
    assert (refused.status_code, "0 trials do not work" in refused.json()["detail"]) == (422, True)


def test_the_command_queues_a_search_and_answers_in_json(project: Project) -> None:
    out = io.StringIO()
    words = [
        "--architecture",
        "tiny_vgg",
        "--range",
        "rotation=0:10",
        "--set",
        "shift=0.1",
        "--trials",
        "4",
        "--json",
    ]
    call_command("search", "digits", *words, stdout=out)
    told = json.loads(out.getvalue())
    assert (told["search"], told["state"], told["best"]) == (1, "running", None)
    assert [trial["state"] for trial in told["trials"]] == ["queued"]
    assert Search.objects.get().space == {"rotation": {"low": 0, "high": 10, "log": False}}


@pytest.mark.parametrize("text", ["rotation", "rotation=3", "rotation=a:b", "spin=0:1", "rotation=5:5"])
def test_a_range_on_the_command_line_that_does_not_work_says_so(project: Project, text: str) -> None:
    with pytest.raises(CommandError):
        call_command("search", "digits", "--architecture", "tiny_vgg", "--range", text)
    assert not Search.objects.exists()


def test_parallel_coordinates_put_values_by_factors_where_they_are_searched_so() -> None:
    plot = parallel_plot(
        [Axis("Learning rate", 0.001, 0.1, log=True)],
        [("1", "/1", [0.01], 0.2), ("2", "/2", [0.001], 0.8)],
    )
    assert plot is not None
    (worse, better) = plot.lines
    middle = (plot.top + plot.bottom) / 2
    assert worse.points.split()[0].endswith(f",{middle:.1f}")
    assert better.points.split()[0].endswith(f",{plot.bottom:.1f}")
    assert (worse.shade, better.shade) == (0, 2)


def test_one_trial_makes_no_plot() -> None:
    assert parallel_plot([Axis("Scale", 0, 1)], [("1", "/1", [0.5], 0.5)]) is None
