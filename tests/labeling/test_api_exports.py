"""Exporting over HTTP."""

import io
import zipfile
from typing import Any

import pytest
from django.test import Client

from labeling.models import Export, Member, Project, Role
from labeling.services.export_work import run_export
from tests.factories import add_images, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, ["123", "456"])
    return project


def post(client: Client, project: Project, body: dict[str, Any]) -> Any:
    return client.post(f"/api/v1/projects/{project.pk}/exports", body, content_type="application/json")


def test_an_export_is_asked_for_polled_downloaded_and_deleted(client: Client, project: Project) -> None:
    answer = post(client, project, {"format": "table", "options": {"kind": "tsv"}})
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["total"]) == ("queued", 2)
    address = f"/api/v1/projects/{project.pk}/exports/{answer.json()['id']}"
    assert client.get(f"{address}/file").status_code == 404
    run_export(answer.json()["id"])
    assert client.get(address).json()["state"] == "done"
    file = io.BytesIO(b"".join(client.get(f"{address}/file").streaming_content))
    assert "labels.tsv" in zipfile.ZipFile(file).namelist()
    assert client.delete(address).status_code == 204
    assert not Export.objects.exists()


def test_the_formats_and_their_options_are_told(client: Client, project: Project) -> None:
    answer = client.get(f"/api/v1/projects/{project.pk}/formats").json()
    formats = {one["name"]: one for one in answer["items"]}
    assert formats["table"]["options"] == ["kind", "pictures", "unlabelled"]
    assert formats["dataset"]["options"] == ["dataset", "annotators"]


def test_an_unknown_format_is_refused_with_the_known_ones(client: Client, project: Project) -> None:
    answer = post(client, project, {"format": "excel"})
    assert answer.status_code == 422
    assert "label_studio" in answer.json()["detail"]


def test_annotators_may_not_export(client: Client, project: Project) -> None:
    other = make_user("bea")
    Member.objects.create(project=project, user=other, role=Role.ANNOTATOR)
    client.force_login(other)
    assert post(client, project, {"format": "table"}).status_code == 403
    assert client.get(f"/api/v1/projects/{project.pk}/formats").status_code == 403
