"""The automatic loop: one run after every so many new annotations, however many workers look."""

import threading
from typing import Any

import pytest
from django.db import close_old_connections, connection

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Annotation, AuditEntry, Image, ImageStatus, Project, Suggestion
from tests.factories import add_images
from tests.training.small_models import add_production_reader, project_with_labels, some_texts
from tests.training.views.rows import keep_readings
from training.models import AutomaticLoop, Model, Run
from training.services import automatic_loop
from training.services.automatic_loop import loop_of, new_annotations, start_due_runs, switch_loop
from training.services.promoting import promote_if_better
from training.services.runs import create_run
from training.services.suggesting import present_pass
from training.services.suggesting_work import run_pass

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return project_with_labels()


def switch_on(project: Project, every: int = 10) -> AutomaticLoop:
    return switch_loop(project=project, user=project.created_by, is_on=True, every=every, max_minutes=2)


def annotate(project: Project, count: int, seed: int = 3000, **changes: Any) -> list[Image]:
    images = add_images(project, some_texts(count, seed), seed=seed)
    Annotation.objects.filter(image__in=images).update(**changes)
    return images


def end_runs() -> None:
    Run.objects.update(state=JobState.DONE)


def test_a_run_starts_after_so_many_new_annotations(project: Project) -> None:
    switch_on(project)
    annotate(project, 9)
    start_due_runs()
    assert not Run.objects.exists()
    annotate(project, 1, seed=4000)
    start_due_runs()
    run = Run.objects.get()
    assert (run.state, run.max_minutes, run.created_by) == (JobState.QUEUED, 2, None)
    assert run.dataset.item_count == 30
    assert loop_of(project).last_run == run


def test_what_was_annotated_before_switching_on_does_not_count(project: Project) -> None:
    annotate(project, 30)
    switch_on(project)
    start_due_runs()
    assert not Run.objects.exists()


def test_a_loop_that_is_switched_on_again_counts_anew_but_a_changed_number_does_not(project: Project) -> None:
    switch_on(project)
    annotate(project, 8)
    assert new_annotations(switch_on(project, every=20)) == 8
    switch_loop(project=project, user=None, is_on=False)
    assert new_annotations(switch_on(project)) == 0


@pytest.mark.parametrize("changes", [{"withdrawn_at": "2026-01-01T00:00Z"}, {"is_check": True}])
def test_what_was_taken_back_or_only_checked_somebody_does_not_count(
    project: Project, changes: dict[str, Any]
) -> None:
    switch_on(project)
    annotate(project, 15, **changes)
    start_due_runs()
    assert not Run.objects.exists()


def test_annotations_of_other_projects_do_not_count(project: Project) -> None:
    switch_on(project)
    annotate(project_with_labels(name="other"), 15)
    start_due_runs()
    assert not Run.objects.exists()


def test_it_waits_while_a_run_is_under_way(project: Project) -> None:
    switch_on(project)
    create_run(project=project, user=None)
    annotate(project, 15)
    start_due_runs()
    assert Run.objects.count() == 1
    end_runs()
    start_due_runs()
    assert Run.objects.count() == 2


def test_each_threshold_starts_one_run(project: Project) -> None:
    switch_on(project)
    annotate(project, 15)
    for _ in range(3):
        start_due_runs()
        end_runs()
    assert Run.objects.count() == 1
    annotate(project, 10, seed=4000)
    start_due_runs()
    assert Run.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_look_at_once_start_one_run(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(project)
    annotate(project, 15)
    both = threading.Barrier(2, timeout=30)
    queue_run = automatic_loop.create_run

    def together(**wish: Any) -> Run:
        both.wait()
        return queue_run(**wish)

    def look() -> None:
        try:
            start_due_runs()
        finally:
            close_old_connections()
            connection.close()

    monkeypatch.setattr(automatic_loop, "create_run", together)
    workers = [threading.Thread(target=look) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Run.objects.count() == 1


def test_a_loop_that_is_switched_off_meanwhile_starts_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(project)
    annotate(project, 15)
    queue_run = automatic_loop.create_run

    def late(**wish: Any) -> Run:
        switch_loop(project=project, user=None, is_on=False)
        return queue_run(**wish)

    monkeypatch.setattr(automatic_loop, "create_run", late)
    start_due_runs()
    assert not Run.objects.exists()


def test_what_keeps_a_run_from_starting_is_kept_and_not_tried_all_the_time(project: Project) -> None:
    switch_on(project)
    annotate(project, 10)
    Image.objects.filter(project=project).update(status=ImageStatus.SKIPPED)
    start_due_runs()
    loop = loop_of(project)
    assert "labelled images" in loop.problem
    assert new_annotations(loop) == 0
    Image.objects.filter(project=project).update(status=ImageStatus.LABELLED)
    annotate(project, 10, seed=4000)
    start_due_runs()
    assert Run.objects.count() == 1
    assert loop_of(project).problem == ""


@pytest.mark.parametrize("wish", [{"every": 9}, {"every": 1_000_001}, {"max_minutes": 0}])
def test_a_number_that_cannot_work_is_refused(project: Project, wish: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        switch_loop(project=project, user=None, is_on=True, **wish)
    assert not AutomaticLoop.objects.exists()


def test_the_trail_tells_who_switched_it_and_that_it_starts_runs_by_itself(project: Project) -> None:
    switch_on(project)
    annotate(project, 10)
    start_due_runs()
    acts = list(AuditEntry.objects.order_by("pk").values_list("action", "user"))
    assert acts[-2:] == [("loop_switched", project.created_by.pk), ("run_started", None)]


def test_a_better_model_of_the_loop_takes_over_and_its_readings_become_the_suggestions(
    project: Project,
) -> None:
    former = add_production_reader(project, trees=1)
    waiting = add_images(project, some_texts(5, 60), labelled=False, seed=600)
    switch_on(project)
    annotate(project, 10)
    start_due_runs()
    run = loop_of(project).last_run
    assert run is not None
    # What its worker does at the end of a training.
    better = Model.objects.create(
        project=project,
        run=run,
        onnx_file=former.onnx_file,
        parameter_count=1,
        metrics={"validation": {"right": run.dataset.validation_count}},
    )
    assert promote_if_better(model=better)
    row = present_pass(project)
    assert row is not None
    run_pass(row.pk)
    numbers = set(Suggestion.objects.filter(image__in=waiting).values_list("model_number", flat=True))
    assert numbers == {run.number}


def test_a_worse_model_of_the_loop_leaves_everything_as_it_is(project: Project) -> None:
    former = add_production_reader(project)
    switch_on(project)
    annotate(project, 30)
    start_due_runs()
    run = loop_of(project).last_run
    assert run is not None
    worse = Model.objects.create(project=project, run=run, onnx_file=former.onnx_file, parameter_count=1)
    keep_readings(worse, dict.fromkeys(run.dataset.items.values_list("image", flat=True), "wrong"))
    assert not promote_if_better(model=worse)
    row = present_pass(project)
    assert row is not None
    assert row.model == former
