"""Exporting through the pages: formats with their options, progress, the file, and who may."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import Export, Member, Project, Role
from labeling.services.export_work import run_export
from labeling.services.exports import create_export
from tests.factories import add_images, make_project, make_user, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner, "My digits")
    add_images(project, texts(12))
    return project


def address(project: Project, name: str = "exports", *more: int) -> str:
    return reverse(f"labeling:{name}", args=[project.pk, *more])


def ask(client: Client, project: Project, **fields: Any) -> Export:
    response = client.post(address(project), fields)
    assert response.status_code == 302, response.content.decode()
    return Export.objects.get()


def test_the_page_offers_every_format_with_its_options(client: Client, project: Project) -> None:
    page = client.get(address(project)).content.decode()
    for title in ("Dataset", "File names", "Folders of characters", "JSON", "Label Studio", "Table"):
        assert f'<span class="choice-title">{title}</span>' in page
    for field in ("table-kind", "dataset-dataset", "folders-cuts", "label_studio-annotators"):
        assert f'name="{field}"' in page
    assert "None yet." in page


def test_an_export_is_written_and_downloaded_under_a_name_that_tells_what_it_is(
    client: Client, project: Project
) -> None:
    export = ask(client, project, format="table", **{"table-kind": "tsv"})
    assert (export.options["kind"], export.options["pictures"]) == ("tsv", False)
    file = address(project, "export_file", export.pk)
    assert client.get(file).status_code == 404
    run_export(export.pk)
    assert "Download" in client.get(export.get_absolute_url()).content.decode()
    answer = client.get(file)
    assert answer["Content-Disposition"] == f'attachment; filename="my-digits-table-{export.pk}.tsv"'
    assert b"".join(answer.streaming_content).startswith(b"filename\ttext\tsha256\n")


def test_progress_polls_while_active_and_reloads_the_page_at_the_end(
    client: Client, project: Project
) -> None:
    export = ask(client, project, format="json")
    progress = address(project, "export_progress", export.pk)
    waiting = client.get(progress)
    assert "every 1s" in waiting.content.decode()
    assert "HX-Refresh" not in waiting
    Export.objects.update(state=JobState.RUNNING, done=6)
    assert "6 of 12 images" in client.get(progress).content.decode()
    Export.objects.update(state=JobState.QUEUED)
    run_export(export.pk)
    assert client.get(progress)["HX-Refresh"] == "true"


def test_an_interrupted_export_never_offers_a_file(client: Client, project: Project) -> None:
    export = ask(client, project, format="json")
    for state in (JobState.RUNNING, JobState.STOPPED, JobState.FAILED):
        Export.objects.update(state=state, file="projects/1/exports/1/half.json")
        assert client.get(address(project, "export_file", export.pk)).status_code == 404
        assert "Download" not in client.get(export.get_absolute_url()).content.decode()


def test_a_stopped_export_says_that_nothing_was_kept_and_can_be_started_again(
    client: Client, project: Project
) -> None:
    export = ask(client, project, format="json")
    client.post(address(project, "export_stop", export.pk))
    assert "none was kept" in client.get(export.get_absolute_url()).content.decode()
    client.post(address(project, "export_restart", export.pk))
    assert Export.objects.get().state == JobState.QUEUED


def test_a_file_that_is_gone_from_the_storage_is_said_to_be(client: Client, project: Project) -> None:
    export = ask(client, project, format="json")
    run_export(export.pk)
    default_storage.delete(Export.objects.get().file.name)
    assert "missing from the storage" in client.get(export.get_absolute_url()).content.decode()
    assert client.get(address(project, "export_file", export.pk)).status_code == 404


def test_an_export_can_be_deleted(client: Client, project: Project) -> None:
    export = ask(client, project, format="json")
    run_export(export.pk)
    assert client.post(address(project, "export_delete", export.pk)).url == address(project)
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"format": "excel"}, "no format"),
        ({}, "Some options do not work"),
        ({"format": "table", "table-kind": "xlsx"}, "Some options do not work"),
    ],
)
def test_what_cannot_be_exported_is_said_on_the_page(
    client: Client, project: Project, fields: dict[str, str], says: str
) -> None:
    response = client.post(address(project), fields)
    assert response.status_code == 422
    assert says in response.content.decode()


def test_a_project_without_labels_says_what_to_do(client: Client) -> None:
    owner = make_user("eve")
    client.force_login(owner)
    empty = make_project(owner, "empty")
    response = client.post(address(empty), {"format": "filenames"})
    assert response.status_code == 422
    assert "Label some first" in response.content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [(Role.VIEWER, 403), (Role.ANNOTATOR, 403), (Role.REVIEWER, 200), (None, 404)]
)
def test_exports_are_for_reviewers_and_owners(
    client: Client, project: Project, role: Role | None, status: int
) -> None:
    export = create_export(project=project, user=project.created_by, format="json")
    run_export(export.pk)
    other = make_user("bea")
    if role is not None:
        Member.objects.create(project=project, user=other, role=role)
    client.force_login(other)
    for name, *more in (("exports",), ("export", export.pk), ("export_file", export.pk)):
        assert client.get(address(project, name, *more)).status_code == status, name
    images = client.get(address(project, "images"))
    if role is not None:
        assert (address(project) in images.content.decode()) == (status == 200)


def test_the_list_asks_the_same_number_of_queries_for_3_and_for_20_exports(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    seen = []
    for count in (3, 17):
        for _ in range(count):
            create_export(project=project, user=project.created_by, format="json")
        with django_assert_num_queries(7):
            page = client.get(address(project))
        seen.append(len(page.context["lines"]))
    assert seen == [3, 20]
