"""Passes of suggestions: a real model reads a project's images ahead of the people."""

from typing import Any

import cv2
import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labeling.imaging.decode import decode_image
from labeling.jobs import JobState
from labeling.models import Annotation, Doubt, Image, ImageStatus, Import, Project, Suggestion
from labeling.models.annotations import AnnotationSource
from labeling.services.images import new_image, store_picture
from labeling.services.projects import delete_project
from labeling.services.suggestions import ImageReading, write_doubts
from labeling.signals import images_came
from tests.factories import add_images
from tests.training.small_models import (
    add_production_reader,
    add_reader,
    project_with_labels,
    some_texts,
)
from training.models import DatasetItem, Model, Split, SuggestionPass
from training.services import suggesting_work
from training.services.models import promote
from training.services.suggesting import forget, present_pass, start_missing_passes, start_pass, suggest
from training.services.suggesting_work import run_pass

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return project_with_labels()


@pytest.fixture
def model(project: Project) -> Model:
    return add_production_reader(project)


def unlabelled(project: Project, count: int, seed: int = 0) -> list[Image]:
    return add_images(project, some_texts(count, seed + 50), labelled=False, seed=seed)


def read_all(project: Project) -> SuggestionPass:
    row = present_pass(project)
    assert row is not None
    run_pass(row.pk)
    row.refresh_from_db()
    return row


def suggestions(images: list[Image]) -> dict[int, str]:
    return dict(Suggestion.objects.filter(image__in=images).values_list("image_id", "text"))


def test_every_unlabelled_image_gets_its_reading(project: Project, model: Model) -> None:
    images = unlabelled(project, 70)
    row = read_all(project)
    texts = {image.pk: image.name.partition("_")[0] for image in images}
    right = sum(suggestions(images)[pk] == text for pk, text in texts.items())
    assert right >= 65
    assert (row.state, row.done, row.total) == (JobState.DONE, row.total, row.done)
    one = Suggestion.objects.filter(image__in=images).first()
    assert one is not None
    assert one.model_number == model.run.number
    assert [each["text"] for each in one.characters] == list(one.text)
    assert all(0 <= each["left"] < each["right"] <= 1 for each in one.characters)


def test_an_image_is_as_sure_as_its_suggestion_and_unsure_without(project: Project, model: Model) -> None:
    image = unlabelled(project, 1)[0]
    assert image.confidence == 0
    read_all(project)
    image.refresh_from_db()
    assert image.confidence == image.suggestion.confidence > 0
    forget(project=project)
    image.refresh_from_db()
    assert image.confidence == 0
    assert not Suggestion.objects.exists()
    row = present_pass(project)
    assert row is not None
    assert (row.state, row.done, row.total) == (JobState.STOPPED, 0, 0)


def test_a_forgotten_pass_reads_everything_anew_when_it_is_wished_for(project: Project, model: Model) -> None:
    images = unlabelled(project, 3)
    read_all(project)
    forget(project=project)
    start_missing_passes()
    assert read_all(project).state == JobState.STOPPED
    suggest(project=project, user=None)
    read_all(project)
    assert len(suggestions(images)) == 3


