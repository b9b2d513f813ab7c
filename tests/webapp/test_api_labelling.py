"""Labelling over the API: the queue, annotations, taking them back."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from labeling.models import Annotation, Image, ImageStatus, Project, Role
from tests.factories import add_images, make_member, make_project, make_user, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    project = make_project()
    add_images(project, texts(30), labelled=False)
    client.force_login(make_member(project, Role.ANNOTATOR, "ada"))
    return project


def post(client: Client, project: Project, path: str, **wish: Any) -> Any:
    return client.post(f"/api/v1/projects/{project.pk}/{path}", wish, content_type="application/json")


def next_images(client: Client, project: Project, **wish: Any) -> list[dict[str, Any]]:
    return post(client, project, "queue/next", **wish).json()["images"]


def test_images_are_taken_annotated_and_the_next_ones_follow(client: Client, project: Project) -> None:
    [first] = next_images(client, project, count=1)
    picture = client.get(f"/api/v1/projects/{project.pk}/images/{first['id']}/file")
    assert picture["Content-Type"] == "image/png"
    said = post(client, project, "annotations", image=first["id"], key=str(uuid4()), text="123").json()
    assert (said["outcome"], said["text"], said["image"]) == ("saved", "123", first["id"])
    answer = post(client, project, "queue/next", count=5).json()
    assert (len(answer["images"]), answer["done"], answer["left"]) == (5, 1, 29)
    assert first["id"] not in [image["id"] for image in answer["images"]]


def test_a_number_that_no_database_holds_is_refused(client: Client, project: Project) -> None:
    assert post(client, project, "queue/next", exclude=[2**63]).status_code == 422
    assert post(client, project, "queue/next", exclude=[2**63 - 1]).status_code == 200


def test_the_same_key_again_changes_nothing(client: Client, project: Project) -> None:
    wish = {"image": next_images(client, project)[0]["id"], "key": str(uuid4())}
    first = post(client, project, "annotations", text="123", **wish).json()
    assert post(client, project, "annotations", text="456", **wish).json() == first
    assert Annotation.objects.count() == 1


def test_an_image_can_be_skipped_and_the_skip_taken_back(client: Client, project: Project) -> None:
    key = str(uuid4())
    image = next_images(client, project)[0]["id"]
    said = post(client, project, "annotations", image=image, key=key, skip_reason="cut_off")
    assert said.json()["skip_reason"] == "cut_off"
    assert Image.objects.get(pk=image).status == ImageStatus.SKIPPED
    assert post(client, project, f"annotations/{key}/withdraw").json()["id"] == image
    assert Image.objects.get(pk=image).status == ImageStatus.UNLABELLED


def test_several_clients_of_one_person_are_handed_images_of_their_own(
    client: Client, project: Project
) -> None:
    pages = [next_images(client, project, count=10, page=str(uuid4())) for _ in range(3)]
    ids = [image["id"] for images in pages for image in images]
    assert len(set(ids)) == len(ids) == 30


@pytest.mark.parametrize(
    ("wish", "status", "sentence"),
    [
        ({"text": "12x"}, 422, "not in the alphabet"),
        ({"text": "123", "key": "abc"}, 422, "uuid"),
        ({"skip_reason": "ugly"}, 422, "unreadable"),
        ({"text": "123", "image": 10**9}, 404, "nothing at this address"),
    ],
)
def test_what_cannot_be_granted_says_why(
    client: Client, project: Project, wish: dict[str, Any], status: int, sentence: str
) -> None:
    complete = {"image": next_images(client, project)[0]["id"], "key": str(uuid4())} | wish
    answer = post(client, project, "annotations", **complete)
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert not Annotation.objects.exists()


def test_nobody_takes_back_what_somebody_else_said(client: Client, project: Project) -> None:
    key = str(uuid4())
    post(client, project, "annotations", image=next_images(client, project)[0]["id"], key=key, text="123")
    client.force_login(make_member(project, Role.ANNOTATOR, "bob"))
    assert post(client, project, f"annotations/{key}/withdraw").status_code == 422
    assert Annotation.objects.get().withdrawn_at is None


def test_viewers_may_not_label_and_strangers_find_nothing(client: Client, project: Project) -> None:
    client.force_login(make_member(project, Role.VIEWER, "eve"))
    assert post(client, project, "queue/next").status_code == 403
    assert post(client, project, "annotations", image=1, key=str(uuid4()), text="123").status_code == 403
    client.force_login(make_user("stranger"))
    assert post(client, project, "queue/next").status_code == 404


def test_submitting_and_taking_the_next_image_ask_a_fixed_number_of_queries(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    [image] = next_images(client, project, count=1)
    with django_assert_num_queries(10):
        post(client, project, "annotations", image=image["id"], key=str(uuid4()), text="123")
    with django_assert_num_queries(10):
        next_images(client, project, count=1)
