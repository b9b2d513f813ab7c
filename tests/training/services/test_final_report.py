"""What a run's page shows of its validation images once it is done: a real forest, trained and exported."""

import pytest

from labeling.jobs import JobState
from tests.factories import add_images, make_project
from training.models import Run
from training.services.runs import create_run
from training.services.training_work import run_training

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_finished_run_shows_how_its_exported_model_reads() -> None:
    project = make_project(alphabet="01", min_length=2, max_length=2)
    add_images(project, [f"{number % 2}{number // 2 % 2}" for number in range(120)])
    run = create_run(project=project, user=None, architecture="random_forest", here=True)
    run_training(run.pk)
    run = Run.objects.select_related("report", "model").get(pk=run.pk)
    assert run.state == JobState.DONE
    assert run.report.epoch is None
    metrics = run.model.metrics["validation"]
    assert run.report.evaluation == {name: metrics[name] for name in run.report.evaluation}
    readings = list(run.readings.select_related("image"))
    # All of so few: the worst 50 are shown at least.
    assert len(readings) == run.dataset.validation_count
    assert all(reading.truth == reading.image.text for reading in readings)
    rights = [reading.text == reading.truth for reading in readings]
    assert rights == sorted(rights)
