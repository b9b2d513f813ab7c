"""Lists of the API: pages by cursor, and what there is to list."""

import base64
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from labeling.api_paging import read_cursor, write_cursor
from labeling.errors import Refused
from labeling.models import AuditEntry, Image, Project, Role
from labeling.services.annotations import submit
from tests.factories import add_images, make_member, make_project, make_user, png, texts
from tests.training.views.rows import add_model, add_prediction, add_run
from training.models import DatasetVersion, Epoch

database = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    project = make_project(make_user("owner"))
    client.force_login(project.created_by)
    return project


def get(client: Client, project: Project, path: str) -> Any:
    return client.get(f"/api/v1/projects/{project.pk}{path}").json()


@database
def test_pages_follow_each_other_until_there_is_no_next_one(client: Client, project: Project) -> None:
    images = add_images(project, texts(7))
    found, cursor, pages = [], "", 0
    while cursor is not None:
        page = get(client, project, f"/images?limit=3&cursor={cursor}")
        found += [one["id"] for one in page["items"]]
        cursor, pages = page["next"], pages + 1
    assert found == [image.pk for image in images]
    assert pages == 3


@database
def test_a_last_page_that_is_full_has_no_next_one(client: Client, project: Project) -> None:
    add_images(project, texts(6))
    assert get(client, project, "/images?limit=6")["next"] is None


@database
@pytest.mark.parametrize("cursor", ["x", "🙂", "LTk5", base64.b64encode(b"1e5").decode(), "A" * 200])
def test_what_is_no_cursor_is_refused(client: Client, project: Project, cursor: str) -> None:
    answer = client.get(f"/api/v1/projects/{project.pk}/images?cursor={cursor}")
    assert answer.status_code == 422
    assert "no cursor" in answer.json()["detail"]


@database
@pytest.mark.parametrize("limit", ["0", "-1", "501", "many"])
def test_a_limit_that_makes_no_sense_is_refused(client: Client, project: Project, limit: str) -> None:
    assert client.get(f"/api/v1/projects/{project.pk}/images?limit={limit}").status_code == 422


@given(st.integers(-1, 2**63 - 1))
def test_a_cursor_leads_back_to_its_place(place: int) -> None:
    assert read_cursor(write_cursor(place)) == place


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_cursors(text: str) -> None:
    try:
        assert -1 <= read_cursor(text) < 2**63
    except Refused as refusal:
        assert "no cursor" in str(refusal)


@database
def test_a_project_tells_how_its_images_stand(client: Client, project: Project) -> None:
    add_images(project, texts(3))
    add_images(project, texts(2), labelled=False, seed=50)
    said = get(client, project, "")
    assert said["images"] == {"total": 5, "unlabelled": 2, "labelled": 3, "disputed": 0, "skipped": 0}


@database
def test_images_are_filtered_by_status_and_text(client: Client, project: Project) -> None:
    add_images(project, ["123", "123", "456"])
    add_images(project, ["789"], labelled=False)
    assert [one["text"] for one in get(client, project, "/images?text=123")["items"]] == ["123", "123"]
    [waiting] = get(client, project, "/images?status=unlabelled")["items"]
    assert (waiting["text"], waiting["bytes"] > 0) == ("", True)
    assert get(client, project, f"/images/{waiting['id']}") == waiting
    assert client.get(f"/api/v1/projects/{project.pk}/images?status=odd").status_code == 422


@database
def test_what_was_said_is_listed_by_image_and_person(client: Client, project: Project) -> None:
    first, second = add_images(project, ["123", "456"], labelled=False)
    ada = make_member(project, Role.ANNOTATOR, "ada")
    submit(image=first, user=ada, text="123", key=uuid4())
    submit(image=second, user=project.created_by, text="456", key=uuid4())
    items = get(client, project, "/annotations")["items"]
    assert [(one["annotator"], one["text"], one["source"]) for one in items] == [
        ("owner", "456", "typed"),
        ("ada", "123", "typed"),
    ]
    assert get(client, project, f"/annotations?image={first.pk}")["items"] == items[1:]
    assert get(client, project, "/annotations?annotator=owner")["items"] == items[:1]


@database
def test_nobody_is_shown_what_others_said_before_all_have(client: Client) -> None:
    project = make_project(overlap=2)
    [image] = add_images(project, ["123"], labelled=False)
    ada, bob = (make_member(project, Role.ANNOTATOR, name) for name in ("ada", "bob"))
    submit(image=image, user=ada, text="123", key=uuid4())
    client.force_login(bob)
    assert get(client, project, "/annotations")["items"] == []
    client.force_login(ada)
    assert len(get(client, project, "/annotations")["items"]) == 1
    submit(image=image, user=bob, text="123", key=uuid4())
    assert len(get(client, project, "/annotations")["items"]) == 2


