"""The Label page and its JSON: batches, saving once per key, skipping, undoing."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from labeling.models import Annotation, Image, ImageStatus, Lease, Member, Project, Role, Suggestion
from labeling.services.annotations import submit
from tests.factories import add_images, make_member, make_project, make_user, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(30), labelled=False)
    return project


def batch(client: Client, project: Project, exclude: str = "") -> dict[str, Any]:
    return client.get(reverse("labeling:label_batch", args=[project.pk]), {"exclude": exclude}).json()


def post(client: Client, project: Project, name: str, **wish: Any) -> Any:
    address = reverse(f"labeling:{name}", args=[project.pk])
    return client.post(address, json.dumps(wish), content_type="application/json")


def test_a_batch_leases_twenty_images_and_leaves_out_what_the_page_holds(
    client: Client, project: Project
) -> None:
    first = batch(client, project)
    assert len(first["images"]) == 20
    assert (first["done"], first["left"]) == (0, 30)
    held = [image["id"] for image in first["images"]]
    second = batch(client, project, ",".join(map(str, held)))
    assert len(second["images"]) == 10
    assert not {image["id"] for image in second["images"]} & set(held)
    assert client.get(first["images"][0]["url"]).status_code == 200


def test_a_text_is_saved_with_the_time_it_took(client: Client, project: Project) -> None:
    image = batch(client, project)["images"][0]["id"]
    answer = post(client, project, "annotate", image=image, text="123", key=str(uuid4()), milliseconds=900)
    assert answer.status_code == 200
    assert Image.objects.get(pk=image).text == "123"
    assert Annotation.objects.get().milliseconds == 900


def test_the_same_key_twice_counts_once(client: Client, project: Project) -> None:
    wish = {"image": batch(client, project)["images"][0]["id"], "text": "123", "key": str(uuid4())}
    answers = [post(client, project, "annotate", **wish).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert Annotation.objects.count() == 1


def test_a_skipped_image_leaves_the_queue_with_its_reason(client: Client, project: Project) -> None:
    image = batch(client, project)["images"][0]["id"]
    assert post(client, project, "skip", image=image, reason="cut_off", key=str(uuid4())).status_code == 200
    row = Image.objects.get(pk=image)
    assert (row.status, row.skip_reason) == (ImageStatus.SKIPPED, "cut_off")
    assert image not in [one["id"] for one in batch(client, project)["images"]]


def test_undoing_a_key_brings_its_image_back(client: Client, project: Project) -> None:
    image, key = batch(client, project)["images"][0]["id"], str(uuid4())
    post(client, project, "annotate", image=image, text="123", key=key)
    assert post(client, project, "undo", key=key).json()["image"]["id"] == image
    assert Image.objects.get(pk=image).status == ImageStatus.UNLABELLED
    assert post(client, project, "undo", key=key).status_code == 200


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"text": "12x"}, "not in the alphabet"),
        ({"text": "12"}, "expects 3"),
        ({"text": "123", "key": "abc"}, "needs a `key`"),
        ({"text": "123", "image": "first"}, "`image` is its number"),
    ],
)
def test_a_wish_that_cannot_be_granted_says_why(
    client: Client, project: Project, wish: dict[str, Any], sentence: str
) -> None:
    complete = {"image": batch(client, project)["images"][0]["id"], "key": str(uuid4())} | wish
    answer = post(client, project, "annotate", **complete)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert Annotation.objects.count() == 0


def test_what_is_no_json_is_refused(client: Client, project: Project) -> None:
    address = reverse("labeling:annotate", args=[project.pk])
    assert client.post(address, "{", content_type="application/json").status_code == 400
    assert client.post(address, "[1]", content_type="application/json").status_code == 400


def test_an_unknown_reason_to_skip_is_refused(client: Client, project: Project) -> None:
    image = batch(client, project)["images"][0]["id"]
    answer = post(client, project, "skip", image=image, reason="ugly", key=str(uuid4()))
    assert (answer.status_code, Annotation.objects.count()) == (400, 0)


def test_an_image_of_another_project_cannot_be_labelled(client: Client, project: Project) -> None:
    other = add_images(make_project(name="other"), ["123"], labelled=False)[0]
    answer = post(client, project, "annotate", image=other.pk, text="123", key=str(uuid4()))
    assert answer.status_code == 404


def test_somebody_elses_annotation_cannot_be_undone(client: Client, project: Project) -> None:
    image, key = batch(client, project)["images"][0]["id"], str(uuid4())
    post(client, project, "annotate", image=image, text="123", key=key)
    bob = make_user("bob")
    Member.objects.create(project=project, user=bob, role=Role.ANNOTATOR)
    client.force_login(bob)
    assert post(client, project, "undo", key=key).status_code == 400
    assert Image.objects.get(pk=image).text == "123"


def test_a_reload_still_knows_what_was_typed_last(client: Client, project: Project) -> None:
    images = [image["id"] for image in batch(client, project)["images"]]
    keys = [str(uuid4()) for _ in range(3)]
    for image, key, text in zip(images, keys, ("111", "222", "333"), strict=False):
        post(client, project, "annotate", image=image, text=text, key=key)
    post(client, project, "undo", key=keys[1])
    page = client.get(reverse("labeling:label", args=[project.pk]))
    assert [one["text"] for one in page.context["config"]["recent"]] == ["333", "111"]


def test_queries_of_page_and_batch_do_not_depend_on_the_images(
    client: Client, django_assert_num_queries: Any
) -> None:
    owner = make_user("owner")
    client.force_login(owner)
    for name, count in (("few", 2), ("many", 60)):
        project = make_project(owner, name)
        add_images(project, texts(count), labelled=False)
        with django_assert_num_queries(8):
            client.get(reverse("labeling:label", args=[project.pk]))
        with django_assert_num_queries(10):
            batch(client, project)


def test_a_range_of_lengths_shows_its_optional_cells(client: Client) -> None:
    owner = make_user("range")
    client.force_login(owner)
    project = make_project(owner, "range", min_length=2, max_length=4)
    add_images(project, ["12"], labelled=False)
    page = client.get(reverse("labeling:label", args=[project.pk])).content.decode()
    assert page.count('data-label-target="cell"') == 4
    assert page.count("cell-optional") == 2


def test_viewers_cannot_label_and_strangers_see_nothing(client: Client, project: Project) -> None:
    viewer = make_user("viewer")
    client.force_login(viewer)
    assert client.get(reverse("labeling:label", args=[project.pk])).status_code == 404
    Member.objects.create(project=project, user=viewer, role=Role.VIEWER)
    assert client.get(reverse("labeling:label", args=[project.pk])).status_code == 403
    assert post(client, project, "annotate", image=1, text="123", key=str(uuid4())).status_code == 403


def test_an_empty_project_says_what_to_do(client: Client) -> None:
    owner = make_user("empty")
    client.force_login(owner)
    page = client.get(reverse("labeling:label", args=[make_project(owner, "empty").pk])).content.decode()
    assert "Nothing to label yet" in page


def as_member(client: Client, project: Project, name: str) -> Any:
    member = make_member(project, Role.ANNOTATOR, name)
    client.force_login(member)
    return member


def test_two_tabs_are_handed_different_images_and_a_reload_the_same(client: Client, project: Project) -> None:
    address = reverse("labeling:label_batch", args=[project.pk])
    tabs = [str(uuid4()), str(uuid4())]
    batches = [client.get(address, {"page": page}).json()["images"] for page in (*tabs, tabs[0])]
    first, second, reloaded = ([image["id"] for image in images] for images in batches)
    assert not set(first) & set(second)
    assert reloaded == first


def test_a_suggestion_comes_with_its_image_and_its_confirmation_is_kept(
    client: Client, project: Project
) -> None:
    image = project.images.earliest("pk")
    Suggestion.objects.create(image=image, text="123", confidence=0.9, characters=[], model_number=1)
    assert batch(client, project)["images"][0]["suggestion"] == "123"
    wish = {"text": "123", "suggested": "123", "confirmed": True}
    assert post(client, project, "annotate", image=image.pk, key=str(uuid4()), **wish).status_code == 200
    annotation = Annotation.objects.get()
    assert (annotation.source, annotation.suggested) == ("confirmed", "123")


def test_a_text_that_comes_too_late_is_an_extra_reading_and_says_so(client: Client, project: Project) -> None:
    image = project.images.earliest("pk").pk
    wish = {"image": image, "text": "123"}
    assert post(client, project, "annotate", key=str(uuid4()), **wish).json() == {
        "outcome": "saved",
        "message": "",
    }
    as_member(client, project, "late")
    answer = post(client, project, "annotate", key=str(uuid4()), image=image, text="999").json()
    assert answer["outcome"] == "extra"
    assert "Others have read" in answer["message"]
    assert Image.objects.get(pk=image).text == "123"


def test_another_tabs_text_is_replaced_and_the_person_is_told(client: Client, project: Project) -> None:
    image = project.images.earliest("pk").pk
    answers = [
        post(client, project, "annotate", image=image, text=text, key=str(uuid4())).json()
        for text in ("123", "456")
    ]
    assert [answer["outcome"] for answer in answers] == ["saved", "replaced"]
    assert Image.objects.get(pk=image).text == "456"


@pytest.mark.parametrize("name", ["annotate", "skip"])
def test_an_image_that_was_deleted_meanwhile_is_dropped_with_a_sentence(
    client: Client, project: Project, name: str
) -> None:
    image = batch(client, project)["images"][0]["id"]
    Image.objects.filter(pk=image).delete()
    answer = post(client, project, name, image=image, text="123", reason="cut_off", key=str(uuid4()))
    assert answer.status_code == 404
    assert "deleted meanwhile" in answer.json()["error"]


def test_undoing_gives_the_image_to_the_page_that_undoes(client: Client, project: Project) -> None:
    image, key, page = batch(client, project)["images"][0]["id"], str(uuid4()), uuid4()
    post(client, project, "annotate", image=image, text="123", key=key)
    post(client, project, "undo", key=key, page=str(page))
    assert Lease.objects.get(image=image).page == page


def test_others_suggestions_and_texts_are_not_in_a_batch(client: Client) -> None:
    project = make_project(overlap=2)
    [image] = add_images(project, ["123"], labelled=False)
    submit(image=image, user=make_user("first"), key=uuid4(), text="987")
    as_member(client, project, "second")
    [handed] = batch(client, project)["images"]
    assert handed["id"] == image.pk
    assert "987" not in json.dumps(handed)


def test_who_waits_for_other_readers_is_not_told_that_people_hold_the_images(client: Client) -> None:
    project = make_project(overlap=2)
    add_images(project, ["123"], labelled=False)
    as_member(client, project, "alone")
    page = client.get(reverse("labeling:label", args=[project.pk])).content.decode()
    assert "The last images wait for other readers" in page
