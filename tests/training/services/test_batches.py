"""Batches: a real model reads files, folders and archives; each image is answered once."""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import AuditEntry, Image, Project
from labeling.services.deleting import delete_images
from tests.factories import make_project, png
from tests.training.small_models import add_production_reader, add_reader, project_with_labels, some_texts
from training.models import Look, Model, Prediction, ReadingBatch, Verdict
from training.recognition.reader import LARGEST_BATCH
from training.services import batches_work
from training.services.batches import (
    add_uploads,
    cancel_batch,
    create_batch,
    delete_batch,
    forget_old_batches,
    queue_batch,
)
from training.services.batches_work import run_batch
from training.services.deleting_runs import delete_run
from training.services.models import promote
from training.services.pictures import picture_of
from training.services.predictions import correct_prediction

pytestmark = pytest.mark.django_db

Files = list[tuple[str, bytes]]


@pytest.fixture
def project() -> Project:
    return project_with_labels()


@pytest.fixture
def model(project: Project) -> Model:
    return add_production_reader(project)


def pictures(count: int, seed: int = 0) -> Files:
    """Pictures that are named by their texts."""
    return [
        (f"{text}_{number}.png", png(text, 900 + seed + number))
        for number, text in enumerate(some_texts(count, seed + 70))
    ]


def zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(files: Files) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def upload(batch: ReadingBatch, files: Files) -> None:
    add_uploads(batch=batch, files=[(name, io.BytesIO(data), len(data)) for name, data in files])


def queued(project: Project, files: Files) -> ReadingBatch:
    batch = create_batch(project=project, user=project.created_by)
    upload(batch, files)
    queue_batch(batch=batch, user=project.created_by, here=True)
    return batch


def read(project: Project, files: Files) -> ReadingBatch:
    batch = queued(project, files)
    run_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def answers(batch: ReadingBatch) -> list[tuple[str, str]]:
    return list(batch.readings.order_by("position").values_list("name", "text"))


def truths(files: Files) -> list[tuple[str, str]]:
    return [(name, name.partition("_")[0]) for name, _ in files]


def test_files_and_archives_are_read_in_their_order(project: Project, model: Model) -> None:
    one, few, more = pictures(1), pictures(3, seed=10), pictures(2, seed=20)
    batch = read(project, [*one, ("few.zip", zipped(few)), ("more.tgz", tarred(more))])
    assert (batch.state, batch.total, batch.position, batch.failed) == (JobState.DONE, 6, 6, 0)
    assert answers(batch) == truths([*one, *few, *more])
    assert list(batch.readings.order_by("position").values_list("position", flat=True)) == list(range(6))


def test_each_picture_is_kept_once_and_as_it_came(project: Project, model: Model) -> None:
    alone, packed = pictures(3), pictures(4, seed=10)
    batch = read(project, [*alone, ("all.zip", zipped(packed))])
    kept = [picture_of(reading) for reading in batch.readings.order_by("position")]
    assert kept == [data for _, data in alone + packed]
    folders, files = default_storage.listdir(batch.folder)
    stored = sum(
        default_storage.size(f"{batch.folder}/{folder}/{name}")
        for folder in folders
        for name in default_storage.listdir(f"{batch.folder}/{folder}")[1]
    )
    assert not files
    assert stored == sum(len(data) for data in kept)


def test_what_is_no_image_gets_its_sentence_and_the_others_their_reading(
    project: Project, model: Model
) -> None:
    good = pictures(2)
    files = [good[0], ("notes.txt", b"only words"), good[1], ("all.zip", zipped([("empty.png", b""), *good]))]
    batch = read(project, files)
    assert (batch.position, batch.failed, batch.read) == (6, 2, 4)
    errors = dict(batch.readings.exclude(error="").values_list("name", "error"))
    assert "only words" in errors["notes.txt"]
    assert "empty" in errors["empty.png"]
    with pytest.raises(FileNotFoundError):
        picture_of(batch.readings.get(name="notes.txt"))


