"""Trainings without labels over HTTP: start, watch, style, adjust, transcribe."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from labeling.models import Project
from tests.factories import add_images, make_project, make_user, texts
from tests.training.label_free_rows import add_asked, add_label_free
from training.models import LabelFree, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(100), labelled=False)
    return project


@pytest.fixture
def row(project: Project) -> LabelFree:
    return add_label_free(project)


def address(project: Project, *more: object) -> str:
    return "/".join(map(str, (f"/api/v1/projects/{project.pk}/without-labels", *more)))


def post(client: Client, url: str, **wish: Any) -> Any:
    return client.post(url, json.dumps(wish), content_type="application/json")


def test_a_run_is_started_and_watched(client: Client, project: Project) -> None:
    answer = post(client, address(project), max_minutes=3, synthetic_count=400, self_train=False, seed=5)
    assert answer.status_code == 202
    assert (answer.json()["number"], answer.json()["state"]) == (1, "queued")
    told = client.get(address(project, 1)).json()
    assert told["options"]["synthetic_count"] == 400
    assert told["stages"] == []
    assert told["result"] == {
        "asked": 0, "answered": 0, "skipped": 0, "right": None, "n": None, "accuracy": None, "interval": None,
        "disagreements": [],
    }  # fmt: skip
    assert [each["number"] for each in client.get(address(project)).json()["items"]] == [1]


@pytest.mark.parametrize(
    "wish",
    [
        {"max_minutes": 0},
        {"max_minutes": "long"},
        {"synthetic_count": 3},
        {"synthetic_count": 1e30},
        {"seed": -1},
        {"architecture": "nothing"},
        {"hyperparameters": {"learning_rate": -1}},
        {"style": {"height": -1}},
        {"style": {"glitter": 1}},
        {"style": {"ground_picture": "no picture"}},
    ],
)
def test_a_wish_that_cannot_work_is_refused_in_a_sentence(
    client: Client, project: Project, wish: dict[str, Any]
) -> None:
    answer = post(client, address(project), **wish)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert not Run.objects.exists()


def test_what_it_came_to_is_told(client: Client, row: LabelFree) -> None:
    add_asked(row, count=5, wrong=1, answered=5)
    told = client.get(address(row.run.project, row.run.number)).json()
    assert [stage["name"] for stage in told["stages"]][:2] == ["fitting", "drawing"]
    assert told["closeness"]["accuracy"] == 0.71
    assert told["rounds"][0]["taken"] == 420
    assert told["result"]["accuracy"] == 0.8
    assert told["result"]["interval"] == pytest.approx([0.3755, 0.9638], abs=1e-4)
    [one] = told["result"]["disagreements"]
    assert one["typed"] == one["read"][::-1]


def test_a_style_is_given_adjusted_and_trained_with(client: Client, row: LabelFree) -> None:
    url = address(row.run.project, row.run.number, "style")
    assert client.get(url).json()["style"]["height"] == 32
    answer = post(client, url, style={"rotation": [0, 12]})
    assert answer.status_code == 202
    again = Run.objects.get(number=answer.json()["number"])
    assert (again.copied_from, again.label_free.style["rotation"]) == (row.run, [0, 12])
    assert post(client, url, style={"rotation": [12, 0]}).status_code == 422


def test_there_is_no_style_before_one_is_fitted(client: Client, row: LabelFree) -> None:
    LabelFree.objects.filter(pk=row.pk).update(style=None)
    url = address(row.run.project, row.run.number, "style")
    assert client.get(url).status_code == 404
    assert "no style yet" in post(client, url, style={}).json()["detail"]


def test_images_are_transcribed_without_what_was_read(client: Client, row: LabelFree) -> None:
    _, truths = add_asked(row, count=2, wrong=0)
    url = address(row.run.project, row.run.number, "asked")
    asked = client.get(url).json()
    assert (asked["answered"], asked["left"]) == (0, 2)
    assert set(asked["images"][0]) == {"id", "name", "url", "width", "height"}
    for image, text in zip(asked["images"], truths, strict=True):
        result = post(client, url, image=image["id"], key=str(uuid4()), text=text).json()
    assert (result["accuracy"], result["n"]) == (1.0, 2)


def test_bad_answers_are_refused(client: Client, row: LabelFree) -> None:
    add_asked(row, count=2)
    url = address(row.run.project, row.run.number, "asked")
    image = row.asked.all()[0].image_id
    for wish in (
        {"image": image, "key": str(uuid4()), "text": "1"},
        {"image": image, "key": "none", "text": "123"},
        {"image": image, "key": str(uuid4()), "skip_reason": "boredom"},
        {"image": 10**9, "key": str(uuid4()), "text": "123"},
    ):
        assert post(client, url, **wish).status_code == 422


def test_a_run_with_labels_is_none_of_these(client: Client, project: Project) -> None:
    assert client.get(address(project, 1)).status_code == 404
