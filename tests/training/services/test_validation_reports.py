"""Reports of what a run reads in its validation images."""

from dataclasses import replace
from typing import Any

import pytest

from labeling.services.deleting import delete_images
from tests.factories import add_images, make_project, texts
from tests.training.report_rows import add_report, validated
from training.models import Run, Split, ValidationReading
from training.services import validation_reports
from training.services.runs import create_run
from training.services.validation_reports import LiveReports

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    project = make_project()
    add_images(project, texts(200))
    return create_run(project=project, user=project.created_by)


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(validation_reports, "time", clock)
    return clock


def rows(run: Run) -> list[tuple[int, str, str]]:
    return list(run.readings.values_list("rank", "truth", "text"))


def test_misread_images_come_first_and_belong_to_their_texts(run: Run, clock: Clock) -> None:
    reports = LiveReports(run)
    clock.now += 3600
    assert reports.take(validated(run, {2: "000", 5: "999"}))
    assert [text for _, _, text in rows(run)[:2]] == ["000", "999"]
    for reading in run.readings.select_related("image"):
        assert reading.image.text == reading.truth
    run.report.refresh_from_db()
    assert (run.report.epoch, run.report.evaluation["n"]) == (1, run.dataset.validation_count)
    assert run.report.is_complete


def test_a_report_takes_the_place_of_the_former_one(run: Run, clock: Clock) -> None:
    reports = LiveReports(run)
    for epoch, text in ((1, "000"), (2, "111")):
        clock.now += 3600
        reports.take(validated(run, {0: text}, epoch))
    assert rows(run)[0][2] == "111"
    assert [rank for rank, _, _ in rows(run)] == list(range(len(rows(run))))


def test_reports_take_no_more_than_their_share_of_the_time(
    run: Run, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def slow(**what: Any) -> bool:
        clock.now += 2.0
        written.append(what["epoch"])
        return True

    monkeypatch.setattr(validation_reports, "write_report", slow)
    reports = LiveReports(run)
    began = clock.now
    for epoch in range(1, 2001):
        clock.now += 1.0
        reports.take(validated(run, {}, epoch))
    assert 2.0 * len(written) <= validation_reports.TIME_SHARE * (clock.now - began)
    assert len(written) >= 5


def test_what_could_not_be_afforded_is_reported_once_it_can(run: Run, clock: Clock) -> None:
    reports = LiveReports(run)
    assert not reports.take(validated(run, {0: "000"}, 1))
    clock.now += 3600
    # Worse weights are not kept: the report is of those that are.
    assert reports.take(validated(run, {0: "111"}, 2, best=False))
    run.report.refresh_from_db()
    assert (run.report.epoch, rows(run)[0][2]) == (1, "000")


def test_so_many_misread_images_are_cut_to_the_worst_ones_and_that_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation_reports, "MOST_READINGS", 4)
    add_report(run, dict.fromkeys(range(6), "000"))
    run.report.refresh_from_db()
    assert (run.readings.count(), run.report.is_complete) == (4, False)


def test_without_its_images_a_report_has_numbers_only(run: Run, clock: Clock) -> None:
    found = validated(run, {0: "000"})
    first = run.dataset.items.filter(split=Split.VALIDATION).order_by("id").first()
    assert first is not None
    delete_images(project=run.project, user=run.project.created_by, image_ids=[first.image_id])
    reports = LiveReports(run)
    clock.now += 3600
    assert reports.take(found)
    run.report.refresh_from_db()
    assert (run.readings.count(), run.report.is_complete) == (0, False)
    assert run.report.evaluation["right"] == run.report.evaluation["n"] - 1


def test_of_a_reader_that_is_not_whole_only_what_it_reads_is_compared(run: Run, clock: Clock) -> None:
    whole = validated(run, {})
    first_and_last = [text[0] + text[2] for text in whole.texts]
    partial = replace(
        whole, readings=["xx", *first_and_last[1:]], positions=[0, 2], so_far="Positions 1 and 3 of 3."
    )
    reports = LiveReports(run)
    clock.now += 3600
    assert reports.take(partial)
    run.report.refresh_from_db()
    assert (run.report.positions, run.report.so_far) == ([0, 2], "Positions 1 and 3 of 3.")
    assert run.report.evaluation["right"] == run.report.evaluation["n"] - 1
    assert rows(run)[0][1:] == (first_and_last[0], "xx")
    # The next one is whole again.
    clock.now += 3600
    assert reports.take(whole)
    run.report.refresh_from_db()
    assert (run.report.positions, run.report.so_far) == (None, "")


def test_a_deleted_image_takes_its_reading_along(run: Run) -> None:
    [worst, *_] = add_report(run, {3: "000"})
    delete_images(project=run.project, user=run.project.created_by, image_ids=[worst.image])
    assert not ValidationReading.objects.filter(run=run, image_id=worst.image).exists()
