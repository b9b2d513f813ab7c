import io
import tarfile
import zipfile
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from PIL import Image as Pillow

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Annotation, Image, ImageStatus, Import, Outcome, Project
from labeling.services.import_work import run_import
from labeling.services.imports import add_upload, create_import, queue_import, stop_import
from tests.factories import make_project, png

pytestmark = pytest.mark.django_db


def import_files(
    project: Project, files: dict[str, bytes], source: str = "filename", **options: Any
) -> Import:
    batch = create_import(project=project, user=project.created_by, label_source=source, **options)
    for name, data in files.items():
        add_upload(import_batch=batch, name=name, file=ContentFile(data))
    queue_import(import_batch=batch, here=True)
    run_import(batch.pk)
    batch.refresh_from_db()
    return batch


def outcomes(batch: Import) -> dict[str, tuple[str, str]]:
    return {file.name: (file.outcome, file.message) for file in batch.files.all()}


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def saved(picture: Pillow.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def test_images_named_by_their_text_come_in_labelled() -> None:
    project = make_project()
    batch = import_files(project, {"123.png": png("123"), "456.png": png("456")})
    assert (batch.state, batch.added, batch.rejected, batch.position) == (JobState.DONE, 2, 0, 2)
    assert set(Image.objects.values_list("text", "status")) == {("123", "labelled"), ("456", "labelled")}
    assert Annotation.objects.filter(source="import").count() == 2


def test_images_without_labels_wait_in_the_queue() -> None:
    project = make_project()
    import_files(project, {"123.png": png("123")}, source="none")
    image = Image.objects.get()
    assert (image.status, image.text, image.annotations.count()) == (ImageStatus.UNLABELLED, "", 0)


def test_a_folder_names_the_text_of_its_images() -> None:
    project = make_project(min_length=1, max_length=1)
    import_files(project, {"train/7/a.png": png("7"), "train/8/b.png": png("8")}, source="folder")
    assert set(Image.objects.values_list("name", "text")) == {("a.png", "7"), ("b.png", "8")}


@pytest.mark.parametrize("table_is_in_the_archive", [True, False])
def test_a_table_gives_the_labels_from_beside_or_inside_the_archive(table_is_in_the_archive: bool) -> None:
    project = make_project()
    table = b"filename,text\na.png,123\n"
    pictures = {"a.png": png("123"), "b.png": png("456")}
    if table_is_in_the_archive:
        files = {"all.zip": zipped({"labels.csv": table, **pictures})}
    else:
        files = {"labels.csv": table, **pictures}
    batch = import_files(project, files, source="csv")
    assert dict(Image.objects.values_list("name", "text")) == {"a.png": "123", "b.png": ""}
    assert "no row for this file" in outcomes(batch)["b.png"][1]
    assert batch.rejected == 0


def test_a_zip_and_a_tar_bring_their_members_in() -> None:
    project = make_project()
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w:gz") as archive:
        member = tarfile.TarInfo("deep/456.png")
        data = png("456")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    import_files(project, {"a.zip": zipped({"x/123.png": png("123")}), "b.tar.gz": tarred.getvalue()})
    assert set(Image.objects.values_list("text", flat=True)) == {"123", "456"}


def test_every_kind_of_bad_file_gets_its_sentence_and_the_rest_goes_through() -> None:
    project = make_project()
    picture = Pillow.open(io.BytesIO(png("123")))
    bomb = saved(Pillow.new("1", (20_000, 20_000)), "PNG")
    files = {
        "empty.png": b"",
        "cut.png": png("123")[:-200],
        "text.jpg": b"this is only text, renamed",
        "bomb.png": bomb,
        "good/321.png": png("321"),
        "654.gif": saved(
            picture.convert("P"), "GIF", save_all=True, append_images=[picture.rotate(5)], duration=50
        ),
        "111.png": saved(
            Pillow.fromarray((np.arange(72 * 32).reshape(32, 72) * 25).astype(np.uint16)), "PNG"
        ),
        "222.jpg": saved(picture.convert("CMYK"), "JPEG"),
        "333.png": saved(picture.convert("P"), "PNG"),
        "444.png": saved(picture.convert("RGBA"), "PNG"),
        "12x.png": png("12", 1),
        "1234.png": png("1234", 2),
    }
    batch = import_files(project, files)
    said = outcomes(batch)
    assert batch.state == JobState.DONE
    assert batch.position == len(files)
    for name in ("empty.png", "cut.png", "text.jpg", "bomb.png"):
        assert said[name][0] == Outcome.REJECTED, name
        assert len(said[name][1]) > 15, name
    for name in ("good/321.png", "654.gif", "111.png", "222.jpg", "333.png", "444.png"):
        assert said[name][0] == Outcome.ADDED, said[name]
    assert "first" in said["654.gif"][1]
    assert "16" in said["111.png"][1]
    for name in ("12x.png", "1234.png"):
        assert said[name][0] == Outcome.WITHOUT_LABEL
        assert Image.objects.get(name=name).status == ImageStatus.UNLABELLED
    assert (batch.added, batch.without_label, batch.rejected) == (6, 2, 4)


def test_an_archive_of_tricks_harms_nobody() -> None:
    project = make_project()
    tricks = {
        "../../escape/123.png": png("123"),
        "bomb.png": bytes(60_000_000),
        "456.png": png("456"),
    }
    batch = import_files(project, {"tricks.zip": zipped(tricks)})
    said = outcomes(batch)
    assert batch.state == JobState.DONE
    assert [image.text for image in Image.objects.all()] == ["456"]
    assert batch.rejected == 2, said


def test_the_same_bytes_come_in_once_and_the_file_is_told_so() -> None:
    project = make_project()
    import_files(project, {"123.png": png("123")})
    batch = import_files(project, {"123.png": png("123"), "again.png": png("123")})
    assert Image.objects.count() == 1
    assert batch.duplicates == 2
    assert "Already in the project" in outcomes(batch)["again.png"][1]


def test_a_duplicate_brings_its_label_to_an_image_that_had_none() -> None:
    project = make_project()
    import_files(project, {"x.png": png("123")}, source="none")
    batch = import_files(project, {"123.png": png("123")})
    assert (batch.labelled, batch.duplicates) == (1, 0)
    assert Image.objects.get().text == "123"


def test_a_duplicate_with_another_label_changes_nothing_and_says_so() -> None:
    project = make_project()
    import_files(project, {"123.png": png("123")})
    batch = import_files(project, {"124.png": png("123")})
    assert Image.objects.get().text == "123"
    assert "“123”" in outcomes(batch)["124.png"][1]


def test_two_projects_keep_the_same_bytes_apart() -> None:
    first, second = make_project(name="one"), make_project(name="two")
    import_files(first, {"123.png": png("123")})
    batch = import_files(second, {"123.png": png("123")})
    assert batch.added == 1


def test_an_interrupted_import_goes_on_behind_its_last_batch() -> None:
    project = make_project()
    names = {f"{number:03d}.png": png(f"{number:03d}") for number in range(250)}
    batch = create_import(project=project, user=project.created_by, label_source="filename")
    add_upload(import_batch=batch, name="all.zip", file=ContentFile(zipped(names)))
    queue_import(import_batch=batch, here=True)

    class WorkerDies(BaseException):
        pass

    def die(row: Import) -> None:
        if row.position >= 200:
            raise WorkerDies

    with pytest.raises(WorkerDies):
        run_import(batch.pk, on_progress=die)
    batch.refresh_from_db()
    assert (batch.state, batch.position) == (JobState.RUNNING, 200)
    Import.objects.filter(pk=batch.pk).update(state=JobState.QUEUED, claim=None)
    run_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.added, batch.files.count()) == (JobState.DONE, 250, 250)
    assert Image.objects.count() == 250


