"""Exports: files that are whole or not there, written one at a time, and read back by an import."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from labeling.errors import Refused
from labeling.jobs import JobState, requeue_abandoned
from labeling.models import Annotation, AuditEntry, Export, Image, Project
from labeling.services import export_work
from labeling.services.annotations import annotate
from labeling.services.export_work import run_export
from labeling.services.exports import create_export, delete_export, restart_export, stop_export
from labeling.services.projects import delete_project
from tests.factories import add_images, make_project, make_user
from tests.labeling.services.test_imports import import_files

pytestmark = pytest.mark.django_db


class WorkerDies(BaseException):
    pass


def exported(project: Project, format: str, **options: Any) -> tuple[str, bytes]:
    """Export a project; return (file name, content)."""
    export = create_export(project=project, user=project.created_by, format=format, options=options)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == JobState.DONE, export.error
    with export.file.open("rb") as file:
        return str(export.file.name).rsplit("/", 1)[-1], file.read()


def content(project: Project, **wanted: Any) -> set[tuple[str, str]]:
    return set(project.images.filter(**wanted).values_list("sha256", "text"))


def make_source(texts: list[str], **changes: Any) -> Project:
    project = make_project(name="source", **changes)
    add_images(project, texts)
    return project


ROUND_TRIPS = [
    ("filenames", {}, "filename"),
    ("table", {}, "csv"),
    ("table", {"kind": "tsv"}, "csv"),
    ("table", {"kind": "jsonl"}, "csv"),
    ("json", {}, "csv"),
    ("json", {"annotators": True}, "csv"),
    ("label_studio", {}, "csv"),
    ("label_studio", {"pictures": "beside"}, "csv"),
    ("label_studio", {"annotators": True}, "csv"),
]


@pytest.mark.parametrize(("format", "options", "source"), ROUND_TRIPS)
def test_what_is_exported_comes_back_with_the_same_bytes_and_texts(
    format: str, options: dict[str, Any], source: str
) -> None:
    # Texts that names of files cannot hold as they are, that come again, and that differ in case only.
    wish = {"alphabet": "aAb1_/%\"',;", "min_length": 1, "max_length": 4, "case_sensitive": True}
    project = make_source(["ab", "ab", "Ab", "a_1", "a/b", "%1", "\"',;", "b"], **wish)
    mia = make_user("mia")
    annotate(image=project.images.order_by("id")[0], user=mia, text="b")
    name, data = exported(project, format, **options)
    target = make_project(name="target", **wish)
    batch = import_files(target, {name: data}, source)
    assert batch.rejected == batch.without_label == 0
    assert content(target) == content(project)


def test_a_table_without_pictures_labels_the_same_images_elsewhere() -> None:
    project = make_source(["123", "456", "123"])
    name, data = exported(project, "table", pictures=False)
    assert name.endswith(".csv")
    target = make_project(name="target")
    add_images(target, ["123", "456", "123"], labelled=False)
    Image.objects.filter(project=target).update(name="all-the-same.png")
    import_files(target, {name: data}, "csv")
    assert content(target) == content(project)


@pytest.mark.parametrize("format", ["table", "json", "label_studio"])
def test_images_without_a_text_come_along_if_asked_for(format: str) -> None:
    project = make_source(["123"])
    add_images(project, ["456"], labelled=False, seed=9)
    name, data = exported(project, format, unlabelled=True)
    target = make_project(name="target")
    batch = import_files(target, {name: data}, "csv")
    assert content(target) == content(project)
    assert (batch.added, batch.without_label) == (2, 0)
    name, data = exported(project, format)
    assert len(content(project)) == 2
    other = make_project(name="other")
    import_files(other, {name: data}, "csv")
    assert content(other) == content(project, status="labelled")


@pytest.mark.parametrize("format", ["json", "label_studio"])
def test_names_of_people_leave_the_site_only_if_asked_for(format: str) -> None:
    project = make_source(["123"])
    annotate(image=project.images.get(), user=make_user("mia"), text="124")
    assert b"mia" not in exported(project, format)[1]
    name, data = exported(project, format, annotators=True)
    assert b"mia" in data
    target = make_project(name="target", overlap=2)
    import_files(target, {name: data}, "csv")
    found = Annotation.objects.filter(image__project=target).order_by("id")
    assert list(found.values_list("text", "annotator_name")) == [("124", "mia"), ("124", "")]
    assert content(target) == content(project)


def test_file_names_say_texts_and_number_what_comes_again() -> None:
    project = make_source(["123", "456", "123"])
    _, data = exported(project, "filenames")
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["123.png", "456.png", "123_2.png"]


def test_the_same_project_gives_the_same_bytes_again() -> None:
    project = make_source(["123", "456"])
    assert exported(project, "table")[1] == exported(project, "table")[1]


def test_label_studio_finds_pictures_beside_the_tasks_in_its_local_storage() -> None:
    project = make_source(["123"])
    _, data = exported(project, "label_studio", pictures="beside")
    archive = zipfile.ZipFile(io.BytesIO(data))
    [task] = json.loads(archive.read("tasks.json"))
    assert archive.namelist() == ["images/123_0.png", "tasks.json"]
    assert task["data"]["image"] == "/data/local-files/?d=images/123_0.png"
    [annotation] = task["annotations"]
    assert annotation["ground_truth"] is True
    assert annotation["result"][0]["value"] == {"text": ["123"]}


def test_an_export_is_written_down_in_the_audit_trail() -> None:
    project = make_source(["123"])
    create_export(project=project, user=project.created_by, format="json")
    entry = AuditEntry.objects.get(action="export_made")
    assert (entry.user, entry.target) == (project.created_by, "JSON")


@pytest.mark.parametrize(
    ("format", "options", "says"),
    [
        ("excel", {}, "no format"),
        ("table", {"colour": 1}, "no option of this format. Its options are: kind, pictures, unlabelled"),
        ("table", {"kind": "xlsx"}, "“kind” does not work"),
        ("json", {}, "No image has a text yet"),
        ("json", {"unlabelled": True}, "Import some first"),
    ],
)
def test_an_export_that_cannot_be_is_refused_with_a_sentence(
    format: str, options: dict[str, Any], says: str
) -> None:
    project = make_project()
    with pytest.raises(Refused, match=says):
        create_export(project=project, user=project.created_by, format=format, options=options)
    assert not Export.objects.exists()


def test_an_interrupted_export_offers_no_half_file_and_starts_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = make_source(["123", "456"])
    export = create_export(project=project, user=project.created_by, format="table")

    def die(self: Any, done: int) -> None:
        raise WorkerDies

    with monkeypatch.context() as patch:
        patch.setattr(export_work._Progress, "__call__", die)
        with pytest.raises(WorkerDies):
            run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.file.name) == (JobState.RUNNING, "")
    assert not default_storage.exists(f"projects/{project.pk}/exports")

    # What the reaper finds once the worker's process is gone.
    Export.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    requeue_abandoned(Export.objects.all())
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.done, export.attempts) == (JobState.DONE, 2, 2)
    with export.file.open("rb") as file:
        assert zipfile.ZipFile(file).testzip() is None


def test_a_stopped_export_keeps_nothing_and_can_be_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_work, "PROGRESS_SECONDS", 0.0)
    project = make_source(["123", "456"])
    export = create_export(project=project, user=project.created_by, format="table")
    Export.objects.update(stop_requested=True)
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.file.name) == (JobState.STOPPED, "")
    restart_export(export=export)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == JobState.DONE
    with pytest.raises(Refused, match="whole already"):
        restart_export(export=export)


def test_a_stop_before_its_turn_takes_an_export_out_of_the_queue() -> None:
    project = make_source(["123"])
    export = create_export(project=project, user=project.created_by, format="table")
    stop_export(export=export)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == JobState.STOPPED


def test_a_lost_picture_fails_the_export_with_its_name() -> None:
    project = make_source(["123"])
    default_storage.delete(project.images.get().file.name)
    export = create_export(project=project, user=project.created_by, format="table")
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == JobState.FAILED
    assert "“123_0.png” is missing from the storage" in export.error


def test_exports_take_turns_so_that_a_worker_stays_free_for_readings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = make_source(["123"])
    first, second = (
        create_export(project=project, user=project.created_by, format="table") for _ in range(2)
    )
    assert first.claim_for_work()
    run_export(second.pk)
    second.refresh_from_db()
    assert second.state == JobState.QUEUED
    first.hand_back()
    sent = []
    monkeypatch.setattr(export_work, "dispatch", lambda task, pk: sent.append(pk))
    run_export(first.pk)
    assert sent == [second.pk]


def test_a_message_delivered_twice_writes_one_file() -> None:
    project = make_source(["123"])
    export = create_export(project=project, user=project.created_by, format="table")
    run_export(export.pk)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.attempts == 1


def test_deleting_an_export_deletes_its_file() -> None:
    project = make_source(["123"])
    exported(project, "json")
    export = Export.objects.get()
    path = export.file.name
    delete_export(export=export)
    assert not default_storage.exists(path)
    assert not Export.objects.exists()


def test_an_export_deleted_while_it_is_written_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_source(["123"])
    export = create_export(project=project, user=project.created_by, format="json")
    save = FileSystemStorage.save

    def delete_meanwhile(storage: FileSystemStorage, name: str, content: Any) -> str:
        path = save(storage, name, content)
        Export.objects.all().delete()
        return path

    monkeypatch.setattr(FileSystemStorage, "save", delete_meanwhile)
    run_export(export.pk)
    assert not default_storage.exists(
        f"projects/{project.pk}/exports/{export.pk}/source-json-{export.pk}.json"
    )


def test_a_projects_exports_go_with_it() -> None:
    project = make_source(["123"])
    exported(project, "json")
    path = Export.objects.get().file.name
    delete_project(project=project)
    assert not default_storage.exists(path)
