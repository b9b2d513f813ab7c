"""Comparing runs, and models, over HTTP."""

from typing import Any

import pytest
from django.test import Client

from labeling.models import Project, Split
from tests.factories import add_images, make_project, make_user, pin, texts
from tests.training.views.rows import add_model, add_run, keep_readings
from training.models import DatasetItem, Model, ModelReadings
from webapp.accounts.tokens import create_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project(make_user(), "My digits")
    pin(add_images(project, texts(40))[:12], Split.TEST)
    return project


@pytest.fixture
def ask(client: Client, project: Project) -> Any:
    headers = {"Authorization": f"Bearer {create_token(user=project.created_by, name='tests')[1]}"}

    def asked(method: str, path: str, data: Any = None) -> Any:
        address = f"/api/v1/projects/{project.pk}/{path}"
        send = getattr(client, method)
        return (
            send(address, data, content_type="application/json", headers=headers)
            if data is not None
            else send(address, headers=headers)
        )

    return asked


def read_model(project: Project, wrong: int = 0) -> Model:
    model = add_model(add_run(project))
    items = DatasetItem.objects.filter(dataset=model.run.dataset, split=Split.TEST).order_by("image")
    read = dict(items.values_list("image", "text"))
    keep_readings(model, read | dict.fromkeys(list(read)[:wrong], "000"))
    return model


def test_runs_are_listed_filtered_and_sorted(project: Project, ask: Any) -> None:
    for seed in (1, 2, 3):
        add_run(project, seed=seed)
    answer = ask("get", "runs?where=seed&is=max&value=2&sort=seed").json()
    assert (answer["count"], answer["next"]) == (2, None)
    assert [run["number"] for run in answer["items"]] == [1, 2]
    assert answer["items"][0]["best"] == 0.75


def test_runs_are_compared_with_the_chance_and_in_words(project: Project, ask: Any) -> None:
    read_model(project, wrong=6)
    read_model(project)
    answer = ask("get", "compare?run=1&run=2").json()
    first, second = answer["runs"]
    assert (first["run"], first["right"], first["p_value"]) == (1, first["n"] - 6, None)
    assert (second["only_this"], second["only_first"], second["p_value"]) == (6, 0, 0.03125)
    assert "run 2 is better" in second["verdict"]
    assert answer["unread"] == []


def test_one_run_alone_is_nothing_to_compare(project: Project, ask: Any) -> None:
    add_run(project)
    answer = ask("get", "compare?run=1")
    assert answer.status_code == 422
    assert "at least two runs" in answer.json()["detail"]


def test_what_is_not_read_yet_is_asked_for(project: Project, ask: Any) -> None:
    read_model(project)
    old = add_model(add_run(project))
    assert ask("post", "compare?run=1&run=2").json()["unread"] == [2]
    assert ModelReadings.objects.get(model=old).state == "queued"


def test_models_are_promoted_rolled_back_and_archived(project: Project, ask: Any) -> None:
    first, second = read_model(project), read_model(project)
    for model in (first, second):
        assert ask("post", f"models/{model.pk}/promote", {"why": "new fonts"}).json()["state"] == "production"
    assert ask("post", "roll-back", {}).json()["id"] == first.pk
    assert ask("post", f"models/{second.pk}/archive").json()["state"] == "archived"
    refused = ask("post", f"models/{second.pk}/promote", {})
    assert refused.status_code == 422
    assert "Take it out of the archive first" in refused.json()["detail"]
    assert ask("post", f"models/{second.pk}/unarchive").json()["state"] == "candidate"
    history = ask("get", "promotions").json()["items"]
    assert [(row["kind"], row["model"], row["why"]) for row in history] == [
        ("rolled_back", first.pk, ""),
        ("by_hand", second.pk, "new fonts"),
        ("by_hand", first.pk, "new fonts"),
    ]
    assert [model["state"] for model in ask("get", "models").json()["items"]] == ["candidate", "production"]


def test_a_card_and_a_file_are_there_for_tools(project: Project, ask: Any) -> None:
    model = read_model(project)
    assert ask("get", f"models/{model.pk}").json()["data"]["hash"] == model.run.dataset.hash
    answer = ask("get", f"models/{model.pk}/files/onnx")
    assert b"".join(answer.streaming_content) == b"onnx bytes"
    assert ask("get", f"models/{model.pk}/files/pickle").status_code == 404


def test_the_rule_is_read_and_changed(ask: Any) -> None:
    assert ask("get", "promotion-rule").json() == {"rule": "as_good"}
    assert ask("post", "promotion-rule", {"rule": "by_hand"}).json() == {"rule": "by_hand"}
    assert ask("post", "promotion-rule", {"rule": "never"}).status_code == 422
