import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from labeling.models import Image, Project
from labeling.services.preparations import current_preparation
from tests.factories import add_images, make_project, png, texts

pytestmark = pytest.mark.django_db


def run(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def test_a_project_is_created_from_its_alphabet_and_length() -> None:
    answer = json.loads(
        run("create_project", "tickets", "--alphabet", "0123456789", "--length", "4-8", "--json")
    )
    project = Project.objects.get(pk=answer["id"])
    assert (project.name, project.min_length, project.max_length) == ("tickets", 4, 8)


@pytest.mark.parametrize("length", ["x", "9-3", "0"])
def test_a_length_that_is_none_is_one_clear_line(length: str) -> None:
    with pytest.raises(CommandError, match="length"):
        run("create_project", "tickets", "--alphabet", "01", "--length", length)


def test_a_folder_is_imported_with_file_names_as_labels(tmp_path: Path) -> None:
    make_project(name="digits")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "123.png").write_bytes(png("123"))
    (tmp_path / "456.png").write_bytes(png("456"))
    (tmp_path / "note.png").write_bytes(b"no image")
    answer = json.loads(run("import_images", "digits", str(tmp_path), "--labels", "filename", "--json"))
    assert answer["state"] == "done"
    assert answer["counts"] == {"added": 2, "rejected": 1}
    assert set(Image.objects.values_list("text", flat=True)) == {"123", "456"}
    assert [file["name"] for file in answer["files"] if file["outcome"] == "rejected"] == [
        f"{tmp_path.name}/note.png"
    ]


def test_labels_come_from_a_table_file(tmp_path: Path) -> None:
    make_project(name="digits")
    (tmp_path / "a.png").write_bytes(png("123"))
    table = tmp_path / "labels.csv"
    table.write_text("filename,text\na.png,123\n")
    run("import_images", "digits", str(tmp_path / "a.png"), "--labels", f"csv:{table}")
    assert Image.objects.get().text == "123"


@pytest.mark.parametrize("labels", ["guess", "folder:x", "csv:/nowhere/labels.csv"])
def test_a_label_source_that_does_not_work_is_one_clear_line(labels: str, tmp_path: Path) -> None:
    make_project(name="digits")
    with pytest.raises(CommandError, match="labels"):
        run("import_images", "digits", str(tmp_path), "--labels", labels)


def test_a_missing_path_and_a_missing_project_are_named() -> None:
    with pytest.raises(CommandError, match="no project “nothing”"):
        run("import_images", "nothing", "/nowhere")
    make_project(name="digits")
    with pytest.raises(CommandError, match="/nowhere"):
        run("import_images", "digits", "/nowhere")


def test_a_preparation_is_proposed_with_reasons_and_applied_only_when_asked() -> None:
    project = make_project(name="digits")
    add_images(project, texts(12))
    told = run("propose_preparation", "digits")
    assert "Grey: " in told
    assert "Nothing was changed" in told
    before = current_preparation(project).version
    answer = json.loads(run("propose_preparation", "digits", "--apply", "--json"))
    assert answer["reasons"]
    assert current_preparation(project).recipe.to_json() == answer["recipe"]
    assert current_preparation(project).version == answer["preparation"] == before + 1


def test_a_project_without_images_gets_no_proposal() -> None:
    make_project(name="digits")
    with pytest.raises(CommandError, match="Import some first"):
        run("propose_preparation", "digits")


def test_a_project_that_was_changed_by_hand_is_settled_and_counted_anew() -> None:
    project = make_project(name="digits")
    images = add_images(project, ["123", "456", "789"])
    images[0].delete()
    Image.objects.filter(pk=images[1].pk).update(status="unlabelled", text="", readings=0)
    assert "“digits”: 0 unlabelled, 2 labelled, 0 disputed, 0 skipped." in run("recount_project", "digits")
    assert json.loads(run("recount_project", "digits", "--json"))["labelled"] == 2
    assert Image.objects.get(pk=images[1].pk).text == "456"


def test_a_project_is_exported_into_a_file_and_back(tmp_path: Path) -> None:
    project = make_project(name="digits")
    add_images(project, ["123", "456"])
    file = tmp_path / "digits.zip"
    answer = json.loads(run("export_images", "digits", str(file), "--option", "kind=tsv", "--json"))
    assert (answer["images"], answer["format"]) == (2, "table")
    make_project(name="copy")
    run("import_images", "copy", str(file), "--labels", "csv")
    assert set(Image.objects.filter(project__name="copy").values_list("text", flat=True)) == {"123", "456"}


def test_an_export_that_fails_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    project = make_project(name="digits")
    [image] = add_images(project, ["123"])
    file = tmp_path / "digits.zip"
    file.write_bytes(b"before")
    image.file.storage.delete(image.file.name)
    with pytest.raises(CommandError, match="missing from the storage"):
        run("export_images", "digits", str(file))
    assert file.read_bytes() == b"before"
    assert [path for path in tmp_path.iterdir() if path.is_file()] == [file]


@pytest.mark.parametrize("option", ["kind", "kind=xlsx", "colour=red"])
def test_an_option_that_does_not_work_is_one_clear_line(option: str, tmp_path: Path) -> None:
    add_images(make_project(name="digits"), ["123"])
    with pytest.raises(CommandError, match=option.split("=")[0]):
        run("export_images", "digits", str(tmp_path / "x.zip"), "--option", option)


def test_a_table_alone_labels_images_that_are_there(tmp_path: Path) -> None:
    add_images(make_project(name="digits"), ["123"], labelled=False)
    table = tmp_path / "labels.csv"
    table.write_text("123_0.png,123\nother.png,456\n")
    answer = json.loads(run("import_images", "digits", str(table), "--labels", "csv", "--json"))
    assert answer["counts"] == {"labelled": 1, "rejected": 1, "table": 1}
