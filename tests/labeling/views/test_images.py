"""The grid of images, one image, and its bytes."""

import hashlib
import io
import re
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow

from labeling.models import Annotation, Image, Member, Role
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import annotate, submit
from tests.factories import add_images, draw, make_member, make_project, make_user, texts

pytestmark = pytest.mark.django_db


def shown(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'class="tile" href="/projects/\d+/images/(\d+)/"', page)]


def test_the_grid_asks_the_same_number_of_queries_for_3_and_for_60_images(
    client: Client, django_assert_num_queries
) -> None:
    owner = make_user()
    client.force_login(owner)
    for name, count in (("few", 3), ("many", 60)):
        project = make_project(owner, name)
        add_images(project, texts(count))
        with django_assert_num_queries(6):
            page = client.get(reverse("labeling:images", args=[project.pk])).content.decode()
        assert len(shown(page)) == count


def test_paging_forth_and_back_shows_every_image_once(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    images = add_images(project, texts(130))
    address = reverse("labeling:images", args=[project.pk])
    pages, query = [], ""
    while True:
        response = client.get(address + query)
        pages.append(shown(response.content.decode()))
        query = response.context["page"].next
        if not query:
            break
    assert [pk for page in pages for pk in page] == [image.pk for image in images]
    back = client.get(address + response.context["page"].previous)
    assert shown(back.content.decode()) == pages[-2]
    first = client.get(address + back.context["page"].previous)
    assert shown(first.content.decode()) == pages[0]
    assert first.context["page"].previous == ""


def test_the_grid_filters_by_status_and_searches_texts_and_names(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    labelled = add_images(project, ["111", "222"])
    waiting = add_images(project, ["333"], labelled=False, seed=50)
    address = reverse("labeling:images", args=[project.pk])

    def found(query: str) -> list[int]:
        return shown(client.get(address + query).content.decode())

    assert found("?status=unlabelled") == [image.pk for image in waiting]
    assert found("?q=22") == [labelled[1].pk]
    assert found("?q=333_0") == [waiting[0].pk]
    assert found("?q=nothing") == []


def test_a_text_typed_on_an_images_page_by_its_owner_decides(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    [image] = add_images(project, ["123"])
    client.post(reverse("labeling:image", args=[project.pk, image.pk]), {"text": "124"})
    image.refresh_from_db()
    assert image.text == "124"
    history = client.get(reverse("labeling:image", args=[project.pk, image.pk])).content.decode()
    assert "123" in history
    assert "Settled in review by ada" in history


def test_a_text_that_does_not_fit_changes_nothing_and_says_why(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    [image] = add_images(project, ["123"])
    response = client.post(reverse("labeling:image", args=[project.pk, image.pk]), {"text": "12x"})
    assert response.status_code == 422
    assert "not in the alphabet" in response.content.decode()
    assert Annotation.objects.count() == 1


def test_viewers_look_and_do_not_touch(client: Client) -> None:
    project = make_project()
    [image] = add_images(project, ["123"])
    viewer = make_user("vic")
    Member.objects.create(project=project, user=viewer, role=Role.VIEWER)
    client.force_login(viewer)
    address = reverse("labeling:image", args=[project.pk, image.pk])
    assert "Save text" not in client.get(address).content.decode()
    assert client.post(address, {"text": "124"}).status_code == 403


def test_bytes_are_kept_by_browsers_and_not_sent_twice(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    [image] = add_images(project, ["123"])
    first = client.get(image.url)
    assert first["Content-Type"] == "image/png"
    assert hashlib.sha256(first.content).hexdigest() == image.sha256
    assert "immutable" in first["Cache-Control"]
    assert "private" in first["Cache-Control"]
    again = client.get(image.url, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_a_format_that_browsers_do_not_draw_is_sent_as_png(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    [image] = add_images(project, ["123"])
    file = io.BytesIO()
    Pillow.fromarray(draw("123")).save(file, "TIFF")
    image.file.save("picture.tif", ContentFile(file.getvalue()))
    response = client.get(image.url)
    assert response["Content-Type"] == "image/png"
    assert Pillow.open(io.BytesIO(response.content)).size == (72, 32)


def test_images_of_other_projects_stay_hidden(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    mine, other = make_project(owner, "mine"), make_project(name="other")
    [image] = add_images(other, ["123"])
    for name in ("labeling:image", "labeling:image_file"):
        assert client.get(reverse(name, args=[mine.pk, image.pk])).status_code == 404
        assert client.get(reverse(name, args=[other.pk, image.pk])).status_code == 404


def image_page(client: Client, image: Image, **text: str) -> str:
    address = reverse("labeling:image", args=[image.project_id, image.pk])
    answer = client.post(address, text, follow=True) if text else client.get(address)
    return answer.content.decode()


def test_an_annotators_text_does_not_undo_a_reviewers(client: Client) -> None:
    project = make_project()
    [image] = add_images(project, ["123"])
    annotate(image=image, user=project.created_by, text="124", source=AnnotationSource.REVIEW)
    client.force_login(make_member(project, Role.ANNOTATOR))
    assert "still reads 124: a reviewer decided so" in image_page(client, image, text="125")
    image.refresh_from_db()
    assert image.text == "124"


def test_nobody_sees_what_others_read_before_enough_people_have(client: Client) -> None:
    project = make_project(overlap=2)
    [image] = add_images(project, ["123"], labelled=False)
    ada, bob = (make_member(project, Role.ANNOTATOR, name) for name in ("ada", "bob"))
    client.force_login(ada)
    assert "waits for more people to read it" in image_page(client, image, text="987")
    assert "987" in image_page(client, image)
    for other in (bob, project.created_by):
        client.force_login(other)
        page = image_page(client, image)
        assert "987" not in page
        assert "1 of 2 so far" in page
    client.force_login(bob)
    assert "is in dispute now" in image_page(client, image, text="789")
    assert "987" in image_page(client, image)


def test_owners_make_images_gold_and_others_do_not_notice(client: Client) -> None:
    project = make_project()
    [image] = add_images(project, ["123"])
    address = reverse("labeling:image_gold", args=[project.pk, image.pk])
    client.force_login(project.created_by)
    assert "Make gold" in image_page(client, image)
    assert "is gold now" in client.post(address, {"gold": "1"}, follow=True).content.decode()
    image.refresh_from_db()
    assert image.is_check
    assert "No longer gold" in image_page(client, image)
    client.force_login(make_member(project, Role.REVIEWER))
    assert "gold" not in image_page(client, image).lower()
    assert client.post(address, {}).status_code == 403
    client.force_login(project.created_by)
    client.post(address, {})
    image.refresh_from_db()
    assert not image.is_check


def test_an_image_without_a_text_cannot_be_made_gold(client: Client) -> None:
    project = make_project()
    [image] = add_images(project, ["123"], labelled=False)
    client.force_login(project.created_by)
    assert "Make gold" not in image_page(client, image)
    address = reverse("labeling:image_gold", args=[project.pk, image.pk])
    assert "no agreed text yet" in client.post(address, {"gold": "1"}, follow=True).content.decode()


def test_disputed_images_can_be_looked_at_on_their_own(client: Client) -> None:
    project = make_project(overlap=2)
    images = add_images(project, ["123", "456"], labelled=False)
    for name, text in (("ada", "111"), ("bob", "222")):
        submit(image=images[0], user=make_user(name), key=uuid4(), text=text)
    client.force_login(project.created_by)
    address = reverse("labeling:images", args=[project.pk])
    assert "?status=disputed" in client.get(address).content.decode()
    assert shown(client.get(address, {"status": "disputed"}).content.decode()) == [images[0].pk]
