"""What training does about images that come into a project."""

from io import BytesIO

import pytest
from django.core.files.base import File

from labeling.jobs import JobState
from labeling.models import Project, Suggestion
from labeling.services.import_work import run_import
from labeling.services.imports import add_upload, create_import, queue_import
from tests.factories import make_project, png
from tests.training.small_models import add_production_reader, project_with_labels
from training.models import SuggestionPass
from training.services.suggesting_work import run_pass

pytestmark = pytest.mark.django_db


def import_picture(project: Project, data: bytes) -> None:
    batch = create_import(project=project, user=project.created_by, label_source="none")
    add_upload(import_batch=batch, name="new.png", file=File(BytesIO(data), "new.png"))
    queue_import(import_batch=batch, here=True)
    run_import(batch.pk)


def test_imported_images_are_read_with_the_production_model() -> None:
    project = project_with_labels()
    row = add_production_reader(project).suggestion_pass
    run_pass(row.pk)
    import_picture(project, png("47", 77))
    row.refresh_from_db()
    assert row.state == JobState.QUEUED
    run_pass(row.pk)
    assert Suggestion.objects.filter(image__name="new.png").count() == 1


def test_without_a_production_model_they_are_read_with_the_starter() -> None:
    import_picture(project_with_labels(), png("47", 77))
    row = SuggestionPass.objects.get()
    assert (row.model, row.state) == (None, JobState.QUEUED)
    run_pass(row.pk)
    suggestion = Suggestion.objects.get(image__name="new.png")
    assert len(suggestion.text) == 2


def test_in_an_alphabet_that_the_starter_does_not_know_nothing_waits() -> None:
    import_picture(make_project(alphabet="äöü"), png("47", 77))
    assert not SuggestionPass.objects.exists()
