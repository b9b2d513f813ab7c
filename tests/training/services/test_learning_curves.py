"""Learning curves that were asked for on a run's page: real, small ones of a forest."""

from typing import Any

import pytest

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Image, ImageStatus, Project
from tests.factories import add_images, make_project
from training.leftovers import studies_folder
from training.models import LearningCurve, Run
from training.services import learning_curve_work
from training.services.learning_curve_work import draw_curve
from training.services.learning_curves import start_curve, stop_curve
from training.services.runs import create_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project(alphabet="01", min_length=2, max_length=2)
    add_images(project, [f"{number % 2}{number // 2 % 2}" for number in range(160)])
    return project


@pytest.fixture
def run(project: Project) -> Run:
    return create_run(project=project, user=None, architecture="random_forest", here=True)


def drawn(run: Run) -> LearningCurve:
    curve = start_curve(run=run, user=None)
    draw_curve(curve.pk)
    curve.refresh_from_db()
    return curve


def test_a_curve_has_a_point_for_each_share_of_the_labels(run: Run) -> None:
    curve = drawn(run)
    assert curve.state == JobState.DONE
    labels = [point["labels"] for point in curve.points]
    assert labels == sorted(labels)
    assert len(labels) == curve.readers >= 3
    assert labels[-1] == run.dataset.train_count + run.dataset.validation_count
    assert {point["test"]["n"] for point in curve.points} == {run.dataset.test_count}
    # Nothing is left to clean up.
    assert not list(studies_folder(run.project_id).iterdir())


def test_a_curve_that_is_asked_for_again_takes_the_former_ones_place(project: Project, run: Run) -> None:
    before = drawn(run).points
    add_images(project, [f"{number % 2}{number // 2 % 2}" for number in range(40)], seed=500)
    after = drawn(run).points
    assert LearningCurve.objects.count() == 1
    assert after[-1]["labels"] > before[-1]["labels"]


def test_a_curve_that_is_under_way_is_not_started_twice(run: Run) -> None:
    start_curve(run=run, user=None)
    with pytest.raises(Refused, match="under way"):
        start_curve(run=run, user=None)


def test_a_message_that_comes_twice_measures_once(run: Run) -> None:
    curve = drawn(run)
    draw_curve(curve.pk)
    curve.refresh_from_db()
    assert (curve.state, curve.attempts) == (JobState.DONE, 1)


def test_a_stop_keeps_the_points_that_are_measured(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    curve = start_curve(run=run, user=None)
    listener = learning_curve_work._CurveListener
    take = listener.take

    def stop_after_two(self: Any, point: Any) -> None:
        take(self, point)
        if len(self._curve.points) == 2:
            stop_curve(curve=curve, user=None)
            # So that the next step of the forest looks, however shortly after the one before.
            self._written_at = 0.0

    monkeypatch.setattr(listener, "take", stop_after_two)
    draw_curve(curve.pk)
    curve.refresh_from_db()
    assert (curve.state, len(curve.points), curve.error) == (JobState.STOPPED, 2, "")


def test_a_curve_that_cannot_be_measured_says_why(run: Run) -> None:
    Image.objects.filter(project=run.project).update(status=ImageStatus.UNLABELLED, text="")
    curve = drawn(run)
    assert curve.state == JobState.FAILED
    assert "label" in curve.error


def test_how_far_a_curve_is_counts_readers_by_their_labels() -> None:
    curve = LearningCurve(readers=3, points=[{}, {}], progress=0.5)
    assert curve.percent == round(100 * (1 + 2 + 2) / 7)
    assert LearningCurve(readers=0).percent == 0