def test_two_deliveries_of_one_message_import_once() -> None:
    project = make_project()
    batch = import_files(project, {"123.png": png("123")})
    run_import(batch.pk)
    assert batch.files.count() == 1


def test_a_stopped_import_keeps_what_is_in() -> None:
    project = make_project()
    batch = create_import(project=project, user=project.created_by, label_source="filename")
    add_upload(import_batch=batch, name="123.png", file=ContentFile(png("123")))
    queue_import(import_batch=batch, here=True)
    stop_import(import_batch=batch)
    run_import(batch.pk)
    batch.refresh_from_db()
    assert batch.state == JobState.STOPPED


def test_an_import_without_files_is_refused() -> None:
    project = make_project()
    batch = create_import(project=project, user=project.created_by, label_source="none")
    with pytest.raises(Refused, match="no files yet"):
        queue_import(import_batch=batch)


def test_a_late_file_is_refused() -> None:
    project = make_project()
    batch = import_files(project, {"123.png": png("123")})
    with pytest.raises(Refused, match="came too late"):
        add_upload(import_batch=batch, name="456.png", file=ContentFile(png("456")))


def test_a_table_import_without_its_table_says_what_is_missing() -> None:
    project = make_project()
    batch = create_import(project=project, user=project.created_by, label_source="csv")
    add_upload(import_batch=batch, name="123.png", file=ContentFile(png("123")))
    with pytest.raises(Refused, match="no CSV, TSV or JSON"):
        queue_import(import_batch=batch)


def test_uploads_are_deleted_once_their_import_is_done(settings: Any) -> None:
    from django.core.files.storage import default_storage

    project = make_project()
    batch = import_files(project, {"123.png": png("123")})
    assert not default_storage.exists(batch.uploads.get().file.name)