def test_suggestions_that_are_forgotten_meanwhile_are_not_written(
    project: Project, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlabelled(project, 3)
    read = suggesting_work._read

    def read_and_forget(*arguments: Any) -> Any:
        readings = read(*arguments)
        forget(project=project)
        return readings

    monkeypatch.setattr(suggesting_work, "_read", read_and_forget)
    read_all(project)
    assert not Suggestion.objects.exists()


def test_a_model_promoted_by_an_earlier_version_gets_its_pass(project: Project, model: Model) -> None:
    SuggestionPass.objects.all().delete()
    add_reader(project)
    start_missing_passes()
    assert SuggestionPass.objects.get().model == model


def test_what_is_read_already_is_not_read_again(project: Project, model: Model) -> None:
    unlabelled(project, 3)
    read_all(project)
    before = list(Suggestion.objects.order_by("pk").values())
    start_pass(model=model)
    row = read_all(project)
    assert list(Suggestion.objects.order_by("pk").values()) == before
    assert row.done == row.total == len(before)


def test_without_a_new_wish_a_pass_that_is_done_does_nothing(project: Project, model: Model) -> None:
    read_all(project)
    unlabelled(project, 1)
    assert read_all(project).state == JobState.DONE
    assert not Suggestion.objects.filter(image__status=ImageStatus.UNLABELLED).exists()


def test_images_of_an_ended_import_are_read(project: Project, model: Model) -> None:
    read_all(project)
    images = unlabelled(project, 3, seed=20)
    images_came.send(Import, project=project)
    row = read_all(project)
    assert len(suggestions(images)) == 3
    assert (row.state, row.images_came) == (JobState.DONE, False)


def test_images_that_come_while_a_pass_ends_are_read_too(
    project: Project, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[Image] = []

    def look(images: Any) -> Any:
        if not late:
            late.extend(unlabelled(project, 2, seed=30))
            images_came.send(Import, project=project)
        return found(images)

    # The last thing a pass does before it is done: counting what it could not read.
    found = suggesting_work.ImageQuerySet.count
    read = present_pass(project)
    assert read is not None
    run_pass(read.pk)
    monkeypatch.setattr(suggesting_work.ImageQuerySet, "count", look)
    start_pass(model=model)
    SuggestionPass.objects.update(images_came=False)
    assert read_all(project).state == JobState.QUEUED
    monkeypatch.undo()
    assert read_all(project).state == JobState.DONE
    assert len(suggestions(late)) == 2


def test_jobs_that_wait_come_first_and_the_pass_goes_on_behind_its_place(
    project: Project, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = unlabelled(project, 70)
    monkeypatch.setattr(suggesting_work, "TURN_SECONDS", 0)
    monkeypatch.setattr(suggesting_work, "others_wait", lambda: True)
    row = read_all(project)
    assert row.state == JobState.QUEUED
    assert 0 < row.done < row.total
    assert row.seconds_left is not None
    first = len(suggestions(images))
    row = read_all(project)
    assert len(suggestions(images)) > first
    while row.state == JobState.QUEUED:
        row = read_all(project)
    assert len(suggestions(images)) == 70
    assert row.done == row.total


def test_a_newer_production_model_stops_the_old_pass_and_reads_everything_anew(
    project: Project, model: Model
) -> None:
    images = unlabelled(project, 3)
    read_all(project)
    unlabelled(project, 3, seed=20)
    start_pass(model=model)
    newer = add_production_reader(project, trees=10)
    run_pass(model.suggestion_pass.pk)
    old = SuggestionPass.objects.get(model=model)
    assert old.state == JobState.STOPPED
    assert not Suggestion.objects.filter(model_number=newer.run.number).exists()
    read_all(project)
    numbers = set(Suggestion.objects.filter(image__in=images).values_list("model_number", flat=True))
    assert numbers == {newer.run.number}


def test_a_model_that_is_promoted_again_refreshes_its_suggestions(project: Project, model: Model) -> None:
    images = unlabelled(project, 3)
    read_all(project)
    add_production_reader(project, trees=10)
    read_all(project)
    promote(model=model)
    read_all(project)
    numbers = set(Suggestion.objects.filter(image__in=images).values_list("model_number", flat=True))
    assert numbers == {model.run.number}


def test_a_candidate_starts_no_pass(project: Project) -> None:
    add_reader(project)
    assert not SuggestionPass.objects.exists()


def test_a_picture_that_is_gone_costs_only_its_own_suggestion(project: Project, model: Model) -> None:
    images = unlabelled(project, 3)
    images[1].file.storage.delete(images[1].file.name)
    row = read_all(project)
    assert set(suggestions(images)) == {images[0].pk, images[2].pk}
    assert (row.state, row.total - row.done) == (JobState.DONE, 1)


def test_a_model_whose_file_is_gone_fails_the_pass_with_a_sentence(project: Project, model: Model) -> None:
    model.onnx_file.storage.delete(model.onnx_file.name)
    row = read_all(project)
    assert row.state == JobState.FAILED
    assert "missing or damaged" in row.error


def test_a_pass_whose_project_is_deleted_meanwhile_ends_quietly(
    project: Project, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlabelled(project, 3)
    read = suggesting_work._read

    def read_and_delete(*arguments: Any) -> Any:
        readings = read(*arguments)
        delete_project(project=Project.objects.get(pk=project.pk))
        return readings

    monkeypatch.setattr(suggesting_work, "_read", read_and_delete)
    row = present_pass(project)
    assert row is not None
    run_pass(row.pk)
    assert not Suggestion.objects.exists()


def test_skipped_images_and_images_that_the_model_learnt_from_are_not_read(
    project: Project, model: Model
) -> None:
    skipped = unlabelled(project, 1)[0]
    Image.objects.filter(pk=skipped.pk).update(status=ImageStatus.SKIPPED)
    read_all(project)
    read = set(Suggestion.objects.values_list("image_id", flat=True))
    learnt = set(DatasetItem.objects.filter(split=Split.TRAIN).values_list("image_id", flat=True))
    assert learnt
    assert not read & (learnt | {skipped.pk})


def test_a_gold_image_has_a_suggestion_like_any_other(project: Project, model: Model) -> None:
    item = DatasetItem.objects.filter(split=Split.TRAIN).first()
    assert item is not None
    Image.objects.filter(pk=item.image_id).update(is_gold=True)
    read_all(project)
    assert Suggestion.objects.filter(image=item.image_id).exists()


def test_a_pass_asks_as_often_for_sixty_images_as_for_three(project: Project, model: Model) -> None:
    read_all(project)
    counts = []
    for count, seed in ((3, 0), (40, 500)):
        unlabelled(project, count, seed)
        start_pass(model=model)
        with CaptureQueriesContext(connection) as queries:
            read_all(project)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def wrong_label(project: Project, split: Split | None) -> Image:
    """An image with the label of another; labelled since the last dataset version where `split` is None."""
    if split is None:
        image = unlabelled(project, 1, seed=900)[0]
    else:
        items = DatasetItem.objects.filter(dataset__project=project, split=split)
        image = items.select_related("image").order_by("pk")[0].image
    true = image.name.partition("_")[0]
    image.text, image.status = "11" if true != "11" else "00", ImageStatus.LABELLED
    image.save(update_fields=["text", "status"])
    return image


@pytest.mark.parametrize("split", [Split.VALIDATION, Split.TEST, None])
def test_a_label_that_the_model_reads_differently_is_doubted(
    project: Project, model: Model, split: Split | None
) -> None:
    image = wrong_label(project, split)
    read_all(project)
    doubt = Doubt.objects.get()
    assert doubt.image == image
    assert doubt.text == image.name.partition("_")[0]
    assert doubt.model_number == model.run.number


def test_a_label_that_the_model_learnt_is_not_doubted(project: Project, model: Model) -> None:
    wrong_label(project, Split.TRAIN)
    read_all(project)
    assert not Doubt.objects.exists()


def test_a_model_that_is_less_sure_than_it_would_have_to_be_doubts_nothing(
    project: Project, model: Model
) -> None:
    wrong_label(project, Split.TEST)
    Model.objects.update(
        metrics={"validation": {"coverage": {"threshold": 1.01, "n": 1, "accepted": 0, "right": 0}}}
    )
    read_all(project)
    assert not Doubt.objects.exists()


@pytest.mark.parametrize("source", [AnnotationSource.REVIEW, AnnotationSource.CORRECTION])
def test_what_a_person_decided_against_a_reading_is_not_doubted_again(
    project: Project, model: Model, source: AnnotationSource
) -> None:
    image = wrong_label(project, Split.TEST)
    Annotation.objects.create(image=image, text=image.text, source=source)
    read_all(project)
    assert not Doubt.objects.exists()


def test_the_text_of_a_gold_image_is_not_doubted(project: Project, model: Model) -> None:
    image = wrong_label(project, Split.TEST)
    Image.objects.filter(pk=image.pk).update(is_gold=True)
    read_all(project)
    assert not Doubt.objects.exists()


def test_a_doubt_that_the_next_model_does_not_share_is_forgotten(project: Project, model: Model) -> None:
    image = wrong_label(project, Split.TEST)
    read_all(project)
    assert Doubt.objects.filter(image=image).exists()
    Image.objects.filter(pk=image.pk).update(text=image.name.partition("_")[0])
    add_production_reader(project, trees=10)
    read_all(project)
    assert not Doubt.objects.exists()


def test_a_model_does_not_forget_what_a_cross_validation_doubts(project: Project) -> None:
    [image] = project.images.filter(status=ImageStatus.LABELLED)[:1]
    reading = ImageReading(image.pk, "00", 0.6, [])
    write_doubts(project=project, model_number=None, looked_at=[image.pk], rows=[reading])
    write_doubts(project=project, model_number=1, looked_at=[image.pk], rows=[])
    assert Doubt.objects.get().image == image
    write_doubts(project=project, model_number=None, looked_at=[image.pk], rows=[])
    assert not Doubt.objects.exists()


def test_doubts_about_images_that_were_not_looked_at_stay(project: Project) -> None:
    one, other = project.images.filter(status=ImageStatus.LABELLED)[:2]
    for image in (one, other):
        reading = ImageReading(image.pk, "00", 0.9, [])
        write_doubts(project=project, model_number=1, looked_at=[image.pk], rows=[reading])
    write_doubts(project=project, model_number=2, looked_at=[one.pk], rows=[])
    assert list(Doubt.objects.values_list("image", flat=True)) == [other.pk]


def test_what_is_as_good_as_surely_wrong_is_not_proposed(
    project: Project, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = unlabelled(project, 3)
    monkeypatch.setattr(suggesting_work, "LEAST_PROPOSED", 1.1)
    read_all(project)
    assert suggestions(images) == dict.fromkeys([image.pk for image in images], "")
    assert not Image.objects.filter(project=project, confidence__gt=0).exists()


def test_a_stranger_gets_no_suggestion_and_comes_first(project: Project, model: Model) -> None:
    usual = unlabelled(project, 5)
    noise = np.random.default_rng(0).integers(0, 256, (32, 64, 3), np.uint8)
    encoded = cv2.imencode(".png", noise)[1].tobytes()
    decoded = decode_image(encoded)
    strange = new_image(project=project, name="noise.png", data=encoded, decoded=decoded)
    store_picture(strange, encoded)
    strange.save()
    read_all(project)
    assert suggestions([strange]) == {strange.pk: ""}
    assert all(suggestions(usual).values())
    waiting = Image.objects.filter(project=project, status=ImageStatus.UNLABELLED)
    assert waiting.order_by("confidence").first() == strange
    # It was looked at, and is not again.
    start_pass(model=model)
    assert read_all(project).state == JobState.DONE
