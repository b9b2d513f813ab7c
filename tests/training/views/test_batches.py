"""Pages about batches: sending files, progress, filtering thousands of readings, their file."""

import csv
import io
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import Project
from tests.factories import add_images, make_project, make_user, png, texts
from tests.support.streams import content
from tests.training.views.rows import add_batch, add_model, add_run
from training.batch_filters import filtered
from training.models import Model, ModelState, Prediction, ReadingBatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(20), seed=1000)
    return project


@pytest.fixture
def model(project: Project) -> Model:
    return add_model(add_run(project), ModelState.PRODUCTION)


def address(name: str, batch: ReadingBatch, *more: Any) -> str:
    return reverse(f"training:{name}", args=[batch.project_id, batch.pk, *more])


def shown(page: Any) -> list[str]:
    return [card.prediction.name for card in page.context["cards"]]


def names(batch: ReadingBatch, positions: range) -> list[str]:
    rows = batch.readings.filter(position__in=positions).order_by("position")
    return list(rows.values_list("name", flat=True))


def test_files_are_sent_in_parts_and_the_batch_started(
    client: Client, project: Project, model: Model
) -> None:
    opened = client.post(reverse("training:batch_create", args=[project.pk])).json()
    for part in (["a.png", "folder/b.png"], ["c.png"]):
        files = [SimpleUploadedFile("any.png", png("123")) for _ in part]
        answer = client.post(opened["upload_url"], {"files": files, "names": part}).json()
        assert answer == {"files": [{"name": name, "error": ""} for name in part]}
    assert client.post(opened["start_url"]).json() == {"url": opened["url"]}
    batch = ReadingBatch.objects.get()
    assert batch.state == JobState.QUEUED
    assert list(batch.uploads.values_list("name", flat=True)) == ["a.png", "folder/b.png", "c.png"]


def test_files_that_are_sent_again_after_a_broken_request_are_there_once(
    client: Client, project: Project, model: Model
) -> None:
    opened = client.post(reverse("training:batch_create", args=[project.pk])).json()
    for _ in range(2):
        files = [SimpleUploadedFile("any.png", png("123")) for _ in range(2)]
        client.post(opened["upload_url"], {"files": files, "names": ["a.png", "b.png"], "again": "1"})
    assert ReadingBatch.objects.get().uploads.count() == 2


def test_what_cannot_be_sent_or_started_is_said(client: Client, project: Project, model: Model) -> None:
    opened = client.post(reverse("training:batch_create", args=[project.pk])).json()
    assert "no files yet" in client.post(opened["start_url"]).json()["error"]
    file = SimpleUploadedFile("a.png", png("123"))
    assert client.post(opened["upload_url"], {"files": [file]}).status_code == 400
    Model.objects.all().delete()
    refused = client.post(reverse("training:batch_create", args=[project.pk]))
    assert (refused.status_code, "no model yet" in refused.json()["error"]) == (400, True)


def test_pages_of_readings_follow_one_another(client: Client, model: Model) -> None:
    batch = add_batch(model, texts(50))
    first = client.get(address("batch", batch))
    assert shown(first) == names(batch, range(24))
    second = client.get(address("batch", batch) + first.context["page"].next)
    assert shown(second) == names(batch, range(24, 48))
    assert shown(client.get(address("batch", batch) + second.context["page"].previous)) == shown(first)


@pytest.mark.parametrize(
    ("show", "positions"),
    [
        ("to_check", range(5)),
        ("unsure", range(3)),
        ("other_family", range(3, 5)),
        ("failed", range(5, 6)),
        ("sure", range(6, 8)),
        ("checked", range(0)),
        ("nonsense", range(8)),
    ],
)
def test_filters_leave_what_they_say_and_count_it(
    client: Client, model: Model, show: str, positions: range
) -> None:
    batch = add_batch(model, texts(8), verdicts="uuuoof")
    page = client.get(address("batch", batch), {"show": show})
    assert shown(page) == names(batch, positions)
    counts = {each.name: each.count for each in page.context["filters"]}
    assert counts.get(show, counts[""]) == len(positions)


def test_a_filter_stays_on_the_following_pages(client: Client, model: Model) -> None:
    batch = add_batch(model, texts(60), verdicts="us" * 30)
    first = client.get(address("batch", batch), {"show": "unsure"})
    assert shown(first) == names(batch, range(0, 48, 2))
    following = client.get(address("batch", batch) + first.context["page"].next)
    assert shown(following) == names(batch, range(48, 60, 2))


def test_the_page_asks_the_same_number_of_queries_for_any_number_of_readings(
    client: Client, model: Model, django_assert_num_queries: Any
) -> None:
    for count in (2, 200):
        batch = add_batch(model, texts(count, seed=count), verdicts="uo")
        with django_assert_num_queries(8):
            client.get(address("batch", batch))
        with django_assert_num_queries(4):
            client.get(address("batch_progress", batch))


