"""What pages, API, command and cards say of learning from unlabelled images."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import Project
from tests.factories import add_images, make_project, make_user, texts
from tests.training.management.test_commands import run as command
from tests.training.views.rows import add_model, add_run
from training.model_card import model_card
from training.models import Run
from training.run_news import read_news

pytestmark = pytest.mark.django_db

FIRST: dict[str, Any] = {
    "number": 1, "taken": 1230, "of": 2000, "threshold": 0.83, "estimated_precision": 0.974, "low": 0.91, "high": 0.99,
    "checked": 20, "checked_right": 20, "agreement": None, "missing": "07", "validated_on": 40, "accuracy": 0.9,
    "kept": True, "ending": "", "seconds": 31.5,
}  # fmt: skip
SECOND = FIRST | {"number": 2, "agreement": 0.985, "accuracy": None, "kept": False, "seconds": 4.0}
LAST = SECOND | {"ending": "The readings are the same as in the round before: there is nothing new to learn."}


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(40))
    return project


@pytest.fixture
def unlabelled(project: Project) -> Project:
    add_images(project, texts(40, seed=5), labelled=False, seed=500)
    # With the counts of now.
    return Project.objects.get(pk=project.pk)


def learning(project: Project, *rounds: dict[str, Any], state: JobState = JobState.RUNNING) -> Run:
    return add_run(project, state=state, self_training=True, rounds=list(rounds))


def page(client: Client, name: str, run: Run) -> str:
    return client.get(reverse(f"training:{name}", args=[run.project_id, run.number])).content.decode()


def test_the_form_offers_it_where_there_are_unlabelled_images(client: Client, unlabelled: Project) -> None:
    address = reverse("training:runs", args=[unlabelled.pk])
    assert "about 32 unlabelled images" in client.get(address).content.decode()
    start = reverse("training:new_run", args=[unlabelled.pk])
    client.post(start, {"architecture": "slots", "self_training": "on"})
    client.post(start, {"architecture": "slots"})
    client.post(start, {"architecture": "random_forest", "self_training": "on"})
    assert list(unlabelled.runs.order_by("number").values_list("self_training", flat=True)) == [
        True,
        False,
        False,
    ]


def test_the_estimate_says_what_the_rounds_add(client: Client, unlabelled: Project) -> None:
    address = reverse("training:run_estimate", args=[unlabelled.pk])
    wish = {"architecture": "slots", "max_minutes": "0.5", "self_training": "on"}
    assert "0.50 min at most in all" in client.post(address, wish).content.decode()
    del wish["max_minutes"]
    assert "longer" in client.post(address, wish).content.decode()
    del wish["self_training"]
    assert "rounds" not in client.post(address, wish).content.decode()


def test_the_form_is_silent_where_all_images_are_labelled(client: Client, project: Project) -> None:
    shown = client.get(reverse("training:runs", args=[project.pk])).content.decode()
    assert "unlabelled image" not in shown


def test_a_clone_begins_with_what_its_run_did(client: Client, unlabelled: Project) -> None:
    run = learning(unlabelled)
    form = client.get(reverse("training:runs", args=[unlabelled.pk]), {"clone": run.number}).context["form"]
    assert form["self_training"].value() is True


def test_a_runs_page_shows_its_rounds_with_their_estimated_precision(
    client: Client, project: Project
) -> None:
    run = learning(project, FIRST, SECOND)
    for shown in (page(client, "run", run), page(client, "run_rounds", run)):
        assert "1,230 of 2,000" in shown
        assert "97.4 %" in shown
        assert "91 % to 99 %" in shown
        assert "36 of 40" in shown
        assert "learning" in shown
        assert "98.5 %" in shown


def test_it_says_why_it_ended_and_what_no_reading_shows(client: Client, project: Project) -> None:
    shown = page(client, "run_rounds", learning(project, FIRST, LAST, state=JobState.DONE))
    assert "nothing new to learn" in shown
    assert "07" in shown
    assert "learning" not in shown


def test_a_run_on_labels_alone_says_nothing_of_rounds(client: Client, project: Project) -> None:
    assert "unlabelled images" not in page(client, "run", add_run(project))


def test_whoever_watches_is_told_when_a_round_changes(project: Project) -> None:
    run = learning(project)
    assert read_news(run.pk, 0).rounds is None
    told = []
    for rounds in ([FIRST | {"seconds": 4.0}], [FIRST], [FIRST, SECOND], [FIRST, SECOND]):
        Run.objects.filter(pk=run.pk).update(rounds=rounds)
        told.append(read_news(run.pk, 0).rounds)
    assert len(set(told)) == 3
    assert told[2] == told[3]


def test_a_card_says_what_nobody_has_labelled(client: Client, project: Project) -> None:
    run = learning(project, FIRST, LAST, state=JobState.DONE)
    model = add_model(run)
    card = model_card(model)
    assert "1,230 of 2,000 unlabelled images" in card.to_markdown()
    assert "97.4 % of these readings were right (91.0 % to 99.0 %)" in card.unlabelled
    assert card.to_json()["data"]["unlabelled"] == [FIRST, LAST]
    assert card.unlabelled in client.get(model.get_absolute_url()).content.decode()
    assert "unlabelled" not in model_card(add_model(add_run(project))).to_markdown()


def test_the_api_starts_it_and_tells_its_rounds(client: Client, unlabelled: Project) -> None:
    address = f"/api/v1/projects/{unlabelled.pk}/runs"
    answer = client.post(address, {"self_training": True}, content_type="application/json")
    assert (answer.status_code, answer.json()["self_training"]) == (202, True)
    Run.objects.filter(project=unlabelled).update(rounds=[FIRST])
    assert client.get(f"{address}/{answer.json()['number']}").json()["rounds"] == [FIRST]
    forest = client.post(
        f"{address}/{answer.json()['number']}/clone",
        {"architecture": "random_forest"},
        content_type="application/json",
    )
    assert (forest.status_code, forest.json()["self_training"]) == (202, False)


def test_the_api_refuses_it_where_it_cannot_be(client: Client, project: Project) -> None:
    answer = client.post(
        f"/api/v1/projects/{project.pk}/runs", {"self_training": True}, content_type="application/json"
    )
    assert answer.status_code == 422
    assert "no unlabelled images" in answer.content.decode()


def test_the_command_starts_it(unlabelled: Project) -> None:
    answer = json.loads(command("train", unlabelled.name, "--self-training", "--json"))
    assert answer["rounds"] == []
    command("train", unlabelled.name, "--no-self-training", "--json")
    assert list(unlabelled.runs.order_by("number").values_list("self_training", flat=True)) == [True, False]
