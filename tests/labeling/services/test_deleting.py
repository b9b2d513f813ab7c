"""Deleting images: what goes with them, and what stays."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from labeling.imaging.slicing import Projection
from labeling.models import (
    Annotation,
    AuditEntry,
    Doubt,
    Image,
    Lease,
    Project,
    ProjectCounts,
    Slice,
    Suggestion,
)
from labeling.services import import_batches, slicing_work
from labeling.services.annotations import SkipReason, submit
from labeling.services.counts import recount
from labeling.services.deleting import delete_images
from labeling.services.import_work import run_import
from labeling.services.imports import add_upload, create_import, queue_import
from labeling.services.preparations import current_preparation, save_preparation
from labeling.services.queue import lease_images
from labeling.services.slicing_work import run_slicing
from tests.factories import add_images, make_project, png, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """What is to happen once all is committed happens at the end of `with committed():`."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def delete(project: Project, *images: Image) -> int:
    return delete_images(project=project, user=project.created_by, image_ids=[image.pk for image in images])


def with_another_slicing(project: Project) -> Any:
    recipe = replace(current_preparation(project).recipe, slicing=Projection())
    return save_preparation(project=project, user=project.created_by, recipe=recipe)


def import_picture(project: Project, data: bytes) -> Any:
    batch = create_import(project=project, user=project.created_by, label_source="none")
    add_upload(import_batch=batch, name="again.png", file=ContentFile(data))
    queue_import(import_batch=batch, here=True)
    run_import(batch.pk)
    batch.refresh_from_db()
    return batch


def test_everything_about_an_image_goes_with_it_and_all_else_stays(project: Project) -> None:
    gone, kept = add_images(project, ["123", "456"])
    for image in (gone, kept):
        Suggestion.objects.create(image=image, text="124", confidence=0.5, characters=[], model_number=1)
        Doubt.objects.create(image=image, text="124", confidence=0.5, model_number=1)
        Slice.objects.create(
            image=image,
            preparation=current_preparation(project),
            position=0,
            left=0,
            top=0,
            right=1,
            bottom=1,
        )
    assert delete(project, gone) == 1
    for model in (Annotation, Suggestion, Doubt, Slice):
        assert list(model.objects.values_list("image", flat=True)) == [kept.pk]
    assert list(Image.objects.all()) == [kept]


def test_the_counts_are_right_afterwards(project: Project) -> None:
    add_images(project, texts(2))
    labelled, skipped, waiting, _ = add_images(project, texts(4), labelled=False, seed=50)
    submit(image=labelled, user=project.created_by, key=uuid4(), text="123")
    submit(image=skipped, user=project.created_by, key=uuid4(), skip_reason=SkipReason.CUT_OFF)
    delete(project, labelled, skipped, waiting)
    counts = ProjectCounts.objects.values().get(project=project)
    recount(project=project)
    assert counts == ProjectCounts.objects.values().get(project=project)
    assert (counts["labelled"], counts["unlabelled"], counts["skipped"]) == (2, 1, 0)


def test_its_file_goes_once_the_deletion_is_committed(project: Project, committed: Any) -> None:
    gone, kept = add_images(project, ["123", "456"])
    with committed():
        delete(project, gone)
        assert default_storage.exists(gone.file.name)
    assert not default_storage.exists(gone.file.name)
    assert default_storage.exists(kept.file.name)


def test_the_file_of_an_image_that_is_back_by_then_stays(project: Project, committed: Any) -> None:
    [image] = add_images(project, ["123"])
    with committed():
        delete(project, image)
        add_images(project, ["123"])
    assert default_storage.exists(image.file.name)


def test_a_picture_that_goes_while_it_is_imported_again_is_stored_again(
    project: Project, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    [image] = add_images(project, ["123"])
    insert = import_batches.insert_images

    def insert_once_the_file_is_gone(**arguments: Any) -> Any:
        default_storage.delete(image.file.name)
        return insert(**arguments)

    with committed():
        delete(project, image)
    default_storage.save(image.file.name, ContentFile(png("123")))
    monkeypatch.setattr(import_batches, "insert_images", insert_once_the_file_is_gone)
    assert import_picture(project, png("123")).added == 1
    assert default_storage.exists(image.file.name)


def test_a_duplicate_whose_image_goes_while_it_is_imported_is_told_so(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    [image] = add_images(project, ["123"])
    insert = import_batches.insert_images

    def insert_once_the_image_is_gone(**arguments: Any) -> Any:
        delete(project, image)
        return insert(**arguments)

    monkeypatch.setattr(import_batches, "insert_images", insert_once_the_image_is_gone)
    batch = import_picture(project, png("123"))
    assert (batch.state, batch.rejected) == ("done", 1)
    assert "deleted this very moment" in batch.files.get().message


def test_an_image_that_goes_while_its_slices_are_cut_is_left_out(
    project: Project, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late, kept = add_images(project, ["123", "456", "789"])
    preparation = with_another_slicing(project)
    cut = slicing_work._slices

    def cut_and_delete(row: Any, image: Image) -> Any:
        if image == early:
            with committed():
                delete(project, early)
        pieces = cut(row, image)
        if image == late:
            delete(project, late)
        return pieces

    monkeypatch.setattr(slicing_work, "_slices", cut_and_delete)
    run_slicing(preparation.pk)
    preparation.refresh_from_db()
    assert preparation.state == "done"
    assert set(Slice.objects.values_list("image", flat=True)) == {kept.pk}


def test_whoever_holds_a_deleted_image_holds_it_no_more(project: Project) -> None:
    images = add_images(project, texts(2), labelled=False)
    lease_images(project=project, user=project.created_by)
    delete(project, images[0])
    assert Lease.objects.get().image == images[1]


def test_images_of_other_projects_and_images_that_are_gone_are_passed_over(project: Project) -> None:
    [other] = add_images(make_project(name="other"), ["123"])
    [gone] = add_images(project, ["456"])
    delete(project, gone)
    assert delete(project, other, gone) == 0
    assert Image.objects.get() == other
    assert AuditEntry.objects.count() == 1


def test_who_deleted_what_is_in_the_trail(project: Project) -> None:
    images = add_images(project, texts(3))
    delete(project, images[0])
    delete(project, *images[1:])
    trail = AuditEntry.objects.order_by("id").values_list("user", "action", "target")
    assert list(trail) == [
        (project.created_by.pk, "images_deleted", images[0].name),
        (project.created_by.pk, "images_deleted", "2 images"),
    ]


@pytest.mark.parametrize("count", [3, 60])
def test_deleting_asks_a_fixed_number_of_queries(
    project: Project, count: int, django_assert_num_queries: Any
) -> None:
    images = add_images(project, texts(count))
    with django_assert_num_queries(22):
        delete(project, *images)
