"""Importing tables, JSON and Label Studio: beside pictures, with pictures inside, about images that are there."""

import base64
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.base import ContentFile

from labeling.jobs import JobState
from labeling.models import Annotation, Image, ImageStatus, Import, Outcome
from labeling.services.import_work import run_import
from labeling.services.imports import add_upload, create_import, queue_import
from tests.factories import add_images, make_project, png
from tests.labeling.services.test_imports import import_files, outcomes, zipped

pytestmark = pytest.mark.django_db


def texts() -> dict[str, str]:
    return dict(Image.objects.values_list("name", "text"))


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def json_of(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("labels.csv", b"filename,text\na.png,123\nb.png,456\n"),
        ("labels.tsv", b"a.png\t123\nb.png\t456\n"),
        ("labels.jsonl", b'{"filename": "a.png", "text": "123"}\n{"file": "b.png", "label": 456}\n'),
        ("labels.json", b'[{"name": "a.png", "text": "123"}, {"name": "b.png", "text": "456"}]'),
        (
            "tasks.json",
            json_of(
                [
                    {
                        "data": {"image": f"/data/upload/1/0a1b2c3d-{name}"},
                        "annotations": [{"result": [{"type": "textarea", "value": {"text": [text]}}]}],
                    }
                    for name, text in (("a.png", "123"), ("b.png", "456"))
                ]
            ),
        ),
    ],
)
def test_every_kind_of_table_labels_pictures_beside_it_and_images_that_are_there(
    name: str, table: bytes
) -> None:
    project = make_project()
    add_images(project, ["456"], labelled=False)
    Image.objects.update(name="b.png")
    batch = import_files(project, {"all.zip": zipped({f"x/{name}": table, "x/a.png": png("123", 7)})}, "csv")
    assert texts() == {"a.png": "123", "b.png": "456"}
    assert (batch.added, batch.labelled, batch.rejected) == (1, 1, 0)
    assert Annotation.objects.filter(source="import").count() == 2


def test_json_brings_its_pictures_whatever_the_texts_come_from() -> None:
    project = make_project()
    images = [
        {"name": "123", "png_base64": encoded(png("123"))},
        {"name": "x", "png_base64": encoded(png("456"))},
    ]
    import_files(project, {"all.json": json_of({"images": images})}, "filename")
    assert texts() == {"123": "123", "x": ""}


def test_a_table_labels_the_pictures_inside_of_a_json_file() -> None:
    project = make_project()
    images = [{"name": "4736d0", "jpg_base64": encoded(png("123"))}]
    files = {"challenge.json": json_of({"images": images}), "labels.csv": b"name,text\n4736d0,123\n"}
    batch = import_files(project, files, "csv")
    assert texts() == {"4736d0": "123"}
    assert outcomes(batch)["4736d0"] == (Outcome.ADDED, "")
    assert batch.total == 3


def test_without_texts_wanted_pictures_come_in_and_what_their_files_say_does_not() -> None:
    project = make_project()
    images = [{"name": "a", "png_base64": encoded(png("123")), "text": "123"}]
    import_files(project, {"all.json": json_of({"images": images})}, "none")
    assert texts() == {"a": ""}


def test_rows_that_name_nothing_known_are_listed_with_a_reason_and_the_others_go_through() -> None:
    project = make_project()
    add_images(project, ["111", "222", "333", "444"], labelled=False)
    for image in Image.objects.all():
        Image.objects.filter(pk=image.pk).update(name=f"{image.name[0]}.png")
    Image.objects.filter(name="4.png").update(name="3.png")
    table = b"1.png,111\nnowhere.png,222\n2.png,9x9\n3.png,333\nshort\n2.png,222\n"
    batch = import_files(project, {"labels.csv": table}, "csv")
    said = outcomes(batch)
    assert batch.state == JobState.DONE
    assert said["1.png"][0] == Outcome.LABELLED
    assert said["nowhere.png"] == (
        Outcome.REJECTED,
        "labels.csv, line 2: No image in this project or this import is called “nowhere.png”. "
        "Import its picture, or correct the name.",
    )
    assert "line 3 and labels.csv, line 6 give “2.png” different texts" in said["2.png"][1]
    assert "2 images are called “3.png”" in said["3.png"][1]
    assert "no file name and text" in said["labels.csv, line 5"][1]
    assert (batch.labelled, batch.rejected) == (1, 4)


