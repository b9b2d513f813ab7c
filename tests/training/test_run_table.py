"""Filtering, sorting and paging the table of runs."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict

from labeling.jobs import JobState
from labeling.models import Project
from tests.factories import add_images, make_project, texts
from tests.training.views.rows import METRICS, add_model, add_run
from training.models import Run
from training.run_table import COLUMNS, RUNS_PER_PAGE, RunTable, run_table
from training.services.run_summaries import summarise_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(20))
    return project


def table(project: Project, query: str = "") -> RunTable:
    return run_table(project, QueryDict(query))


def numbers(project: Project, query: str = "") -> list[int]:
    return [row.run.number for row in table(project, query).rows]


def with_test_accuracy(run: Run, accuracy: float) -> Run:
    model = add_model(run)
    model.metrics = {"validation": METRICS, "test": METRICS | {"whole_string_accuracy": accuracy}}
    model.save()
    summarise_run(run.pk)
    return run


def test_the_newest_run_comes_first_unless_another_order_is_asked_for(project: Project) -> None:
    for accuracy in (0.9, 0.7, 0.8):
        with_test_accuracy(add_run(project), accuracy)
    add_run(project)
    assert numbers(project) == [4, 3, 2, 1]
    assert numbers(project, "sort=-test") == [1, 3, 2, 4]
    # What was not measured comes last either way.
    assert numbers(project, "sort=test") == [2, 3, 1, 4]


def test_runs_are_filtered_by_state_architecture_and_dataset(project: Project) -> None:
    add_run(project)
    add_run(project, state=JobState.FAILED)
    add_images(project, texts(5, seed=3), seed=400)
    add_run(project, architecture="tiny_vgg")
    assert numbers(project, "state=failed") == [2]
    assert numbers(project, "architecture=tiny_vgg") == [3]
    assert numbers(project, "dataset=1") == [2, 1]
    assert numbers(project, "dataset=1&state=done") == [1]


def test_percentages_are_typed_as_they_are_shown(project: Project) -> None:
    for accuracy in (0.9, 0.96):
        with_test_accuracy(add_run(project), accuracy)
    assert numbers(project, "where=test&is=min&value=95") == [2]
    assert numbers(project, "where=test&is=max&value=95+%25") == [1]


def test_a_hyper_parameter_at_its_default_counts_like_one_that_was_given(project: Project) -> None:
    usual = add_run(project)
    add_run(project, hyperparameters={"batch_size": 8})
    from training.recognition.architectures import ARCHITECTURES

    [default] = [
        one.default for one in ARCHITECTURES[usual.architecture].fields() if one.name == "batch_size"
    ]
    assert numbers(project, f"where=p.batch_size&is=is&value={default}") == [1]
    assert numbers(project, "where=p.batch_size&is=max&value=8") == [2]
    assert numbers(project, "sort=p.batch_size") == [2, 1]
    assert [row.extra for row in table(project, "sort=p.batch_size").rows] == [8, default]


def test_several_conditions_hold_at_once(project: Project) -> None:
    for seed in range(4):
        add_run(project, seed=seed)
    assert numbers(project, "where=seed&is=min&value=1&where=seed&is=max&value=2") == [3, 2]


def test_minutes_are_those_that_a_run_took(project: Project) -> None:
    for minutes in (5, 20):
        run = add_run(project)
        Run.objects.filter(pk=run.pk).update(started_at=run.finished_at - timedelta(minutes=minutes))
    assert numbers(project, "where=minutes&is=min&value=10") == [2]
    assert numbers(project, "sort=minutes") == [1, 2]


@pytest.mark.parametrize("typed", ["many", "nan", "inf", "1e999", "--3"])
@pytest.mark.parametrize("column", ["seed", "test", "minutes"])
def test_what_is_no_number_filters_nothing_and_says_so(project: Project, column: str, typed: str) -> None:
    add_run(project)
    found = run_table(project, QueryDict(f"where={column}&is=min&value={typed}"))
    assert len(found.rows) == 1
    assert found.conditions[0].problem == f"“{typed}” is no number."


@pytest.mark.parametrize(
    "query",
    ["sort=secrets", "page=0", "page=x", "state=lost", "dataset=many", "where=secrets&is=min&value=1"],
)
def test_an_address_that_makes_no_sense_shows_the_runs(project: Project, query: str) -> None:
    add_run(project)
    assert numbers(project, query) == [1]


@pytest.mark.parametrize("key", COLUMNS)
def test_every_column_can_be_sorted_and_filtered_by(project: Project, key: str) -> None:
    with_test_accuracy(add_run(project), 0.9)
    assert numbers(project, f"sort=-{key}") == [1]
    assert numbers(project, f"where={key}&is=max&value=1000000000") in ([1], [])


def test_pages_keep_the_filter_and_the_order(project: Project) -> None:
    run = add_run(project)
    Run.objects.bulk_create(
        Run(
            project=project, number=number, dataset=run.dataset, preparation=run.preparation,
            architecture="slots", state=JobState.DONE,
        )
        for number in range(2, RUNS_PER_PAGE + 3)
    )  # fmt: skip
    first = table(project, "state=done&sort=number")
    assert (len(first.rows), first.pages, first.count) == (RUNS_PER_PAGE, 2, RUNS_PER_PAGE + 2)
    assert (first.previous, first.next) == ("", "?state=done&sort=number&page=2")
    assert numbers(project, first.next[1:]) == [RUNS_PER_PAGE + 1, RUNS_PER_PAGE + 2]


def test_a_page_takes_two_queries_whatever_is_asked_for(
    project: Project, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        with_test_accuracy(add_run(project), 0.9)
    with django_assert_num_queries(2):
        rows = table(project, "sort=-p.batch_size&where=test&is=min&value=50&state=done").rows
        assert [row.sparkline != "" and row.run.model.state for row in rows] == ["candidate"] * 3


def test_a_long_run_is_drawn_with_a_few_points_that_end_where_it_ends(project: Project) -> None:
    run = add_run(project, epochs=1000)
    points = run.summary.points
    assert len(points) <= 41
    assert points[-1][0] == 1000
    [row] = table(project).rows
    assert row.sparkline.split()[0].startswith("0.0,")
    assert row.sparkline.split()[-1].startswith("100.0,")
