"""The pages of strength reports, and what they say."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.intervals import Share
from labeling.jobs import JobState
from labeling.models import Project, Role
from tests.factories import add_images, make_member, make_project, make_user, texts
from tests.training.strength_rows import add_report, measured
from training.models import StrengthReport
from training.recognition.comparison import PairedComparison
from training.recognition.curve_point import CurvePoint
from training.strength_measured import Disturbed

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner, "My digits")
    add_images(project, texts(40))
    return project


def address(project: Project, name: str, *more: Any) -> str:
    return reverse(f"training:{name}", args=[project.pk, *more])


def page_of(client: Client, report: StrengthReport) -> str:
    return client.get(report.get_absolute_url()).content.decode()


def test_a_report_says_what_it_takes(client: Client, project: Project) -> None:
    page = page_of(client, add_report(project))
    assert (
        "90 % of the images are read by a machine after 400 labels and 2.0 CPU minutes of training." in page
    )
    assert "not within 400" in page or "by a fit" in page
    assert "2 tries" not in page
    assert "The reader with all labels reads 92.0 % right, so a single try is enough" in page


def test_it_says_which_noise_resists(client: Client, project: Project) -> None:
    page = page_of(client, add_report(project))
    assert "Of the noise that was tried, lines through the text costs even a reader" in page
    assert "Speckle stops only readers that never saw it" in page
    assert "Faint text costs a reader nothing that could be measured" in page
    assert page.count("Until it is learnt") == 1
    assert "not beyond chance" in page
    assert (
        "The half of the images that stands out more clearly is read more often: 99.0 % instead of 82.0 %"
        in page
    )


def test_it_says_which_characters_resist(client: Client, project: Project) -> None:
    page = page_of(client, add_report(project))
    assert "“7” (60.0 %)" in page
    assert "40 of 100" in page


def test_where_no_reader_gets_to_half_of_the_images_there_is_no_number(
    client: Client, project: Project
) -> None:
    page = page_of(client, add_report(project, found=measured(rights=(0, 0, 0))))
    assert "With all 400 labels the reader reads 0.0 % of the test images" in page
    assert page.count("not within 400") == 3
    assert page.count("not measured") >= 3
    assert "Not one test image was read." in page


def test_where_nothing_is_read_nothing_is_said_about_noise(client: Client, project: Project) -> None:
    nothing = PairedComparison(0, 0, 0, 200)
    found = measured(rights=(0, 0, 0), disturbed=(Disturbed("lines", nothing, nothing, 100.0),))
    page = page_of(client, add_report(project, found=found))
    assert "not known: too little is read without it" in page
    assert "there is no reason to add it" not in page
    assert "Read less often than the others" not in page


def test_it_says_whose_training_was_ended_by_the_minutes(client: Client, project: Project) -> None:
    points = tuple(
        CurvePoint(labels, Share(right, 200), 10.0, 10.0, ending)
        for labels, right, ending in ((100, 50, "out of time"), (200, 150, "no longer improving"))
    )
    page = page_of(client, add_report(project, found=measured(points=points)))
    assert "The minutes ended the training of 1 of 2 readers" in page


def test_without_anything_to_share_out_it_says_so(client: Client, project: Project) -> None:
    page = page_of(client, add_report(project, found=measured(halves=())))
    assert "too few, or too alike, to share them out" in page


def test_where_a_gpu_trained_processor_time_says_little(client: Client, project: Project) -> None:
    machine = {"processor": "Some processor", "cores": 2, "devices": ["Some GPU"]}
    assert "Some GPU did most of the training" in page_of(
        client, add_report(project, found=measured(machine=machine))
    )


def test_it_can_be_downloaded(client: Client, project: Project) -> None:
    report = add_report(project)
    data = client.get(address(project, "strength_file", report.number, "json"))
    assert data["Content-Disposition"] == 'attachment; filename="strength-report-1.json"'
    needs = data.json()["needs"]
    assert [(need["target"], need["evidence"], need["labels"]) for need in needs[:2]] == [
        (0.5, "measured", 200),
        (0.9, "measured", 400),
    ]
    words = client.get(address(project, "strength_file", report.number, "md")).content.decode()
    assert words.startswith("# Strength report 1 of My digits")
    assert "| Lines through the text" in words
    assert "{%" not in words
    assert client.get(address(project, "strength_file", report.number, "exe")).status_code == 404


def test_before_it_is_done_there_is_nothing_to_download(client: Client, project: Project) -> None:
    report = add_report(project, JobState.RUNNING)
    assert client.get(address(project, "strength_file", report.number, "json")).status_code == 404


def test_the_page_shows_how_far_a_report_is_and_loads_anew_when_it_has_ended(
    client: Client, project: Project
) -> None:
    report = add_report(
        project, JobState.RUNNING, stage="training on 200 labels", readers=10, readers_done=2, progress=0.5,
        seconds_left=70,
    )  # fmt: skip
    page = page_of(client, report)
    assert "Training on 200 labels" in page
    assert "2 of 10 readers are done, about 1 min 10 s left for this one" in page
    assert 'value="25"' in page
    progress = address(project, "strength_progress", report.number)
    assert "HX-Refresh" not in client.get(progress)
    StrengthReport.objects.update(state=JobState.FAILED, error="The disk is full.")
    assert client.get(progress)["HX-Refresh"] == "true"
    page = page_of(client, report)
    assert "The disk is full." in page
    assert address(project, "resume_strength_report", report.number) in page


def test_a_report_is_asked_for_stopped_and_gone_on_with(client: Client, project: Project) -> None:
    response = client.post(address(project, "start_strength_report"), {"max_minutes": "0.5", "sizes": 4})
    report = StrengthReport.objects.get()
    assert response.url == report.get_absolute_url()
    assert (report.state, report.max_minutes, report.sizes) == (JobState.QUEUED, 0.5, 4)
    client.post(address(project, "stop_strength_report", report.number))
    report.refresh_from_db()
    assert report.state == JobState.STOPPED
    client.post(address(project, "resume_strength_report", report.number))
    report.refresh_from_db()
    assert report.state == JobState.QUEUED
    again = client.post(address(project, "start_strength_report"), {"max_minutes": "1", "sizes": 4})
    assert again.status_code == 422
    assert "Strength report 1 is under way already" in again.content.decode()


@pytest.mark.parametrize(
    "typed", [{"max_minutes": "soon", "sizes": 4}, {"max_minutes": "1", "sizes": 99}, {}]
)
def test_what_makes_no_sense_is_asked_for_again(
    client: Client, project: Project, typed: dict[str, Any]
) -> None:
    response = client.post(address(project, "start_strength_report"), typed)
    assert response.status_code == 422
    assert "field-error" in response.content.decode()
    assert not StrengthReport.objects.exists()


def test_viewers_look_and_start_nothing(client: Client, project: Project) -> None:
    report = add_report(project)
    client.force_login(make_member(project, Role.VIEWER))
    assert "What it takes" in page_of(client, report)
    listed = client.get(address(project, "strength_reports")).content.decode()
    assert report.get_absolute_url() in listed
    assert "Measure the strength" not in listed


def test_the_pages_ask_the_same_number_of_queries_for_1_and_for_4_reports(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    for count in (1, 3):
        for _ in range(count):
            report = add_report(project)
        with django_assert_num_queries(6):
            page_of(client, report)
        with django_assert_num_queries(7):
            client.get(address(project, "strength_reports"))


def test_over_http_a_report_comes_with_all_that_the_page_shows(client: Client, project: Project) -> None:
    base = f"/api/v1/projects/{project.pk}/strength-reports"
    asked = client.post(base, {"max_minutes": 1, "sizes": 3}, content_type="application/json")
    assert (asked.status_code, asked.json()["state"], asked.json()["report"]) == (202, "queued", None)
    assert client.post(f"{base}/1/stop").json()["state"] == "stopped"
    assert client.post(f"{base}/1/resume").json()["state"] == "queued"
    client.post(f"{base}/1/stop")
    report = add_report(project)
    told = client.get(f"{base}/{report.number}").json()["report"]
    assert told["headline"].startswith("90 % of the images")
    assert [row["resists"] for row in told["noise"]] == [True, False, False]
    assert [row["number"] for row in client.get(base).json()["items"]] == [2, 1]
    refused = client.post(base, {"sizes": 1}, content_type="application/json")
    assert refused.status_code == 422