@database
def test_a_dataset_version_is_frozen_shown_and_listed_with_its_items(
    client: Client, project: Project
) -> None:
    add_images(project, texts(20))
    made = client.post(f"/api/v1/projects/{project.pk}/datasets")
    assert made.status_code == 201
    number = made.json()["number"]
    again = client.post(f"/api/v1/projects/{project.pk}/datasets").json()
    assert again == made.json()
    assert get(client, project, "/datasets")["items"] == [made.json()]
    assert get(client, project, f"/datasets/{number}") == made.json()
    items = get(client, project, f"/datasets/{number}/items")["items"]
    assert len(items) == 20
    tests = get(client, project, f"/datasets/{number}/items?split=test")["items"]
    assert [one["split"] for one in tests] == ["test"] * made.json()["test_count"]
    assert AuditEntry.objects.filter(action="dataset_frozen").count() == 2


@database
def test_too_few_labels_are_not_frozen(client: Client, project: Project) -> None:
    add_images(project, texts(3))
    answer = client.post(f"/api/v1/projects/{project.pk}/datasets")
    assert answer.status_code == 422
    assert not DatasetVersion.objects.exists()


@database
def test_the_epochs_of_a_run_come_in_order(client: Client, project: Project) -> None:
    add_images(project, texts(40))
    run = add_run(project)
    numbers = list(Epoch.objects.filter(run=run).order_by("number").values_list("number", flat=True))
    assert numbers
    assert [one["number"] for one in get(client, project, f"/runs/{run.number}/epochs")["items"]] == numbers


@database
def test_a_run_that_is_over_is_told_by_its_events_at_once(client: Client, project: Project) -> None:
    add_images(project, texts(40))
    run = add_run(project)
    answer = client.get(f"/api/v1/projects/{project.pk}/runs/{run.number}/events")
    assert answer["Content-Type"] == "text/event-stream"
    assert client.get(f"/api/v1/projects/{project.pk}/runs/99/events").status_code == 404


@database
def test_a_kept_reading_is_listed_and_corrected(client: Client, project: Project) -> None:
    add_images(project, texts(40))
    prediction = add_prediction(add_model(add_run(project)))
    [listed] = get(client, project, "/predictions")["items"]
    assert (listed["id"], listed["text"], listed["image"]) == (prediction.pk, prediction.text, None)
    wish = {"prediction": prediction.pk, "text": "987"}
    made = client.post(f"/api/v1/projects/{project.pk}/corrections", wish, content_type="application/json")
    assert (made.status_code, made.json()["text"]) == (201, "987")
    prediction.refresh_from_db()
    assert prediction.image_id == made.json()["image"]


@database
def test_a_picture_that_was_misread_becomes_an_image_with_its_right_text(
    client: Client, project: Project
) -> None:
    data = base64.b64encode(png("123", seed=5)).decode()
    address = f"/api/v1/projects/{project.pk}/corrections"
    for image in (data, f"data:image/png;base64,{data}"):
        wish = {"image": image, "text": "123", "name": "a.png"}
        made = client.post(address, wish, content_type="application/json")
        assert made.status_code == 201
    image = Image.objects.get()
    assert (image.text, image.name, image.status) == ("123", "a.png", "labelled")


@database
@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"text": "123"}, "Send either"),
        ({"text": "123", "prediction": 1, "image": "AAAA"}, "Send either"),
        ({"text": "123", "image": "not base64!"}, "no Base64"),
        ({"text": "123", "image": "AAAA"}, "cannot be read as a picture"),
        ({"text": "12x", "image": base64.b64encode(png("123")).decode()}, "not in the alphabet"),
    ],
)
def test_a_correction_that_makes_no_sense_says_why(
    client: Client, project: Project, wish: dict[str, Any], sentence: str
) -> None:
    answer = client.post(f"/api/v1/projects/{project.pk}/corrections", wish, content_type="application/json")
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]
    assert not Image.objects.exists()


@database
@pytest.mark.parametrize(
    "path", ["/imports", "/images", "/annotations", "/datasets", "/runs", "/searches", "/models", "/promotions",
             "/predictions", "/people", "/invitations", "/audit", "/exports", "/formats", "/review"],
)  # fmt: skip
def test_every_list_has_the_same_shape(client: Client, project: Project, path: str) -> None:
    answer = get(client, project, path)
    assert {"items", "next"} <= set(answer)
    assert isinstance(answer["items"], list)
