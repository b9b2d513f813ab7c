"""Deleting a run with all that came of it."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Image, Project
from labeling.services.suggestions import ImageReading, write_doubts, write_suggestions
from tests.factories import add_images, make_project, texts
from tests.training.views.rows import add_model, add_prediction, add_run
from training.leftovers import run_folder, run_storage
from training.models import Model, ModelState, Prediction, Run
from training.services.deleting_runs import delete_run, run_contents
from training.services.runs import create_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(20))
    return project


def with_everything(project: Project, state: ModelState = ModelState.CANDIDATE) -> Run:
    """A finished run with a model of 11 + 10 bytes, checkpoints of 3 + 5, a reading, a suggestion and a doubt."""
    run = add_run(project)
    model = add_model(run, state)
    add_prediction(model)
    default_storage.save(f"{run_storage(run)}/checkpoints/last.npz", ContentFile(b"abc"))
    run_folder(run.pk).mkdir(parents=True)
    (run_folder(run.pk) / "last.npz").write_bytes(b"12345")
    (unlabelled,) = add_images(project, ["123"], labelled=False, seed=500)
    labelled = project.images.first()
    write_suggestions(
        project=project, model_number=run.number, rows=[ImageReading(unlabelled.pk, "123", 0.9, [])]
    )
    write_doubts(
        project=project,
        model_number=run.number,
        looked_at=[labelled.pk],
        rows=[ImageReading(labelled.pk, "999", 0.9, [])],
    )
    return run


def test_the_preview_counts_what_goes(project: Project) -> None:
    contents = run_contents(with_everything(project))
    assert contents.model is not None
    assert (contents.model_bytes, contents.checkpoint_bytes) == (21, 8)
    assert (contents.epochs, contents.readings, contents.suggestions, contents.doubts) == (3, 1, 1, 1)
    assert not contents.is_production


def test_a_run_without_a_model_has_little_to_lose(project: Project) -> None:
    contents = run_contents(add_run(project, state=JobState.FAILED, epochs=0))
    assert contents.model is None
    assert (contents.model_bytes, contents.checkpoint_bytes, contents.readings, contents.suggestions) == (
        0,
        0,
        0,
        0,
    )


def test_a_run_goes_with_its_files_and_what_its_model_said(
    project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    run = with_everything(project)
    files = [run.model.keras_file.name, run.model.onnx_file.name, Prediction.objects.get().file.name]
    images, dataset = project.images.count(), run.dataset
    with django_capture_on_commit_callbacks(execute=True):
        delete_run(run=run, user=project.created_by)
    assert not project.runs.exists()
    assert not Model.objects.exists()
    assert not Prediction.objects.exists()
    assert not Image.objects.filter(suggestion__isnull=False).exists()
    assert not Image.objects.filter(doubt__isnull=False).exists()
    assert not project.images.exclude(confidence=0).exists()
    assert not any(default_storage.exists(name) for name in files)
    assert not default_storage.exists(f"{run_storage(run)}/checkpoints/last.npz")
    assert not run_folder(run.pk).exists()
    # What people did stays.
    assert project.images.count() == images
    assert project.dataset_versions.get() == dataset
    entry = project.audit_entries.first()
    assert (entry.action, entry.target, entry.user) == ("run_deleted", "Run 1", project.created_by)


def test_what_other_models_suggested_stays(project: Project) -> None:
    run = with_everything(project)
    (image,) = add_images(project, ["321"], labelled=False, seed=600)
    write_suggestions(project=project, model_number=99, rows=[ImageReading(image.pk, "321", 0.8, [])])
    delete_run(run=run, user=None)
    assert list(Image.objects.filter(suggestion__isnull=False)) == [image]


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_a_run_under_way_is_stopped_first(project: Project, state: JobState) -> None:
    run = add_run(project, state=state)
    with pytest.raises(Refused, match="stop it first"):
        delete_run(run=run, user=None)
    assert project.runs.exists()


def test_the_model_that_a_project_reads_with_does_not_go_by_accident(project: Project) -> None:
    run = with_everything(project, ModelState.PRODUCTION)
    assert run_contents(run).is_production
    with pytest.raises(Refused, match="Promote another model first"):
        delete_run(run=run, user=None)
    assert project.runs.exists()
    delete_run(run=run, user=None, even_production=True)
    assert not project.runs.exists()


def test_the_number_of_a_deleted_run_is_never_given_again(project: Project) -> None:
    add_run(project)
    delete_run(run=add_run(project), user=None)
    assert create_run(project=project, user=None).number == 3


def test_copies_of_a_deleted_run_stay(project: Project) -> None:
    run = add_run(project)
    copy = create_run(project=project, user=None, copy_of=run, same_inputs=True)
    delete_run(run=run, user=None)
    copy.refresh_from_db()
    assert copy.copied_from is None