def test_a_row_may_mean_an_image_by_its_bytes() -> None:
    project = make_project()
    [image, _] = add_images(project, ["123", "456"], labelled=False)
    table = f"filename,text,sha256\nwhatever.png,123,{image.sha256}\nx.png,456,{'0' * 64}\n".encode()
    batch = import_files(project, {"labels.csv": table}, "csv")
    image.refresh_from_db()
    assert image.text == "123"
    assert "SHA-256 000000000000…" in outcomes(batch)["x.png"][1]


def test_an_image_that_has_a_text_keeps_it() -> None:
    project = make_project()
    add_images(project, ["123", "456"])
    batch = import_files(project, {"labels.csv": b"123_0.png,999\n456_1.png,456\n"}, "csv")
    said = outcomes(batch)
    assert set(texts().values()) == {"123", "456"}
    assert "the first one was kept" in said["123_0.png"][1]
    assert "reads so already" in said["456_1.png"][1]
    assert batch.duplicates == 2


def test_a_text_given_for_other_bytes_is_not_taken() -> None:
    project = make_project()
    table = f"filename,text,sha256\na.png,123,{hashlib.sha256(b'other').hexdigest()}\n".encode()
    batch = import_files(project, {"labels.csv": table, "a.png": png("123")}, "csv")
    assert texts() == {"a.png": ""}
    assert "other bytes" in outcomes(batch)["a.png"][1]


def test_several_annotators_become_annotations_under_the_names_that_the_file_gives() -> None:
    project = make_project(overlap=2)
    said = [("123", "mia@example.com"), ("128", "ada@example.com")]
    annotations = [
        {"result": [{"type": "textarea", "value": {"text": [text]}}], "completed_by": {"email": who}}
        for text, who in said
    ]
    task = {"data": {"image": "a.png"}, "annotations": annotations}
    import_files(project, {"tasks.json": json_of([task]), "a.png": png("123")}, "csv")
    found = Annotation.objects.order_by("id").values_list("text", "annotator_name", "annotator")
    assert list(found) == [("123", "mia@example.com", None), ("128", "ada@example.com", None)]
    assert Image.objects.get().status == ImageStatus.DISPUTED


def test_the_ground_truth_settles_what_annotators_read_differently() -> None:
    project = make_project(overlap=2)
    texts_said = [("123", {"completed_by": 1}), ("128", {"completed_by": 2}), ("128", {"ground_truth": True})]
    annotations = [
        {"result": [{"type": "textarea", "value": {"text": [text]}}], **more} for text, more in texts_said
    ]
    task = {"data": {"image": "a.png"}, "annotations": annotations}
    import_files(project, {"tasks.json": json_of([task]), "a.png": png("123")}, "csv")
    image = Image.objects.get()
    assert (image.status, image.text, image.annotations.count()) == (ImageStatus.LABELLED, "128", 3)


def test_an_image_that_everybody_skipped_is_skipped() -> None:
    project = make_project()
    task = {
        "data": {"image": "a.png"},
        "annotations": [{"result": [], "was_cancelled": True, "completed_by": 1}],
    }
    import_files(project, {"tasks.json": json_of([task]), "a.png": png("123")}, "csv")
    assert Image.objects.get().status == ImageStatus.SKIPPED


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("deep.json", b"[" * 100_000),
        ("nan.json", b'[{"name": "a", "text": NaN}]'),
        ("cut.json", b'[{"name": "a", "te'),
        ("string.json", b'["' + b"x" * (18 * 2**20)),
        ("lines.jsonl", b"[" * 100_000),
        ("other.json", b'{"dependencies": {"a": 1}}'),
        ("utf16.csv", "a,1".encode("utf-16")),
        ("empty.json", b""),
    ],
)
def test_a_broken_or_hostile_file_costs_itself_only(name: str, data: bytes) -> None:
    project = make_project()
    batch = import_files(project, {name: data, "123.png": png("123"), "t.csv": b"123.png,123"}, "csv")
    assert batch.state == JobState.DONE
    assert texts() == {"123.png": "123"}
    assert batch.rejected == 1
    [message] = [message for outcome, message in outcomes(batch).values() if outcome == Outcome.REJECTED]
    assert len(message) > 20


