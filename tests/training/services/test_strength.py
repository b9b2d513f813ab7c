"""Strength reports: asking for one, measuring it for real with a forest, stopping it, going on."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Image, ImageStatus, Project
from tests.factories import add_images, make_project
from tests.training.strength_rows import add_report
from training.leftovers import report_folder, studies_folder
from training.models import StrengthReport
from training.recognition.disturbances import DISTURBANCES
from training.services import strength_work
from training.services.strength import go_on, start_report, stop_report
from training.services.strength_work import measure
from training.strength_details import StrengthDetails, strength_details
from training.tasks import requeue_abandoned_curves

# The heart of a report beats in a thread of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    project = make_project(alphabet="01", min_length=2, max_length=2)
    add_images(project, [f"{number % 2}{number // 2 % 2}" for number in range(300)])
    return project


def start(project: Project, **wish: Any) -> StrengthReport:
    return start_report(
        project=project, user=project.created_by, **{"architecture": "random_forest", "sizes": 3} | wish
    )


def details_of(report: StrengthReport) -> StrengthDetails:
    report = StrengthReport.objects.select_related("project").get(pk=report.pk)
    assert (report.state, report.error) == (JobState.DONE, "")
    details = strength_details(report)
    assert details is not None
    return details


def test_a_report_has_everything_of_the_same_test_images(project: Project) -> None:
    report = start(project)
    assert measure(report.pk)
    details = details_of(report)
    dataset = project.dataset_versions.get()
    assert [point.labels for point in details.points] == sorted({point.labels for point in details.points})
    assert details.best.labels == dataset.train_count + dataset.validation_count
    assert {point.test.n for point in details.points} == {dataset.test_count}
    assert all(point.cpu_seconds > 0 for point in details.points)
    assert details.characters_together.n == 2 * dataset.test_count
    assert [each.name for each in details.measured.disturbed] == [each.name for each in DISTURBANCES]
    for each in details.measured.disturbed:
        assert each.unseen.first == each.learnt.first == details.best.test
        assert each.cpu_seconds > 0
    assert details.measured.machine["cores"] >= 1
    assert details.measured.halves
    assert {row.below.n + row.above.n for row in details.measured.halves} == {dataset.test_count}
    report.refresh_from_db()
    assert (report.readers, report.readers_done) == (len(details.points) + 4, len(details.points) + 4)
    # Nothing is left to clean up.
    assert not list(studies_folder(project.pk).iterdir())
    assert json.loads(json.dumps(details.to_json())) == details.to_json()


def test_it_is_written_down_who_asked(project: Project) -> None:
    start(project)
    entry = project.audit_entries.first()
    assert (entry.action, entry.target, entry.user) == (
        "strength_started",
        "Strength report 1",
        project.created_by,
    )


def test_one_report_at_a_time(project: Project) -> None:
    start(project)
    with pytest.raises(Refused, match="Strength report 1 is under way already"):
        start(project)


@pytest.mark.parametrize(
    "wish", [{"sizes": 1}, {"sizes": 13}, {"max_minutes": 0}, {"max_minutes": float("nan")}, {"seed": -1}]
)
def test_a_wish_that_cannot_work_is_refused(project: Project, wish: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        start(project, **wish)
    assert not StrengthReport.objects.exists()


def test_an_unknown_architecture_is_refused(project: Project) -> None:
    with pytest.raises(Refused, match="crystal_ball"):
        start(project, architecture="crystal_ball")


def test_without_labels_there_is_nothing_to_measure(project: Project) -> None:
    Image.objects.filter(project=project).update(status=ImageStatus.UNLABELLED, text="")
    with pytest.raises(Refused, match="labelled images"):
        start(project)


def test_a_message_that_comes_twice_measures_once(project: Project) -> None:
    report = start(project)
    assert measure(report.pk)
    assert not measure(report.pk)


def test_what_was_queued_is_sent_again_and_what_a_dead_worker_left_is_queued(project: Project) -> None:
    report = start(project)
    assert report.claim_for_work()
    StrengthReport.objects.filter(pk=report.pk).update(worker="elsewhere:1", heartbeat_at="2020-01-01T00:00Z")
    requeue_abandoned_curves()
    report.refresh_from_db()
    assert report.state == JobState.QUEUED


def test_a_report_that_was_interrupted_goes_on_where_it_was(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = start(project)
    listener = strength_work._StrengthListener
    begin, stages = listener.begin, []

    def begin_and_stop(self: Any, stage: str) -> Any:
        stages.append(stage)
        if len(stages) == 4:
            stop_report(report=report, user=None)
            # So that the next step of the forest looks, however shortly after the one before.
            self._written_at = 0.0
        return begin(self, stage)

    monkeypatch.setattr(listener, "begin", begin_and_stop)
    measure(report.pk)
    report.refresh_from_db()
    assert (report.state, report.measured, report.error) == (JobState.STOPPED, None, "")
    assert report.readers_done == 3
    # What deleting it would take away.
    assert report_folder(report).is_dir()
    go_on(report=report, user=project.created_by)
    measure(report.pk)
    assert details_of(report).best.test.n == project.dataset_versions.get().test_count
    # The readers that were done took nothing more.
    assert stages[0] == stages[4]


def test_a_queued_report_stops_at_once(project: Project) -> None:
    report = start(project)
    stop_report(report=report, user=None)
    assert report.state == JobState.STOPPED
    assert project.audit_entries.first().action == "strength_stopped"
    assert not measure(report.pk)


def test_a_report_that_is_done_does_not_go_on(project: Project) -> None:
    with pytest.raises(Refused, match="is done"):
        go_on(report=add_report(project), user=None)


def test_what_cannot_be_measured_says_why(project: Project) -> None:
    report = start(project)
    Image.objects.filter(project=project).update(status=ImageStatus.UNLABELLED, text="")
    measure(report.pk)
    report.refresh_from_db()
    assert report.state == JobState.FAILED
    assert "label" in report.error


def test_the_command_measures_and_answers_in_json(project: Project) -> None:
    out = io.StringIO()
    call_command(
        "strength_report",
        project.name,
        "--architecture",
        "random_forest",
        "--sizes",
        "2",
        "--json",
        stdout=out,
    )
    told = json.loads(out.getvalue())
    assert [need["target"] for need in told["needs"]] == [0.5, 0.9, 0.99]
    assert told["report"] == StrengthReport.objects.get().number == 1


def test_the_command_says_what_cannot_work(project: Project) -> None:
    start(project)
    with pytest.raises(CommandError, match="under way"):
        call_command("strength_report", project.name)