def test_a_damaged_archive_gives_what_is_before_the_damage(project: Project, model: Model) -> None:
    files = pictures(4)
    whole = zipped(files)
    batch = read(project, [("cut.zip", whole[: len(whole) * 2 // 3]), ("no.tar", b"no archive at all")])
    assert batch.state == JobState.DONE
    read_well = answers(batch)[: batch.read]
    assert read_well == truths(files)[: batch.read]
    assert 1 <= batch.read < 4
    assert batch.total == batch.position == batch.readings.count()
    assert {name for name, text in answers(batch) if not text} >= {"cut.zip", "no.tar"}


def test_a_batch_keeps_the_model_that_it_began_with(project: Project, model: Model) -> None:
    batch = queued(project, pictures(2))
    promote(model=add_reader(project, trees=5))
    run_batch(batch.pk)
    assert set(batch.readings.values_list("model", flat=True)) == {model.pk}


class Killed(BaseException):
    """What no job catches, as a worker that is gone."""


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of as few images as are read at once."""
    monkeypatch.setattr(batches_work, "STEP_SECONDS", 0.0)
    monkeypatch.setattr(batches_work, "LARGEST_BATCH", 10)


def interrupted(batch: ReadingBatch, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Let a worker die behind some steps: with the next one's pictures stored, and its rows not yet written."""
    places, done = batches_work._places, []

    def dying(*arguments: Any) -> Any:
        found = places(*arguments)
        if len(done) == steps:
            raise Killed
        done.append(None)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(batches_work, "_places", dying)
        with pytest.raises(Killed):
            run_batch(batch.pk)
    ReadingBatch.objects.filter(pk=batch.pk).update(state=JobState.QUEUED, claim=None)


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_another_worker_goes_on_and_every_image_is_answered_once(
    project: Project, model: Model, monkeypatch: pytest.MonkeyPatch, pack: Any
) -> None:
    files = [*pictures(15), ("a.bin", b"no image"), *pictures(25, seed=100)]
    name = "packed.zip" if pack is zipped else "packed.tgz"
    batch = queued(project, [*files, (name, pack(files))])
    interrupted(batch, monkeypatch, steps=2)
    interrupted(batch, monkeypatch, steps=3)
    assert batch.readings.count() == 50
    run_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.total, batch.failed) == (JobState.DONE, 82, 2)
    expected = [(file, "" if file == "a.bin" else text) for file, text in truths(files)]
    assert answers(batch) == expected * 2
    kept = [picture_of(reading) for reading in batch.readings.filter(error="").order_by("position")]
    assert kept == [data for file, data in files * 2 if file != "a.bin"]


def test_a_batch_steps_aside_for_a_job_that_waits(
    project: Project, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: Iterator[bool] = iter([True, False])
    monkeypatch.setattr(batches_work, "TURN_SECONDS", -1)
    monkeypatch.setattr(batches_work, "STEP_SECONDS", 0.0)
    monkeypatch.setattr(batches_work, "others_wait", lambda: next(waiting, False))
    files = pictures(LARGEST_BATCH + 5)
    batch = read(project, files)
    assert (batch.state, batch.position) == (JobState.QUEUED, LARGEST_BATCH)
    run_batch(batch.pk)
    assert answers(batch) == truths(files)


@pytest.mark.parametrize(("side", "at_once"), [(100, 64), (1000, 4), (2000, 1)])
def test_no_more_pixels_are_decoded_at_once_than_one_image_may_have(side: int, at_once: int) -> None:
    data = png("", width=side, height=side)
    items = [batches_work.BatchItem(0, number, "a.png", data) for number in range(70)]
    assert max(len(few) for few in batches_work._fews(iter(items))) == at_once


def test_a_cancelled_batch_keeps_what_was_read(
    project: Project, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches_work, "STEP_SECONDS", 0.0)
    batch = queued(project, [("all.zip", zipped(pictures(LARGEST_BATCH + 5)))])
    ReadingBatch.objects.filter(pk=batch.pk).update(stop_requested=True)
    run_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.position, batch.total) == (JobState.STOPPED, LARGEST_BATCH, LARGEST_BATCH + 5)
    with pytest.raises(Refused, match="has ended"):
        queue_batch(batch=batch)


def test_a_batch_that_no_worker_has_taken_is_cancelled_at_once(project: Project, model: Model) -> None:
    batch = queued(project, pictures(1))
    cancel_batch(batch=batch, user=project.created_by)
    assert batch.state == JobState.STOPPED
    assert batch.finished_at is not None
    run_batch(batch.pk)
    assert not batch.readings.exists()
    assert not batch.uploads.exists()


def test_verdicts_are_counted_and_checks_count_down(project: Project, model: Model) -> None:
    threshold = {"threshold": 1.01, "n": 20, "accepted": 0, "right": 0}
    Model.objects.filter(pk=model.pk).update(metrics={"validation": {"coverage": threshold}})
    batch = read(project, pictures(3))
    assert (batch.unsure, batch.sure, batch.to_check, batch.checked) == (3, 0, 3, 0)
    reading = batch.readings.get(position=1)
    assert (reading.verdict, reading.look) == (Verdict.UNSURE, Look.WANTED)
    for _ in range(2):
        correct_prediction(prediction=reading, user=project.created_by, text=reading.name[:2])
    batch.refresh_from_db()
    assert (batch.unsure, batch.to_check, batch.checked) == (3, 2, 1)
    assert Image.objects.filter(project=project, text=reading.name[:2], name=reading.name).exists()


def test_a_sure_reading_needs_no_look_and_may_have_one(project: Project, model: Model) -> None:
    threshold = {"threshold": 0.0, "n": 20, "accepted": 20, "right": 20}
    Model.objects.filter(pk=model.pk).update(metrics={"validation": {"coverage": threshold}})
    batch = read(project, pictures(2))
    assert (batch.sure, batch.to_check) == (2, 0)
    correct_prediction(prediction=batch.readings.get(position=0), user=project.created_by, text="01")
    batch.refresh_from_db()
    assert (batch.to_check, batch.checked) == (0, 1)


def test_what_could_not_be_read_cannot_be_corrected(project: Project, model: Model) -> None:
    batch = read(project, [("a.png", b"nothing")])
    with pytest.raises(Refused, match="no picture"):
        correct_prediction(prediction=batch.readings.get(), user=project.created_by, text="01")


def test_deleting_a_batch_leaves_nothing_but_the_corrected_images(project: Project, model: Model) -> None:
    batch = read(project, [*pictures(2), ("all.zip", zipped(pictures(2, seed=10)))])
    image = correct_prediction(prediction=batch.readings.get(position=3), user=project.created_by, text="01")
    delete_batch(batch=batch, user=project.created_by)
    assert not Prediction.objects.exists()
    assert not default_storage.exists(batch.folder)
    assert default_storage.exists(str(image.file.name))
    assert AuditEntry.objects.filter(action="batch_deleted").exists()


def test_a_batch_goes_with_its_models_run(
    project: Project, model: Model, django_capture_on_commit_callbacks: Any
) -> None:
    batch = read(project, pictures(2))
    with django_capture_on_commit_callbacks(execute=True):
        delete_run(run=model.run, user=project.created_by, even_production=True)
    assert not ReadingBatch.objects.exists()
    assert not default_storage.exists(batch.folder)


def test_the_picture_of_a_deleted_image_is_gone_from_the_batch_and_its_neighbours_are_not(
    project: Project, model: Model, django_capture_on_commit_callbacks: Any
) -> None:
    files = pictures(3)
    batch = read(project, files)
    reading = batch.readings.get(position=1)
    image = correct_prediction(prediction=reading, user=project.created_by, text="01")
    with django_capture_on_commit_callbacks(execute=True):
        delete_images(project=project, user=project.created_by, image_ids=[image.pk])
    kept = [picture_of(each) for each in batch.readings.order_by("position")]
    assert kept == [files[0][1], files[2][1]]
    assert set(picture_of(reading)) == {0}
    batch.refresh_from_db()
    assert batch.checked == 0


def test_a_batch_without_a_model_or_without_files_is_refused(project: Project) -> None:
    with pytest.raises(Refused, match="has no model yet"):
        create_batch(project=make_project(name="other"), user=None)
    add_production_reader(project)
    batch = create_batch(project=project, user=None)
    with pytest.raises(Refused, match="no files yet"):
        queue_batch(batch=batch)


def test_a_file_that_comes_too_late_or_is_too_much_is_refused_and_not_kept(
    project: Project, model: Model, settings: Any
) -> None:
    batch = create_batch(project=project, user=None)
    settings.IMPORT_MAX_FILES = 2
    with pytest.raises(Refused, match="takes 2 files"):
        upload(batch, pictures(3))
    settings.IMPORT_MAX_UPLOAD_BYTES = 2**20
    with pytest.raises(Refused, match="takes 1 MB"):
        upload(batch, [("all.zip", bytes(2**20 + 1))])
    assert default_storage.listdir(f"{batch.folder}/uploads") == ([], [])
    upload(batch, pictures(1))
    queue_batch(batch=batch, here=True)
    with pytest.raises(Refused, match="has started already"):
        upload(batch, pictures(1))


def test_a_picture_that_is_too_large_is_not_kept_and_answered_with_the_reason(
    project: Project, model: Model
) -> None:
    good = pictures(2)
    batch = read(project, [good[0], ("huge.png", bytes(11 * 2**20)), good[1]])
    assert answers(batch) == [truths(good)[0], ("huge.png", ""), truths(good)[1]]
    assert "11.0 MB; at most 10 MB are read" in batch.readings.get(position=1).error
    [pack] = default_storage.listdir(f"{batch.folder}/uploads")[1]
    assert default_storage.size(f"{batch.folder}/uploads/{pack}") == sum(len(data) for _, data in good)


def test_what_is_stored_while_a_batch_is_deleted_goes_too(
    project: Project, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = queued(project, [("all.zip", zipped(pictures(3)))])
    places = batches_work._places

    def deleted_meanwhile(*arguments: Any) -> Any:
        found = places(*arguments)
        delete_batch(batch=ReadingBatch.objects.get(pk=batch.pk))
        # The storage was cleared before the worker wrote there.
        return found | places(*arguments)

    monkeypatch.setattr(batches_work, "_places", deleted_meanwhile)
    run_batch(batch.pk)
    assert not default_storage.exists(batch.folder)
    assert not Prediction.objects.exists()


def test_old_batches_go_where_the_site_says_so(project: Project, model: Model, settings: Any) -> None:
    old, new, draft = (
        read(project, pictures(1)),
        read(project, pictures(1)),
        create_batch(project=project, user=None),
    )
    long_ago = timezone.now() - timedelta(days=8)
    ReadingBatch.objects.filter(pk=old.pk).update(finished_at=long_ago)
    forget_old_batches()
    assert set(ReadingBatch.objects.all()) == {old, new, draft}
    settings.BATCH_DAYS = 7
    ReadingBatch.objects.filter(pk=draft.pk).update(created_at=long_ago)
    forget_old_batches()
    assert set(ReadingBatch.objects.all()) == {new}
