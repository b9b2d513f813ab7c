"""What training does about images that are deleted."""

from typing import Any

import pytest
from django.core.files.storage import default_storage

from labeling.models import Project
from labeling.services.deleting import delete_images
from labeling.services.export_work import run_export
from labeling.services.exports import create_export
from tests.factories import add_images, make_project, texts
from tests.training.views.rows import add_model, add_prediction, add_run
from training.models import DatasetVersion, Prediction
from training.services.datasets import freeze_dataset
from training.services.predictions import correct_prediction

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(20))
    return project


def delete_first(project: Project) -> None:
    [pk] = project.images.order_by("id").values_list("pk", flat=True)[:1]
    delete_images(project=project, user=project.created_by, image_ids=[pk])


def test_a_dataset_loses_a_deleted_image_and_has_it_again_once_it_is_back(project: Project) -> None:
    dataset = freeze_dataset(project=project)
    delete_first(project)
    assert dataset.items.count() == 19
    smaller = freeze_dataset(project=project)
    assert (smaller.number, smaller.item_count) == (2, 19)
    add_images(project, texts(20)[:1])
    assert freeze_dataset(project=project) == dataset
    assert dataset.items.count() == dataset.item_count == 20
    assert DatasetVersion.objects.count() == 2


def test_a_dataset_that_lost_images_is_not_exported_under_its_hash(project: Project) -> None:
    dataset = freeze_dataset(project=project)
    delete_first(project)
    wish = {"dataset": str(dataset.number)}
    export = create_export(project=project, user=project.created_by, format="dataset", options=wish)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == "failed"
    assert "1 of the 20 images of dataset 1 were deleted since" in export.error


def test_a_corrected_reading_goes_with_the_image_that_it_became(
    project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    corrected, other = (add_prediction(add_model(add_run(project)), text) for text in ("123", "456"))
    image = correct_prediction(prediction=corrected, user=project.created_by, text="123")
    with django_capture_on_commit_callbacks(execute=True):
        delete_images(project=project, user=project.created_by, image_ids=[image.pk])
    assert Prediction.objects.get() == other
    assert not default_storage.exists(corrected.file.name)
    assert default_storage.exists(other.file.name)
