"""Thumbnails and slices: drawn when asked for, kept by browsers, never stored."""

import io
from pathlib import Path

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow

from labeling.imaging.decode import decode_image
from labeling.imaging.recipe import DEFAULT_RECIPE
from labeling.models import Image, Preparation, Project, Slice
from labeling.services.images import new_image, store_picture
from labeling.slices import equal_parts, part_url, prepared_slice_url
from tests.factories import add_images, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    return make_project(owner)


def stored_files() -> list[Path]:
    return sorted(path for path in Path(default_storage.location).rglob("*") if path.is_file())


def large_image(project: Project, width: int = 2000, height: int = 500) -> Image:
    """Stripes: black from 0 to a quarter of the width, white behind."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[:, : width // 4] = 0
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "PNG")
    data = file.getvalue()
    image = new_image(project=project, name="large.png", data=data, decoded=decode_image(data))
    store_picture(image, data)
    image.save()
    return image


def picture(content: bytes) -> Pillow.Image:
    return Pillow.open(io.BytesIO(content))


def test_a_large_image_is_made_small_and_nothing_is_stored(client: Client, project: Project) -> None:
    image = large_image(project)
    before = stored_files()
    response = client.get(image.thumbnail_url)
    assert response["Content-Type"] == "image/png"
    assert picture(response.content).size == (640, 160)
    assert stored_files() == before


def test_a_small_image_is_its_own_thumbnail(project: Project) -> None:
    [image] = add_images(project, ["123"])
    assert image.thumbnail_url == image.url


def test_a_part_shows_the_image_between_its_edges(client: Client, project: Project) -> None:
    image = large_image(project, width=400, height=100)
    parts = [
        np.asarray(picture(client.get(part_url(image, position, edges)).content).convert("L"))
        for position, edges in enumerate(equal_parts(4))
    ]
    assert [part.shape for part in parts] == [(100, 100)] * 4
    assert [part.mean() for part in parts] == [0, 255, 255, 255]


def test_a_slice_of_a_preparation_is_cut_from_its_prepared_picture(client: Client, project: Project) -> None:
    image = large_image(project, width=400, height=100)
    preparation = Preparation.objects.create(project=project, version=7, recipe_json=DEFAULT_RECIPE.to_json())
    Slice.objects.create(
        preparation=preparation, image=image, position=2, left=90, top=10, right=110, bottom=40
    )
    response = client.get(prepared_slice_url(image, 2, 7))
    shown = np.asarray(picture(response.content))
    assert shown.shape == (30, 20)
    assert (shown[:, :10] == 0).all()
    assert (shown[:, 10:] == 255).all()


@pytest.mark.parametrize("of", ["thumbnail", "part", "slice"])
def test_browsers_keep_it_for_ever_and_are_not_sent_it_twice(
    client: Client, project: Project, of: str
) -> None:
    image = large_image(project)
    preparation = project.preparations.get()
    Slice.objects.create(preparation=preparation, image=image, position=0, left=0, top=0, right=9, bottom=9)
    address = {
        "thumbnail": image.thumbnail_url,
        "part": part_url(image, 0, (0.0, 0.5)),
        "slice": prepared_slice_url(image, 0, preparation.version),
    }[of]
    first = client.get(address)
    assert first.status_code == 200
    default_storage.delete(image.file.name)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for response in (first, again):
        assert "immutable" in response["Cache-Control"]
        assert "max-age=31536000" in response["Cache-Control"]
        assert "private" in response["Cache-Control"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?left=5",
        "?left=5&right=5",
        "?left=9&right=2",
        "?left=-1&right=5",
        "?left=0&right=10001",
        "?left=x&right=5",
        "?left=0&right=99999999999999999999",
        "?preparation=99",
        "?preparation=x",
    ],
)
def test_no_such_slice_is_not_found(client: Client, project: Project, query: str) -> None:
    image = large_image(project)
    address = reverse("labeling:slice_image", args=[project.pk, image.pk, 0])
    assert client.get(address + query).status_code == 404


@pytest.mark.parametrize("content", [None, b"this is no picture"])
def test_a_missing_or_damaged_file_is_not_found(
    client: Client, project: Project, content: bytes | None
) -> None:
    image = large_image(project)
    default_storage.delete(image.file.name)
    if content is not None:
        default_storage.save(image.file.name, ContentFile(content))
    assert client.get(image.thumbnail_url).status_code == 404
    assert client.get(part_url(image, 0, (0.0, 0.5))).status_code == 404


def test_strangers_see_neither_and_other_projects_hide_theirs(client: Client, project: Project) -> None:
    other = make_project(name="other")
    image = large_image(other)
    for name, more in (("thumbnail", []), ("slice_image", [0])):
        for asked in (other, project):
            address = reverse(f"labeling:{name}", args=[asked.pk, image.pk, *more])
            assert client.get(address, {"left": 0, "right": 10}).status_code == 404


def test_a_slice_costs_few_queries(client: Client, project: Project, django_assert_max_num_queries) -> None:
    image = large_image(project)
    with django_assert_max_num_queries(5):
        client.get(part_url(image, 0, (0.0, 0.5)))
