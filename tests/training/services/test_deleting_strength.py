"""Deleting a strength report, by page and over HTTP, after a look at what goes with it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Image, Project, Role
from tests.factories import add_images, make_member, make_project, texts
from tests.training.strength_rows import add_report
from training.leftovers import studies_folder
from training.models import StrengthReport
from training.services.deleting_strength import delete_report, report_contents
from training.services.strength import start_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(40))
    return project


def unfinished_report(project: Project, state: JobState = JobState.STOPPED, **changes: Any) -> StrengthReport:
    """A report that has trained 2 readers, of which 8 bytes wait on the disk for it to go on."""
    folder = studies_folder(project.pk) / "abc" / "labels-20"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "last.npz").write_bytes(b"12345678")
    return add_report(project, state, study="abc", readers_done=2, **changes)


def address(report: StrengthReport) -> str:
    return reverse("training:delete_strength_report", args=[report.project_id, report.number])


def test_the_preview_counts_what_goes(project: Project) -> None:
    measured = report_contents(add_report(project, readers_done=7))
    assert (measured.is_measured, measured.readers, measured.checkpoint_bytes) == (True, 7, 0)
    unfinished = report_contents(unfinished_report(project))
    assert (unfinished.is_measured, unfinished.readers, unfinished.checkpoint_bytes) == (False, 2, 8)


def test_a_report_goes_with_its_readers_and_images_and_labels_stay(
    project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    report = unfinished_report(project)
    with django_capture_on_commit_callbacks(execute=True):
        delete_report(report=report, user=project.created_by)
    assert not StrengthReport.objects.exists()
    assert list(studies_folder(project.pk).iterdir()) == []
    assert Image.objects.filter(text__gt="").count() == 40
    entry = project.audit_entries.first()
    assert (entry.action, entry.target, entry.user) == (
        "strength_deleted",
        "Strength report 1",
        project.created_by,
    )


def test_readers_that_another_unfinished_report_goes_on_with_stay(
    project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = unfinished_report(project), unfinished_report(project, JobState.FAILED)
    assert report_contents(first).checkpoint_bytes == 0
    with django_capture_on_commit_callbacks(execute=True):
        delete_report(report=first, user=None)
    assert report_contents(second).checkpoint_bytes == 8


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_a_report_under_way_is_stopped_first(project: Project, state: JobState) -> None:
    report = add_report(project, state)
    with pytest.raises(Refused, match=f"is {state}: stop it first"):
        delete_report(report=report, user=None)
    assert StrengthReport.objects.exists()


def test_the_number_of_a_deleted_report_is_never_given_again(project: Project) -> None:
    for number in (1, 2):
        report = add_report(project)
        assert report.number == number
        delete_report(report=report, user=None)
    assert start_report(project=project, user=None, here=True).number == 3


def test_the_page_says_what_goes_and_deletes_it(client: Client, project: Project) -> None:
    client.force_login(project.created_by)
    report = unfinished_report(project)
    assert address(report) in client.get(report.get_absolute_url()).content.decode()
    page = client.get(address(report)).content.decode()
    assert "2 trained readers" in page
    assert "8\xa0bytes" in page
    response = client.post(address(report), follow=True)
    assert "Strength report 1 is deleted." in response.content.decode()
    assert not StrengthReport.objects.exists()


def test_the_page_of_a_measured_report_asks_to_keep_its_file(client: Client, project: Project) -> None:
    client.force_login(project.created_by)
    page = client.get(address(add_report(project, readers_done=7))).content.decode()
    assert "with what 7 readers came to" in page
    assert "Download one of them first to keep it." in page


def test_the_page_of_a_report_under_way_asks_to_stop_it(client: Client, project: Project) -> None:
    client.force_login(project.created_by)
    report = add_report(project, JobState.RUNNING)
    assert address(report) not in client.get(report.get_absolute_url()).content.decode()
    page = client.get(address(report)).content.decode()
    assert "Strength report 1 is running." in page
    assert "disabled" in page
    assert "stop it first" in client.post(address(report), follow=True).content.decode()
    assert StrengthReport.objects.exists()


def test_only_owners_see_the_way_to_delete(client: Client, project: Project) -> None:
    client.force_login(make_member(project, Role.REVIEWER))
    report = add_report(project)
    assert address(report) not in client.get(report.get_absolute_url()).content.decode()
    assert client.post(address(report)).status_code == 403


def test_a_report_is_deleted_over_http(client: Client, project: Project) -> None:
    client.force_login(project.created_by)
    report = add_report(project, readers_done=7)
    route = f"/api/v1/projects/{project.pk}/strength-reports/{report.number}"
    assert client.get(f"{route}/contents").json() == {
        "is_measured": True,
        "readers": 7,
        "checkpoint_bytes": 0,
    }
    assert client.delete(route).status_code == 204
    assert client.get(route).status_code == 404
    running = add_report(project, JobState.RUNNING)
    refused = client.delete(f"/api/v1/projects/{project.pk}/strength-reports/{running.number}")
    assert (refused.status_code, "stop it first" in refused.json()["detail"]) == (422, True)
