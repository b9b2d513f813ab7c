"""The Prepare page: the recipe in force, its preview, and applying another one."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.imaging.decode import decode_image
from labeling.imaging.rendering import picture_to_png
from labeling.jobs import JobState
from labeling.models import Image, Member, Project, Role
from labeling.recipe_form import describe
from labeling.services.images import new_image, store_picture
from labeling.services.preparations import current_preparation, propose_preparation
from labeling.services.slicing_work import run_slicing
from tests.factories import add_images, make_project, make_user, texts
from tests.labeling.imaging.pictures import with_fixed_lines

pytestmark = pytest.mark.django_db

MEDIAN = {
    "steps": [{"step": "channel", "channel": "red"}, {"step": "median", "size": 3}],
    "slicing": {"slicing": "projection", "min_gap": 2},
}


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(30))
    return project


def preview(client: Client, project: Project, recipe: Any, **more: str) -> Any:
    wish = {"recipe": json.dumps(recipe), "sample": "00", **more}
    return client.post(reverse("labeling:preparation_preview", args=[project.pk]), wish)


def apply(client: Client, project: Project, recipe: Any) -> str:
    address = reverse("labeling:preparation", args=[project.pk])
    return client.post(address, {"recipe": json.dumps(recipe)}, follow=True).content.decode()


def shown(page: str) -> list[str]:
    return re.findall(r"/images/(\d+)/file/", page)


def test_the_number_of_queries_does_not_grow_with_the_images(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    owner = make_user("owner")
    client.force_login(owner)
    for name, count in (("few", 3), ("many", 60)):
        project = make_project(owner, name)
        add_images(project, texts(count))
        # One of them only where the sample wraps around the end of the hashes.
        with django_assert_max_num_queries(12):
            page = client.get(reverse("labeling:preparation", args=[project.pk]))
        assert page.status_code == 200


def test_the_preview_draws_each_image_with_its_slices(client: Client, project: Project) -> None:
    page = preview(client, project, MEDIAN).content.decode()
    assert len(shown(page)) == 18
    assert page.count("data:image/png;base64,") == 18
    assert page.count("<rect") == 18 * 3


def test_the_sample_stays_while_the_recipe_changes_and_changes_when_asked(
    client: Client, project: Project
) -> None:
    first = shown(preview(client, project, MEDIAN).content.decode())
    other_recipe = MEDIAN | {"slicing": {"slicing": "none"}}
    assert shown(preview(client, project, other_recipe).content.decode()) == first
    others = [shown(preview(client, project, MEDIAN, another="1").content.decode()) for _ in range(5)]
    assert any(sample != first for sample in others)
    assert all(len(set(sample)) == 18 for sample in others)


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ({"steps": [], "slicing": {"slicing": "none"}}, "The first step must be channel"),
        (MEDIAN | {"slicing": {"slicing": "projection", "min_gap": 0}}, "give a whole number from 1 to 100"),
        ([1, 2], "A recipe must be an object"),
    ],
)
def test_a_recipe_that_cannot_be_used_says_why_in_preview_and_when_applied(
    client: Client, project: Project, recipe: Any, sentence: str
) -> None:
    assert sentence in preview(client, project, recipe).content.decode()
    assert sentence in apply(client, project, recipe)
    assert current_preparation(project).version == 1


def test_without_a_known_length_each_image_says_that_equal_parts_need_one(client: Client) -> None:
    owner = make_user("range")
    client.force_login(owner)
    project = make_project(owner, "range", min_length=2, max_length=4)
    add_images(project, texts(2), labelled=False)
    add_images(project, ["12"], seed=99)
    page = client.get(reverse("labeling:preparation", args=[project.pk])).content.decode()
    assert page.count("Equal parts need a fixed number of characters") == 2
    # The picture shows all the same.
    assert page.count('class="prepared-picture"') == 3


def test_applying_makes_a_new_version_whose_progress_shows(client: Client, project: Project) -> None:
    page = apply(client, project, MEDIAN)
    applied = current_preparation(project)
    assert (applied.version, applied.state, applied.recipe_json) == (2, JobState.QUEUED, MEDIAN)
    assert "Preparation 2 is in force" in page
    progress = reverse("labeling:preparation_progress", args=[project.pk])
    assert "every 1s" in client.get(progress).content.decode()
    run_slicing(applied.pk)
    done = client.get(progress).content.decode()
    assert "slices cut in 30 images" in done
    assert "every 1s" not in done


def test_applying_the_recipe_in_force_again_changes_nothing(client: Client, project: Project) -> None:
    apply(client, project, MEDIAN)
    assert "is just this recipe already" in apply(client, project, MEDIAN)
    assert current_preparation(project).version == 2


def test_a_viewer_may_look_and_preview_but_not_apply(client: Client, project: Project) -> None:
    viewer = make_user("viewer")
    Member.objects.create(project=project, user=viewer, role=Role.VIEWER)
    client.force_login(viewer)
    address = reverse("labeling:preparation", args=[project.pk])
    assert 'data-recipe-target="apply"' not in client.get(address).content.decode()
    assert preview(client, project, MEDIAN).status_code == 200
    assert client.post(address, {"recipe": json.dumps(MEDIAN)}).status_code == 403


def test_an_empty_project_says_what_to_do(client: Client) -> None:
    owner = make_user("empty")
    client.force_login(owner)
    project = make_project(owner, "empty")
    page = client.get(reverse("labeling:preparation", args=[project.pk])).content.decode()
    assert "Nothing to prepare yet" in page


def with_lines(project: Project, count: int) -> None:
    """Images of one size that the same lines cross."""
    rows = []
    for number, picture in enumerate(with_fixed_lines(count)):
        data = picture_to_png(picture)
        image = new_image(project=project, name=f"{number}.png", data=data, decoded=decode_image(data))
        store_picture(image, data)
        rows.append(image)
    Image.objects.bulk_create(rows)


def suggestion(client: Client, project: Project, **how: str) -> str:
    return client.get(reverse("labeling:preparation_suggestion", args=[project.pk]), how).content.decode()


def pattern(client: Client, project: Project, recipe: Any) -> Any:
    address = reverse("labeling:preparation_pattern", args=[project.pk])
    return client.post(address, json.dumps(recipe), content_type="application/json")


REMOVE_FIXED = {
    "steps": [{"step": "channel", "channel": "grey"}, {"step": "remove_fixed", "method": "and"}],
    "slicing": {"slicing": "none"},
}


@pytest.fixture
def lined(client: Client) -> Project:
    owner = make_user("lines")
    client.force_login(owner)
    project = make_project(owner, "lines")
    with_lines(project, 30)
    return project


def test_a_project_that_is_still_on_the_default_gets_an_offer_as_the_page_loads(
    client: Client, project: Project
) -> None:
    address = reverse("labeling:preparation", args=[project.pk])
    assert 'hx-trigger="load"' in client.get(address).content.decode()
    apply(client, project, MEDIAN)
    page = client.get(address).content.decode()
    assert 'hx-trigger="load"' not in page
    assert "Suggest from the images" in page


def test_the_offer_gives_the_reasons_and_fills_in_when_asked(client: Client, lined: Project) -> None:
    offer = suggestion(client, lined)
    assert "Remove fixed marks: the same thin lines cover" in offer
    assert "Fill this in" in offer
    assert "data-fill" not in offer
    assert "data-fill" in suggestion(client, lined, fill="1")


def test_where_the_images_suggest_what_is_in_force_the_page_says_so(client: Client, lined: Project) -> None:
    proposal = propose_preparation(project=lined)
    apply(client, lined, proposal.recipe.to_json())
    assert "just what is in force" in suggestion(client, lined)


def test_without_images_nothing_is_suggested(client: Client) -> None:
    owner = make_user("empty")
    client.force_login(owner)
    assert "there are none yet" in suggestion(client, make_project(owner, "empty"))


def test_a_pattern_is_estimated_from_the_images(client: Client, lined: Project) -> None:
    answer = pattern(client, lined, REMOVE_FIXED).json()
    assert answer["images"] == 30
    step = {**REMOVE_FIXED["steps"][1], **answer}
    page = preview(client, lined, REMOVE_FIXED | {"steps": [REMOVE_FIXED["steps"][0], step]})
    assert page.content.decode().count("data:image/png;base64,") == 18


def test_a_pattern_that_cannot_be_estimated_says_why(client: Client, lined: Project) -> None:
    add_images(lined, texts(1))
    answer = pattern(client, lined, REMOVE_FIXED)
    assert answer.status_code == 400
    assert "need images of one size" in answer.json()["error"]
    assert pattern(client, lined, []).json()["error"].startswith("A recipe must be an object")


def test_applying_a_step_without_its_pattern_estimates_it(client: Client, lined: Project) -> None:
    apply(client, lined, REMOVE_FIXED)
    (_, step) = current_preparation(lined).recipe.steps
    assert describe(step) == "Remove fixed marks: method and, from 30 images"
    page = client.get(reverse("labeling:preparation", args=[lined.pk])).content.decode()
    assert "From 30 images" in page


def test_applying_a_step_whose_pattern_cannot_be_estimated_changes_nothing(client: Client) -> None:
    owner = make_user("few")
    client.force_login(owner)
    project = make_project(owner, "few")
    with_lines(project, 5)
    assert "there are 5, and at least 20 are needed" in apply(client, project, REMOVE_FIXED)
    assert current_preparation(project).version == 1