def test_names_that_leave_the_archive_or_hold_nul_bytes_harm_nobody() -> None:
    project = make_project()
    images = [
        {"name": "../../etc/passwd", "png_base64": encoded(png("123")), "text": "123"},
        {"name": "a\x00b.png", "png_base64": encoded(png("456")), "text": "456"},
    ]
    import_files(project, {"all.json": json_of(images)}, "csv")
    assert sorted(Image.objects.values_list("text", flat=True)) == ["123", "456"]
    assert not any("\x00" in name or "/" in name for name in texts())


def test_a_json_bomb_inside_a_zip_is_rejected() -> None:
    project = make_project()
    bomb = zipped({"bomb.json": b"[" + b" " * (80 * 2**20) + b"]", "123.png": png("123")})
    batch = import_files(project, {"all.zip": bomb}, "filename")
    assert texts() == {"123.png": "123"}
    assert batch.rejected == 1


def test_two_members_of_one_name_are_two_pictures() -> None:
    project = make_project()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("123.png", png("123"))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("123.png", png("123", 1))
    batch = import_files(project, {"all.zip": buffer.getvalue()})
    assert (batch.added, Image.objects.filter(text="123").count()) == (2, 2)


def test_an_interrupted_import_goes_on_among_the_rows_of_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeling.services.import_work.BATCH", 2)
    project = make_project()
    add_images(project, [f"{n:03d}" for n in range(5)], labelled=False)
    table = "".join(f"{name},{name[:3]}\n" for name in Image.objects.values_list("name", flat=True))
    batch = create_import(project=project, user=project.created_by, label_source="csv")
    files = {"labels.csv": table.encode(), "all.zip": zipped({"999.png": png("999"), "998.png": b"no"})}
    for name, data in files.items():
        add_upload(import_batch=batch, name=name, file=ContentFile(data))
    queue_import(import_batch=batch, here=True)

    class WorkerDies(BaseException):
        pass

    def die(row: Import) -> None:
        if row.position == 4:
            raise WorkerDies

    with pytest.raises(WorkerDies):
        run_import(batch.pk, on_progress=die)
    Import.objects.update(state=JobState.QUEUED, claim=None)
    run_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.position, batch.labelled) == (JobState.DONE, 8, 5)
    assert batch.files.count() == 8


@pytest.mark.parametrize(("keep", "pinned"), [(True, {"train", "test"}), (False, {""})])
def test_folders_name_the_split_if_it_should_be_kept(keep: bool, pinned: set[str]) -> None:
    project = make_project(min_length=1, max_length=1)
    files = {"train/7/a.png": png("7"), "test/8/b.png": png("8")}
    import_files(project, {"all.zip": zipped(files)}, "folder", keep_splits=keep)
    assert set(Image.objects.values_list("pinned_split", flat=True)) == pinned


def test_an_image_that_had_its_text_before_keeps_its_split() -> None:
    project = make_project(min_length=1, max_length=1)
    import_files(project, {"7.png": png("7")})
    import_files(project, {"test/7/a.png": png("7")}, "folder")
    assert Image.objects.get().pinned_split == ""


def test_an_image_that_gets_its_text_gets_its_split_as_well() -> None:
    project = make_project(min_length=1, max_length=1)
    import_files(project, {"7.png": png("7")}, "none")
    import_files(project, {"test/7/a.png": png("7")}, "folder")
    assert Image.objects.get().pinned_split == "test"
