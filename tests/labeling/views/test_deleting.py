"""Deleting images from their pages, and what those see who have one open."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from labeling.models import Annotation, Image, Project, ProjectCounts, Role
from labeling.services.annotations import submit
from labeling.services.queue import lease_images
from tests.factories import add_images, make_member, make_project, texts
from training.services.datasets import freeze_dataset

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    project = make_project()
    client.force_login(project.created_by)
    return project


def address(project: Project, name: str = "delete_images", *more: int) -> str:
    return reverse(f"labeling:{name}", args=[project.pk, *more])


def test_before_images_go_a_page_says_what_goes_with_them(client: Client, project: Project) -> None:
    images = add_images(project, texts(12))
    freeze_dataset(project=project)
    waiting = add_images(project, ["123"], labelled=False, seed=90)
    lease_images(project=project, user=make_member(project, Role.ANNOTATOR))
    chosen = [image.pk for image in (*images[:2], *waiting)]
    page = client.get(address(project), {"image": chosen}).content.decode()
    assert "<strong>3 files</strong>" in page
    assert "<strong>2 annotations</strong>" in page
    assert "1 of them is in somebody" in page
    assert "Dataset 1 loses them" in page
    assert Image.objects.count() == 13


def test_confirmed_they_are_gone_and_one_is_back_at_the_same_place(client: Client, project: Project) -> None:
    images = add_images(project, texts(3))
    wish = {"image": [image.pk for image in images[:2]], "back": "status=labelled&after=7"}
    response = client.post(address(project), wish)
    assert response.url == address(project, "images") + "?status=labelled&after=7"
    assert "2 images are deleted." in client.get(response.url).content.decode()
    assert Image.objects.get() == images[2]


def test_owners_choose_images_in_the_grid_and_on_an_images_page(client: Client, project: Project) -> None:
    [image] = add_images(project, ["123"])
    pages = [address(project, "images"), address(project, "image", image.pk)]
    assert all(address(project) in client.get(page).content.decode() for page in pages)
    client.force_login(make_member(project, Role.REVIEWER))
    assert not any(address(project) in client.get(page).content.decode() for page in pages)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({}, "Choose the images to delete first."),
        ({"image": ["x", "9" * 30]}, "Choose the images to delete first."),
        ({"image": ["4711"]}, "deleted already"),
    ],
)
def test_without_an_image_there_is_nothing_to_confirm(
    client: Client, project: Project, wish: dict[str, Any], sentence: str
) -> None:
    for ask in (client.get, client.post):
        assert sentence in ask(address(project), wish, follow=True).content.decode()


def test_who_types_a_deleted_image_is_told_and_goes_on_with_the_next_ones(
    client: Client, project: Project
) -> None:
    add_images(project, texts(3), labelled=False)
    ada = make_member(project, Role.ANNOTATOR, "ada")
    annotator = Client()
    annotator.force_login(ada)
    first, *others = annotator.get(address(project, "label_batch")).json()["images"]
    client.post(address(project), {"image": [first["id"]]})

    wish = {"image": first["id"], "text": "123", "key": str(uuid4())}
    answer = annotator.post(address(project, "annotate"), json.dumps(wish), "application/json")
    assert (answer.status_code, "deleted meanwhile" in answer.json()["error"]) == (404, True)
    batch = annotator.get(address(project, "label_batch")).json()
    assert [image["id"] for image in batch["images"]] == [image["id"] for image in others]
    assert (batch["done"], batch["left"]) == (0, 2)


def test_a_text_for_an_image_whose_page_was_open_when_it_was_deleted_leads_back_to_the_grid(
    client: Client, project: Project
) -> None:
    [image] = add_images(project, ["123"])
    client.post(address(project), {"image": [image.pk]})
    response = client.post(address(project, "image", image.pk), {"text": "124"}, follow=True)
    assert response.redirect_chain == [(address(project, "images"), 302)]
    assert "deleted meanwhile" in response.content.decode()


def test_what_was_said_about_a_deleted_image_can_no_longer_be_taken_back(
    client: Client, project: Project
) -> None:
    [image] = add_images(project, ["123"], labelled=False)
    key = uuid4()
    submit(image=image, user=project.created_by, key=key, text="123")
    client.post(address(project), {"image": [image.pk]})
    answer = client.post(address(project, "undo"), json.dumps({"key": str(key)}), "application/json")
    assert answer.status_code == 404
    assert not Annotation.objects.exists()
    assert ProjectCounts.objects.get(project=project).total == 0


def test_the_pages_ask_at_most_15_queries(
    client: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    images = add_images(project, texts(60))
    with django_assert_max_num_queries(15):
        client.get(address(project), {"image": [image.pk for image in images]})
