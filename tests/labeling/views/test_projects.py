"""Making projects, their overview and settings, as browsers use them."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from labeling.models import Member, Project, Role
from labeling.services.annotations import annotate
from tests.factories import add_images, make_project, make_user, texts

pytestmark = pytest.mark.django_db

NEW = {
    "name": "Meters",
    "alphabet": "0123456789",
    "length_kind": "fixed",
    "min_length": "4",
    "max_length": "6",
    "description": "",
}


def test_a_new_project_has_its_maker_as_owner_and_leads_to_the_first_import(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    response = client.post(reverse("labeling:new_project"), NEW)
    project = Project.objects.get()
    assert response.url == reverse("labeling:new_import", args=[project.pk])
    assert (project.min_length, project.max_length, project.alphabet) == (6, 6, "0123456789")
    assert Member.objects.get(project=project).role == Role.OWNER


def test_a_range_of_lengths_keeps_both_ends(client: Client) -> None:
    client.force_login(make_user())
    client.post(reverse("labeling:new_project"), NEW | {"length_kind": "range"})
    assert Project.objects.get().length_text == "4-6"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "digits"}, "There is a project “digits” already"),
        ({"alphabet": " \t"}, "This field is required"),
        ({"length_kind": "range", "min_length": "8"}, "smaller than the shortest"),
        ({"length_kind": "range", "min_length": ""}, "how short a text can be"),
        ({"max_length": "33"}, "less than or equal to 32"),
    ],
)
def test_what_cannot_be_made_is_said_beside_the_form(
    client: Client, change: dict[str, str], sentence: str
) -> None:
    make_project(name="digits")
    client.force_login(make_user())
    response = client.post(reverse("labeling:new_project"), NEW | change)
    assert sentence in response.content.decode()
    assert Project.objects.count() == 1


def test_strangers_do_not_learn_that_a_project_exists(client: Client) -> None:
    project = make_project()
    client.force_login(make_user())
    assert client.get(project.get_absolute_url()).status_code == 404


def test_the_overview_asks_the_same_number_of_queries_for_3_and_for_60_images(
    client: Client, django_assert_num_queries
) -> None:
    owner = make_user()
    client.force_login(owner)
    few, many = make_project(owner, "few"), make_project(owner, "many")
    add_images(few, texts(3))
    add_images(many, texts(60))
    client.get(few.get_absolute_url())
    with django_assert_num_queries(10):
        client.get(few.get_absolute_url())
    with django_assert_num_queries(10):
        client.get(many.get_absolute_url())


def test_the_overview_names_the_next_useful_step(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)

    def step() -> str:
        page = client.get(project.get_absolute_url()).content.decode()
        return re.search(r'<section class="step".*?button-primary" href="([^"]+)"', page, re.DOTALL)[1]

    assert step() == reverse("labeling:new_import", args=[project.pk])
    images = add_images(project, texts(60), labelled=False)
    assert step() == reverse("labeling:label", args=[project.pk])
    for image in images[:50]:
        annotate(image=image, user=owner, text="123")
    assert step() == reverse("training:runs", args=[project.pk])


def test_an_owner_renames_a_project(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    client.post(
        reverse("labeling:project_settings", args=[project.pk]), {"name": "Dials", "description": "old ones"}
    )
    project.refresh_from_db()
    assert (project.name, project.description) == ("Dials", "old ones")


def test_settings_are_for_owners(client: Client) -> None:
    project = make_project()
    annotator = make_user("bob")
    Member.objects.create(project=project, user=annotator, role=Role.ANNOTATOR)
    client.force_login(annotator)
    response = client.get(reverse("labeling:project_settings", args=[project.pk]))
    assert response.status_code == 403
    assert "role owner" in response.content.decode()


def test_deleting_takes_the_typed_name_and_takes_the_files_along(client: Client, settings) -> None:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    [image] = add_images(project, ["123"])
    address = reverse("labeling:delete_project", args=[project.pk])

    client.post(address, {"name": "digit"})
    assert Project.objects.filter(pk=project.pk).exists()

    client.post(address, {"name": "digits"})
    assert not Project.objects.filter(pk=project.pk).exists()
    assert not image.file.storage.exists(image.file.name)


def test_settings_say_what_would_be_deleted(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(3))
    page = client.get(reverse("labeling:project_settings", args=[project.pk])).content.decode()
    assert "3 images" in page
    assert "3 labels" in page