@pytest.mark.parametrize("show", ["", "to_check", "unsure", "failed", "checked"])
def test_an_index_finds_a_page_in_the_midst_of_a_batch_in_its_order(model: Model, show: str) -> None:
    batch = add_batch(model, texts(5))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Of so few rows it would rather look at all, and sort them.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = filtered(batch, show).filter(position__gt=3).order_by("position")[:25].explain().upper()
    assert "INDEX" in plan
    # What sorts has found too much: SQLite's word for it, and PostgreSQL's.
    assert not re.findall("TEMP B-TREE|SORT", plan)


def test_while_a_batch_is_read_its_page_fills_up(client: Client, model: Model) -> None:
    batch = add_batch(model, texts(30), state=JobState.RUNNING)
    Prediction.objects.filter(position__gte=10).delete()
    page = client.get(address("batch", batch))
    tail = page.context["tail"]
    assert (tail.first, tail.room) == (10, 14)
    assert f"from={tail.first}&amp;room={tail.room}" in page.content.decode()
    again = client.get(address("batch_readings", batch), {"from": 10, "room": 14})
    assert (shown(again), again.context["tail"]) == ([], tail)


def test_a_page_that_has_filled_up_leads_to_the_next_one(client: Client, model: Model) -> None:
    batch = add_batch(model, texts(30), state=JobState.RUNNING)
    more = client.get(address("batch_readings", batch), {"from": 10, "room": 14})
    assert shown(more) == names(batch, range(10, 24))
    assert more.context["tail"] is None
    following = client.get(address("batch", batch) + more.context["next"])
    assert shown(following) == names(batch, range(24, 30))


def test_the_end_of_a_batch_ends_the_asking(client: Client, model: Model) -> None:
    batch = add_batch(model, texts(3))
    assert client.get(address("batch", batch)).context["tail"] is None
    assert "every 1s" not in client.get(address("batch_progress", batch)).content.decode()
    more = client.get(address("batch_readings", batch), {"from": "x", "room": "9999"})
    assert (len(shown(more)), more.context["tail"]) == (3, None)


def test_a_check_on_the_page_counts_and_tells_the_progress(client: Client, model: Model) -> None:
    batch = add_batch(model, ["123", "456"], verdicts="uu")
    reading = batch.readings.get(position=0)
    answer = client.post(
        reverse("training:correct_prediction", args=[batch.project_id, reading.pk]), {"text": "128"}
    )
    assert "Corrected to 128" in answer.content.decode()
    assert answer["HX-Trigger"] == "reading-checked"
    assert shown(client.get(address("batch", batch), {"show": "to_check"})) == ["456_1.png"]
    assert shown(client.get(address("batch", batch), {"show": "checked"})) == ["123_0.png"]


def test_a_picture_of_a_batch_is_served(client: Client, model: Model) -> None:
    batch = add_batch(model, ["123", "456"])
    answer = client.get(batch.readings.get(position=1).url)
    assert (answer["Content-Type"], answer.content) == ("image/png", png("456"))


def test_the_file_has_a_line_for_every_image(client: Client, model: Model) -> None:
    batch = add_batch(model, ["123", "456", "789"], verdicts="suf")
    Prediction.objects.filter(position=1).update(name="=SUM(A1)")
    rows = list(
        csv.DictReader(io.StringIO(content(client.get(address("batch_download", batch, "csv"))).decode()))
    )
    assert [(row["text"], row["verdict"], row["error"]) for row in rows] == [
        ("123", "sure", ""),
        ("456", "unsure", ""),
        ("", "", "This is not an image."),
    ]
    assert rows[1]["name"] == "'=SUM(A1)"
    lines = content(client.get(address("batch_download", batch, "jsonl"))).decode().splitlines()
    assert [json.loads(line)["position"] for line in lines] == [0, 1, 2]
    assert json.loads(lines[0])["characters"][0]["text"] == "1"
    assert client.get(address("batch_download", batch, "xls")).status_code == 404


def test_a_batch_is_cancelled_and_deleted(client: Client, model: Model) -> None:
    batch = add_batch(model, ["123"], state=JobState.RUNNING)
    client.post(address("batch_cancel", batch))
    batch.refresh_from_db()
    assert batch.stop_requested
    assert client.post(address("batch_delete", batch)).status_code == 302
    assert not ReadingBatch.objects.exists()


def test_a_failed_batch_says_why_and_goes_on_when_told_so(client: Client, model: Model) -> None:
    batch = add_batch(model, ["123"], state=JobState.FAILED)
    batch.uploads.create(order=0, name="a.png", file="x", size=1)
    ReadingBatch.objects.filter(pk=batch.pk).update(error="The disk is full.")
    assert "The disk is full." in client.get(address("batch", batch)).content.decode()
    client.post(address("batch_resume", batch))
    batch.refresh_from_db()
    assert (batch.state, batch.position) == (JobState.QUEUED, 1)


def test_batches_are_listed_and_drafts_are_not(client: Client, project: Project, model: Model) -> None:
    batch = add_batch(model, ["123"])
    ReadingBatch.objects.create(project=project, model=model)
    page = client.get(reverse("training:batches", args=[project.pk]))
    assert [row.pk for row in page.context["page"].rows] == [batch.pk]
    assert str(batch) in client.get(reverse("training:read", args=[project.pk])).content.decode()
