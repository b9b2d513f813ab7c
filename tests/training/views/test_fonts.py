"""The page of fonts: pictures of all, and one's own come and go."""

import io
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from labeling.models import Project, Role
from tests.factories import make_member, make_project
from tests.training.font_rows import DROID, add_font, latin_font
from training.models import UploadedFont

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def annotator(client: Client, project: Project) -> Any:
    user = make_member(project, Role.ANNOTATOR)
    client.force_login(user)
    return user


def page(client: Client, project: Project) -> str:
    return client.get(reverse("training:fonts", args=[project.pk])).content.decode()


def picture(client: Client, project: Project, name: str) -> Any:
    return client.get(reverse("training:font_picture", args=[project.pk]), {"name": name})


def test_several_files_are_uploaded_at_once_and_each_is_answered(
    client: Client, project: Project, annotator: Any
) -> None:
    files = [
        SimpleUploadedFile("droid.ttf", DROID),
        SimpleUploadedFile("latin.ttf", latin_font()),
        SimpleUploadedFile("notes.ttf", b"no font"),
    ]
    response = client.post(reverse("training:fonts", args=[project.pk]), {"files": files}, follow=True)
    text = response.content.decode()
    assert "Droid Sans Mono is here: texts of this project can be drawn in it." in text
    assert "notes.ttf is no TrueType, OpenType, WOFF or WOFF2 font." in text
    fonts = UploadedFont.objects.filter(project=project, created_by=annotator)
    assert [font.name for font in fonts] == ["Aileron", "Droid Sans Mono"]


def test_no_file_is_said_to_be_none(client: Client, project: Project, annotator: Any) -> None:
    response = client.post(reverse("training:fonts", args=[project.pk]), follow=True)
    assert "No file was chosen" in response.content.decode()


def test_too_many_files_are_taken_not_at_all(client: Client, project: Project, annotator: Any) -> None:
    files = [SimpleUploadedFile(f"{number}.ttf", DROID) for number in range(21)]
    response = client.post(reverse("training:fonts", args=[project.pk]), {"files": files}, follow=True)
    assert "21 files are too many at once" in response.content.decode()
    assert not UploadedFont.objects.exists()


def test_every_font_is_shown_with_its_picture(client: Client, project: Project, annotator: Any) -> None:
    add_font(project)
    text = page(client, project)
    assert text.count('alt="0123456789 in Droid Sans Mono"') == 1
    assert 'alt="0123456789 in Arimo Bold"' in text
    for name in ("Droid Sans Mono", "Arimo Bold"):
        response = picture(client, project, name)
        assert response["Content-Type"] == "image/png"
        drawn = np.asarray(Image.open(io.BytesIO(response.content)).convert("RGBA"))
        assert drawn.shape[0] == 48
        assert (drawn[..., 3] > 128).any()


def test_a_picture_is_drawn_once_for_a_browser(client: Client, project: Project, annotator: Any) -> None:
    first = picture(client, project, "Arimo Bold")
    address = reverse("training:font_picture", args=[project.pk])
    again = client.get(address, {"name": "Arimo Bold"}, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_a_font_that_nobody_has_has_no_picture(client: Client, project: Project, annotator: Any) -> None:
    assert picture(client, project, "Lost Sans").status_code == 404
    assert picture(client, project, "").status_code == 400


def test_an_uploaded_font_is_deleted(client: Client, project: Project, annotator: Any) -> None:
    font = add_font(project)
    response = client.post(reverse("training:delete_font", args=[project.pk, font.pk]), follow=True)
    assert "Droid Sans Mono is deleted." in response.content.decode()
    assert not UploadedFont.objects.exists()


def test_those_who_only_look_are_offered_nothing_to_change(client: Client, project: Project) -> None:
    add_font(project)
    client.force_login(make_member(project, Role.VIEWER))
    text = page(client, project)
    assert "in Droid Sans Mono" in text
    assert "Upload</button>" not in text
    assert "Delete Droid Sans Mono" not in text


def test_the_page_asks_as_often_for_many_fonts_as_for_one(
    client: Client, project: Project, annotator: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page(client, project)
    add_font(project)
    UploadedFont.objects.bulk_create(
        UploadedFont(project=project, name=f"Font {number}", extension="ttf", sha256=f"{number:064}", size=1)
        for number in range(30)
    )
    with django_assert_max_num_queries(12):
        page(client, project)
