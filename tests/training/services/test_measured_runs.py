"""What a training leaves behind for comparing it: readings, a summary, and the first line of the history."""

import pytest

from labeling.jobs import JobState
from labeling.models import Split
from tests.training.small_models import project_with_labels
from training.models import Model, Promotion
from training.services.model_readings import kept_readings
from training.services.runs import create_run
from training.services.training_work import run_training

pytestmark = pytest.mark.django_db


def test_a_finished_run_can_be_compared_and_reads_for_its_project() -> None:
    project = project_with_labels(40)
    run = create_run(
        project=project, user=None, architecture="random_forest", hyperparameters={"trees": 3}, here=True
    )
    run_training(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == (JobState.DONE, "")
    model = Model.objects.get(run=run)
    assert len(kept_readings(model) or {}) == run.dataset.validation_count + run.dataset.test_count
    test = model.metrics[Split.TEST]
    assert (run.summary.test_accuracy, run.summary.test_count) == (test["whole_string_accuracy"], test["n"])
    assert Promotion.objects.get().model == model
