"""What models read is kept when they are measured, and read by a worker for older ones."""

import pytest

from labeling.jobs import JobState
from labeling.models import AuditEntry, Project, Split
from tests.training.small_models import add_reader, project_with_labels
from training.models import DatasetItem, Model, ModelReadings
from training.services import model_readings
from training.services.model_readings import (
    kept_readings,
    measure_model,
    missing_readings,
    readings_of_items,
    run_readings,
    start_readings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return project_with_labels(40)


@pytest.fixture
def model(project: Project) -> Model:
    return add_reader(project, trees=3)


def measured_images(model: Model) -> set[int]:
    items = DatasetItem.objects.filter(dataset=model.run.dataset).exclude(split=Split.TRAIN)
    return set(items.values_list("image", flat=True))


def test_measuring_keeps_the_readings_that_the_metrics_count(model: Model) -> None:
    metrics = measure_model(model=model)
    readings = kept_readings(model)
    assert readings is not None
    assert set(readings) == measured_images(model)
    tested = DatasetItem.objects.filter(dataset=model.run.dataset, split=Split.TEST)
    right = sum(readings[pk].text == text for pk, text in tested.values_list("image", "text"))
    assert (metrics["test"]["right"], metrics["test"]["n"]) == (right, tested.count())
    assert metrics["test"]["coverage"]["threshold"] == metrics["validation"]["coverage"]["threshold"]


def test_a_worker_reads_for_an_older_model_what_measuring_would_have_kept(model: Model) -> None:
    start_readings(project=model.project, user=None, models=[model])
    row = ModelReadings.objects.get(model=model)
    assert (row.state, row.total) == (JobState.QUEUED, len(measured_images(model)))
    assert kept_readings(model) is None
    run_readings(row.pk)
    row.refresh_from_db()
    assert (row.state, row.done) == (JobState.DONE, row.total)
    by_worker = kept_readings(model)
    measure_model(model=model)
    assert by_worker == kept_readings(model)
    assert ModelReadings.objects.count() == 1


def test_a_worker_steps_aside_for_another_job_and_goes_on_where_it_was(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_readings, "LARGEST_BATCH", 3)
    monkeypatch.setattr(model_readings, "TURN_SECONDS", 0)
    monkeypatch.setattr(model_readings, "others_wait", lambda: True)
    start_readings(project=model.project, user=None, models=[model])
    row = ModelReadings.objects.get(model=model)
    run_readings(row.pk)
    row.refresh_from_db()
    assert (row.state, row.done) == (JobState.QUEUED, 3)
    monkeypatch.setattr(model_readings, "others_wait", lambda: False)
    run_readings(row.pk)
    assert set(kept_readings(model) or {}) == measured_images(model)


def test_asking_twice_queues_once_and_is_written_down_once(model: Model) -> None:
    for _ in range(2):
        start_readings(project=model.project, user=None, models=[model])
    assert AuditEntry.objects.filter(action="model_read_images").count() == 1
    assert missing_readings([model]) == [model]


def test_a_model_whose_file_is_damaged_says_so(model: Model) -> None:
    with model.onnx_file.storage.open(model.onnx_file.name, "wb") as file:
        file.write(b"no model")
    start_readings(project=model.project, user=None, models=[model])
    row = ModelReadings.objects.get(model=model)
    run_readings(row.pk)
    row.refresh_from_db()
    assert row.state == JobState.FAILED
    assert "missing or damaged" in row.error
    # What failed may be tried again.
    start_readings(project=model.project, user=None, models=[model])
    row.refresh_from_db()
    assert (row.state, row.error) == (JobState.QUEUED, "")


def test_items_beyond_the_kept_ones_are_read_now(model: Model) -> None:
    measure_model(model=model)
    items = DatasetItem.objects.filter(dataset=model.run.dataset)
    readings = readings_of_items(model=model, items=items)
    assert set(readings) == set(items.values_list("image", flat=True))
