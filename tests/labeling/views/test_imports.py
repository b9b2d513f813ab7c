"""Importing through the pages: names checked beforehand, files in batches, progress, outcomes."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import Image, Import, ImportFile, Outcome, Project
from labeling.services.import_work import run_import
from tests.factories import add_images, make_project, make_user, png, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    return make_project(owner)


def create(client: Client, project: Project, source: str = "filename") -> dict[str, Any]:
    response = client.post(reverse("labeling:import_create", args=[project.pk]), {"label_source": source})
    assert response.status_code == 201
    return response.json()


def send(client: Client, batch: dict[str, Any], files: dict[str, bytes], **more: str) -> Any:
    uploads = [SimpleUploadedFile(name.rsplit("/", 1)[-1], data) for name, data in files.items()]
    return client.post(batch["upload_url"], {"names": list(files), "files": uploads, **more})


def test_files_sent_in_two_requests_become_images_with_an_outcome_each(
    client: Client, project: Project
) -> None:
    batch = create(client, project)
    assert send(client, batch, {"123.png": png("123"), "45.png": png("45")}).status_code == 200
    send(client, batch, {"sub/678.png": png("678"), "bad.png": b"nothing"})
    assert client.post(batch["start_url"]).json() == {"url": batch["url"]}
    run_import(batch["id"])

    assert sorted(Image.objects.values_list("text", flat=True)) == ["", "123", "678"]
    page = client.get(batch["url"]).content.decode()
    assert "expects 3" in page
    rejected = client.get(batch["url"] + "?outcome=rejected")
    assert [file.name for file in rejected.context["page"].rows] == ["bad.png"]


def test_folder_names_give_texts(client: Client, project: Project) -> None:
    batch = create(client, project, "folder")
    send(client, batch, {"train/321/a.png": png("321")})
    client.post(batch["start_url"])
    run_import(batch["id"])
    assert Image.objects.get().text == "321"


def test_a_request_that_is_sent_again_brings_nothing_twice(client: Client, project: Project) -> None:
    batch = create(client, project)
    files = {"123.png": png("123"), "456.png": png("456")}
    send(client, batch, {"123.png": files["123.png"]})
    send(client, batch, files, again="1")
    assert sorted(Import.objects.get().uploads.values_list("name", flat=True)) == ["123.png", "456.png"]


def test_a_file_that_comes_too_late_is_refused_by_name(client: Client, project: Project) -> None:
    batch = create(client, project)
    send(client, batch, {"123.png": png("123")})
    client.post(batch["start_url"])
    [answer] = send(client, batch, {"456.png": png("456")}).json()["files"]
    assert answer["name"] == "456.png"
    assert "already started" in answer["error"]


def test_an_import_without_files_does_not_start(client: Client, project: Project) -> None:
    batch = create(client, project)
    response = client.post(batch["start_url"])
    assert response.status_code == 400
    assert "no files yet" in response.json()["error"]


def test_an_unknown_label_source_is_refused(client: Client, project: Project) -> None:
    response = client.post(reverse("labeling:import_create", args=[project.pk]), {"label_source": "magic"})
    assert response.status_code == 400
    assert "magic" in response.json()["error"]


def test_names_are_checked_before_anything_is_uploaded(client: Client, project: Project) -> None:
    address = reverse("labeling:import_check", args=[project.pk])

    def outlook(source: str, *names: str) -> list[tuple[str, str]]:
        wish = json.dumps({"label_source": source, "names": names})
        files = client.post(address, wish, content_type="application/json").json()["files"]
        return [(file["text"], file["problem"]) for file in files]

    [(text, problem), (no_text, why)] = outlook("filename", "123_2.png", "12.png")
    assert (text, problem, no_text) == ("123", "", "")
    assert "expects 3" in why
    assert outlook("folder", "456/x.png") == [("456", "")]
    assert "no folder" in outlook("folder", "x.png")[0][1]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"label_source": "magic", "names": []}',
        '{"label_source": "csv", "names": []}',
        '{"label_source": "filename", "names": 3}',
    ],
)
def test_a_malformed_check_is_answered_with_a_sentence(client: Client, project: Project, body: str) -> None:
    response = client.post(
        reverse("labeling:import_check", args=[project.pk]), body, content_type="application/json"
    )
    assert response.status_code == 400
    assert response.json()["error"]


def test_progress_polls_while_active_and_reloads_the_page_at_the_end(
    client: Client, project: Project
) -> None:
    batch = create(client, project)
    send(client, batch, {"123.png": png("123")})
    client.post(batch["start_url"])
    address = reverse("labeling:import_progress", args=[project.pk, batch["id"]])
    waiting = client.get(address)
    assert "every 1s" in waiting.content.decode()
    assert "HX-Refresh" not in waiting
    run_import(batch["id"])
    ended = client.get(address)
    assert "every 1s" not in ended.content.decode()
    assert ended["HX-Refresh"] == "true"


def test_stopping_a_waiting_import_leaves_the_queue(client: Client, project: Project) -> None:
    batch = create(client, project)
    send(client, batch, {"123.png": png("123")})
    client.post(batch["start_url"])
    client.post(reverse("labeling:import_stop", args=[project.pk, batch["id"]]))
    assert Import.objects.get().state == JobState.STOPPED


def test_outcomes_are_paged_with_a_fixed_number_of_queries(
    client: Client, project: Project, django_assert_num_queries
) -> None:
    for count in (3, 250):
        batch = Import.objects.create(
            project=project, label_source="none", state=JobState.DONE, position=count
        )
        ImportFile.objects.bulk_create(
            ImportFile(
                import_batch=batch, position=i, name=f"{text}.png", outcome=Outcome.REJECTED, message="Empty."
            )
            for i, text in enumerate(texts(count))
        )
        with django_assert_num_queries(8):
            response = client.get(batch.get_absolute_url())
        assert len(response.context["page"].rows) == min(count, 100)
    last = client.get(batch.get_absolute_url() + "?after=199")
    assert [file.position for file in last.context["page"].rows] == list(range(200, 250))


def test_whether_splits_are_kept_is_taken_from_the_form(client: Client, project: Project) -> None:
    address = reverse("labeling:import_create", args=[project.pk])
    for sent, kept in (({}, True), ({"keep_splits": "1"}, True), ({"keep_splits": "0"}, False)):
        batch = client.post(address, {"label_source": "folder", **sent}).json()
        assert Import.objects.get(pk=batch["id"]).keep_splits is kept


def test_a_table_alone_labels_images_and_lists_what_it_names_in_vain(
    client: Client, project: Project
) -> None:
    add_images(project, ["123"], labelled=False)
    batch = create(client, project, "csv")
    send(client, batch, {"labels.csv": b"123_0.png,123\nnowhere.png,456\n"})
    client.post(batch["start_url"])
    run_import(batch["id"])
    assert Image.objects.get().text == "123"
    page = client.get(batch["url"] + "?outcome=rejected").content.decode()
    assert "nowhere.png" in page
    assert "Import its picture, or correct the name." in page
