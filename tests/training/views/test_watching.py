"""What the page of a run shows: its history, its readings, its learning curve."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.intervals import Share
from labeling.jobs import JobState
from labeling.models import AuditEntry, Member, Project, Role
from tests.factories import add_images, make_project, make_user, texts
from tests.training.report_rows import add_report
from tests.training.views.rows import add_run
from training.models import Epoch, LearningCurve, Run, ValidationReport, WorkerUse

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(60))
    return project


@pytest.fixture
def run(project: Project) -> Run:
    return add_run(project, state=JobState.RUNNING)


def address(name: str, run: Run) -> str:
    return reverse(f"training:{name}", args=[run.project_id, run.number])


def page(client: Client, name: str, run: Run, **query: str) -> str:
    return client.get(address(name, run), query).content.decode()


def test_the_page_asks_as_many_queries_for_3_epochs_as_for_300(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    for epochs in (3, 300):
        run = add_run(project, epochs=epochs)
        with django_assert_num_queries(6):
            client.get(run.get_absolute_url())


def test_the_page_itself_holds_no_epoch(client: Client, project: Project) -> None:
    sizes = {len(page(client, "run", add_run(project, epochs=epochs))) // 100 for epochs in (3, 300)}
    assert len(sizes) == 1


def test_the_history_comes_at_once_and_says_where_events_go_on(client: Client, run: Run) -> None:
    history = client.get(address("run_history", run)).json()
    assert history["cursor"] == max(run.history.values_list("pk", flat=True))
    assert history["epochs"]["number"] == [1, 2, 3]
    assert history["epochs"]["loss"] == [1.0, 0.5, 0.333333]
    assert history["use"] is None


def test_the_history_is_ordered_by_number_whatever_was_written_last(client: Client, run: Run) -> None:
    row = run.history.get(number=1)
    Epoch.objects.filter(pk=row.pk).delete()
    row.pk = None
    row.save()
    history = client.get(address("run_history", run)).json()
    assert history["epochs"]["number"] == [1, 2, 3]
    assert history["cursor"] == row.pk


def test_the_history_of_a_run_that_has_not_begun_is_empty(client: Client, project: Project) -> None:
    history = client.get(address("run_history", add_run(project, epochs=0))).json()
    assert (history["cursor"], history["epochs"]["number"]) == (0, [])


def test_what_the_worker_used_comes_with_the_history_and_is_named_on_the_page(
    client: Client, run: Run
) -> None:
    columns = {"seconds": [5.0, 10.0], "own": [0.5, 0.6]}
    WorkerUse.objects.create(run=run, host="gpu-7", device="NVIDIA A100", every=5, columns=columns)
    assert client.get(address("run_history", run)).json()["use"] == {"columns": columns}
    assert "gpu-7: NVIDIA A100" in page(client, "run", run)


def test_the_table_of_all_epochs_has_full_precision(client: Client, run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(page(client, "run_history_csv", run))))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[2]["loss"]) == 1 / 3
    assert set(rows[0]) >= {"validation_whole_string_accuracy", "learning_rate", "seconds"}


def test_before_there_is_a_report_the_page_says_when_it_comes(client: Client, run: Run) -> None:
    assert "shows here some seconds after the first epochs" in page(client, "run_readings", run)


def test_the_worst_readings_stand_first_with_what_is_true(client: Client, run: Run) -> None:
    [worst, *_] = add_report(run, {2: "000"})
    shown = client.get(address("run_readings", run)).context["readings"]
    assert (shown.worst[0].truth, shown.worst[0].text) == (worst.truth, "000")
    text = page(client, "run_readings", run)
    assert "after epoch 3" in text
    assert reverse("labeling:image", args=[run.project_id, worst.image]) in text


def test_no_more_than_50_readings_are_shown_with_as_many_queries(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    add_images(project, texts(700, seed=9), seed=700)
    run = add_run(project)
    for misread in ({}, dict.fromkeys(range(60), "000")):
        add_report(run, misread)
        with django_assert_num_queries(6):
            answer = client.get(address("run_readings", run))
        assert len(answer.context["readings"].worst) == 50


def test_a_cell_of_the_confusion_opens_its_images(client: Client, run: Run) -> None:
    first, second = (
        run.dataset.items.filter(split="validation").order_by("id").values_list("text", flat=True)[:2]
    )
    written = first[0]
    read = next(digit for digit in "0123456789" if digit not in first + second)
    add_report(run, {0: read + first[1:]})
    table = client.get(address("run_readings", run)).context["readings"].confusion
    cell = next(cell for _, _, cells in table.rows for cell in cells if cell.url)
    assert (cell.written, cell.read, cell.count) == (written, read, 1)
    assert cell.url in page(client, "run_readings", run).replace("&amp;", "&")
    readings = client.get(cell.url).context["readings"]
    assert [(one.truth, one.text) for one in readings] == [(first, read + first[1:])]


def test_missed_and_added_characters_open_their_images_too(client: Client, run: Run) -> None:
    first = run.dataset.items.filter(split="validation").order_by("id").values_list("text", flat=True)[0]
    add_report(run, {0: first[:-1]})
    text = page(client, "run_confused", run, written=first[-1], read="")
    assert "read as nothing" in text
    assert "1 validation image" in text


def test_characters_that_nobody_confused_say_so(client: Client, run: Run) -> None:
    add_report(run, {})
    for query in ({"written": "1", "read": "7"}, {"written": "1", "read": "1"}, {}):
        assert "No image is read so" in page(client, "run_confused", run, **query)


def test_positions_and_calibration_are_shown(client: Client, run: Run) -> None:
    add_report(run, {0: "000"})
    readings = client.get(address("run_readings", run)).context["readings"]
    assert [position.number for position in readings.positions] == [1, 2, 3]
    assert isinstance(readings.positions[0].right, Share)
    assert "Reliability diagram" in page(client, "run_readings", run)


def test_a_reader_that_is_not_whole_says_so(client: Client, run: Run) -> None:
    add_report(run, {0: "000"}, epoch=0)
    sentence = "Positions 1, 2 and 5 of 6 can be read so far."
    ValidationReport.objects.filter(run=run).update(positions=[0, 1, 4], so_far=sentence)
    readings = client.get(address("run_readings", run)).context["readings"]
    assert [position.number for position in readings.positions] == [1, 2, 5]
    text = page(client, "run_readings", run)
    assert sentence in text
    assert "before the first epoch ended" in text


def test_a_learning_curve_is_started_shown_and_stopped(client: Client, run: Run) -> None:
    answer = client.post(address("start_learning_curve", run), {"max_minutes": "0.5"})
    assert answer.url == f"{run.get_absolute_url()}#learning-curve"
    curve = LearningCurve.objects.get(run=run)
    assert (curve.state, curve.max_minutes) == (JobState.QUEUED, 0.5)
    assert "Waiting for its turn" in page(client, "learning_curve", run)
    client.post(address("stop_learning_curve", run))
    curve.refresh_from_db()
    assert curve.state == JobState.STOPPED
    actions = AuditEntry.objects.filter(project=run.project).values_list("action", flat=True)
    assert {"curve_started", "curve_stopped"} <= set(actions)


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [("0", "greater than or equal to 0.1"), ("soon", "Enter a number"), ("", "required")],
)
def test_a_learning_curve_of_no_time_is_refused_with_a_reason(
    client: Client, run: Run, minutes: str, sentence: str
) -> None:
    answer = client.post(address("start_learning_curve", run), {"max_minutes": minutes}, follow=True)
    assert sentence in answer.content.decode()
    assert not LearningCurve.objects.exists()


def test_points_that_are_measured_are_shown_while_others_are_trained(client: Client, run: Run) -> None:
    LearningCurve.objects.create(
        run=run, project=run.project, max_minutes=1, state=JobState.RUNNING, readers=5, labels=1000,
        points=[point(250, 40), point(500, 60)], progress=0.5, seconds_left=30,
    )  # fmt: skip
    text = page(client, "learning_curve", run)
    assert "Training on 1,000 labels, reader 3 of 5" in text
    assert "40 of 100" in text
    assert "about 30 s left" in text


def test_viewers_see_a_learning_curve_but_start_none(client: Client, run: Run) -> None:
    viewer = make_user("viewer")
    Member.objects.create(project=run.project, user=viewer, role=Role.VIEWER)
    client.force_login(viewer)
    assert "Measure it" not in page(client, "learning_curve", run)
    assert client.post(address("start_learning_curve", run), {"max_minutes": 1}).status_code == 403


def point(labels: int, right: int) -> dict[str, Any]:
    return {"labels": labels, "test": Share(right, 100).to_json(), "seconds": 12.0}
