"""The Review page's requests and the page about agreement."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from labeling.models import Annotation, Doubt, Image, Project, Role
from labeling.services.annotations import submit
from tests.factories import add_images, make_member, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    project.overlap = 2
    project.save()
    return project


@pytest.fixture
def readers(project: Project) -> list[Any]:
    return [make_member(project, Role.ANNOTATOR, name) for name in ("ada", "bob")]


@pytest.fixture
def rita(client: Client, project: Project) -> Any:
    """A reviewer who is signed in."""
    user = make_member(project, Role.REVIEWER, "rita")
    client.force_login(user)
    return user


def read_differently(project: Project, readers: list[Any], *said: str) -> Image:
    [image] = add_images(project, ["123"], labelled=False, seed=project.images.count())
    for user, text in zip(readers, said, strict=True):
        submit(image=image, user=user, text=text, key=uuid4())
    return image


def get(client: Client, project: Project, name: str, **parameters: str) -> Any:
    return client.get(reverse(f"labeling:{name}", args=[project.pk]), parameters)


def post(client: Client, project: Project, name: str, **wish: Any) -> Any:
    return client.post(reverse(f"labeling:{name}", args=[project.pk]), wish, content_type="application/json")


def test_the_page_opens_with_nothing_to_settle(client: Client, project: Project, rita: Any) -> None:
    assert "Nothing to settle" in get(client, project, "review").content.decode()


def test_a_batch_has_the_readings_side_by_side(
    client: Client, project: Project, rita: Any, readers: list[Any]
) -> None:
    image = read_differently(project, readers, "123", "124")
    answer = get(client, project, "review_batch").json()
    [case] = answer["images"]
    assert (case["id"], case["kind"], answer["left"]) == (image.pk, "dispute", 1)
    assert case["choices"] == [
        {"text": "123", "reason": "", "saidBy": ["ada"]},
        {"text": "124", "reason": "", "saidBy": ["bob"]},
    ]
    assert get(client, project, "review_batch", exclude=str(image.pk)).json()["images"] == []


def test_settling_and_undoing(client: Client, project: Project, rita: Any, readers: list[Any]) -> None:
    image, key = read_differently(project, readers, "123", "124"), str(uuid4())
    assert post(client, project, "review_settle", image=image.pk, text="124", key=key).status_code == 200
    image.refresh_from_db()
    assert image.text == "124"
    answer = post(client, project, "review_undo", key=key).json()
    assert [choice["text"] for choice in answer["image"]["choices"]] == ["123", "124"]


def test_the_second_of_two_reviewers_gets_a_sentence(
    client: Client, project: Project, rita: Any, readers: list[Any]
) -> None:
    image = read_differently(project, readers, "123", "124")
    post(client, project, "review_settle", image=image.pk, text="124", key=str(uuid4()))
    client.force_login(make_member(project, Role.REVIEWER))
    answer = post(client, project, "review_settle", image=image.pk, text="123", key=str(uuid4()))
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("rita was quicker")


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"key": "no uuid", "text": "123"}, "a UUID of its own"),
        ({"key": str(uuid4()), "reason": "bored"}, "Choose a reason"),
        ({"key": str(uuid4()), "text": "12x"}, "not in the alphabet"),
        ({"key": str(uuid4()), "text": "123", "image": "first"}, "which image"),
    ],
)
def test_a_bad_wish_settles_nothing_and_says_why(
    client: Client, project: Project, rita: Any, readers: list[Any], wish: dict[str, Any], sentence: str
) -> None:
    image = read_differently(project, readers, "123", "124")
    answer = post(client, project, "review_settle", **{"image": image.pk} | wish)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


def test_a_deleted_image_is_said_to_be_gone(
    client: Client, project: Project, rita: Any, readers: list[Any]
) -> None:
    image = read_differently(project, readers, "123", "124")
    pk = image.pk
    image.delete()
    answer = post(client, project, "review_settle", image=pk, text="123", key=str(uuid4()))
    assert answer.status_code == 404
    assert "deleted meanwhile" in answer.json()["error"]


def test_what_was_settled_last_can_be_undone_after_a_reload(
    client: Client, project: Project, rita: Any, readers: list[Any]
) -> None:
    image, key = read_differently(project, readers, "123", "124"), str(uuid4())
    post(client, project, "review_settle", image=image.pk, text="124", key=key)
    config = json.loads(get(client, project, "review").context["config_json"])
    assert [(one["key"], one["text"]) for one in config["recent"]] == [(key, "124")]


def test_doubts_join_the_queue(client: Client, project: Project, rita: Any) -> None:
    [image] = add_images(project, ["123"])
    Doubt.objects.create(image=image, text="128", confidence=0.97, model_number=2)
    [case] = get(client, project, "review_batch").json()["images"]
    assert (case["kind"], [choice["text"] for choice in case["choices"]]) == ("doubt", ["123", "128"])


def test_the_agreement_page_tells_people_and_characters_apart(
    client: Client, project: Project, rita: Any, readers: list[Any]
) -> None:
    read_differently(project, readers, "123", "123")
    read_differently(project, readers, "128", "123")
    page = get(client, project, "agreement").content.decode()
    assert "50.0 %" in page
    assert "ada" in page
    assert '<span class="label-text">3 8</span>' in page


def test_people_whom_a_file_names_are_marked_as_from_a_file(
    client: Client, project: Project, rita: Any, readers: list[Any]
) -> None:
    image = read_differently(project, readers, "128", "123")
    assert "From a file" not in get(client, project, "agreement").content.decode()
    Annotation.objects.create(image=image, annotator_name="zoe <1>", text="128", source="import")
    page = get(client, project, "agreement").content.decode()
    assert 'zoe &lt;1&gt; <span class="badge">From a file</span>' in page
    people = client.get(f"/api/v1/projects/{project.pk}/agreement").json()["people"]
    assert [(one["user"], one["name_in_file"]) for one in people][2:] == [(None, "zoe <1>")]


def test_without_readings_to_compare_the_page_says_what_would_bring_some(
    client: Client, project: Project, rita: Any
) -> None:
    assert "Nobody can be compared yet" in get(client, project, "agreement").content.decode()


def test_the_agreement_page_asks_the_same_number_of_queries_for_3_and_for_60_images(
    client: Client, project: Project, rita: Any, readers: list[Any], django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        read_differently(project, readers, "128", "123")
    get(client, project, "agreement")
    with django_assert_num_queries(15, exact=False) as before:
        get(client, project, "agreement")
    for _ in range(57):
        read_differently(project, readers, "128", "123")
    with django_assert_num_queries(len(before)):
        get(client, project, "agreement")
