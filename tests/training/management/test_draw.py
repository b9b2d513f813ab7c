"""Drawing pictures into a folder by command."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from labeling.models import Image as ImageRow
from labeling.models import Role
from tests.factories import make_member, make_project
from training.recognition.synthesis.ready import READY

pytestmark = pytest.mark.django_db


def draw(folder: Path, *arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("draw", str(folder), "--processes", "1", *arguments, stdout=out, **options)
    return out.getvalue()


def labels(folder: Path) -> list[dict[str, str]]:
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_ready_style_draws_the_texts_that_belong_to_it(tmp_path: Path) -> None:
    answer = draw(tmp_path / "drawn", "--style", "bands", "--count", "3", "--json")
    assert json.loads(answer)["pictures"] == 3
    rows = labels(tmp_path / "drawn")
    assert [row["filename"] for row in rows] == ["000001.png", "000002.png", "000003.png"]
    for row in rows:
        assert Image.open(tmp_path / "drawn" / row["filename"]).size == (100, 50)
        assert len(row["text"]) == 4
        assert set(row["text"]) <= set(READY["bands"].alphabet)


def test_equal_seeds_draw_equal_files(tmp_path: Path) -> None:
    for folder, seed in (("one", "1"), ("same", "1"), ("other", "2")):
        draw(tmp_path / folder, "--count", "2", "--seed", seed)
    one, same, other = (
        (tmp_path / folder / "000001.png").read_bytes() for folder in ("one", "same", "other")
    )
    assert one == same != other


def test_a_projects_texts_are_drawn_in_a_style_from_a_file_and_can_be_imported(tmp_path: Path) -> None:
    project = make_project(alphabet="xyz", min_length=2, max_length=4)
    style = tmp_path / "style.json"
    style.write_text(json.dumps(READY["broad"].style.to_json()))
    folder = tmp_path / "drawn"
    draw(folder, "--style", str(style), "--project", project.name, "--count", "5")
    texts = [row["text"] for row in labels(folder)]
    assert all(2 <= len(text) <= 4 and set(text) <= set("xyz") for text in texts)
    call_command(
        "import_images",
        project.name,
        str(folder),
        "--labels",
        "csv",
        stdout=io.StringIO(),
    )
    assert sorted(ImageRow.objects.filter(project=project).values_list("text", flat=True)) == sorted(texts)


def test_who_may_not_train_may_not_draw_in_a_project(tmp_path: Path) -> None:
    project = make_project()
    viewer = make_member(project, Role.VIEWER)
    with pytest.raises(CommandError, match="one needs the role annotator"):
        draw(tmp_path / "drawn", "--project", project.name, "--as", viewer.username)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--style", "unknown"], "'unknown' is neither a file nor a ready style: those are broad, "),
        (["--count", "0"], "at least one picture"),
        (["--style", "multicolorcaptcha", "--project", "digits"], "draws four characters, and '...' has 3"),
        (["--style", "bands", "--project", "digits"], "places for 4 characters, and '...' has 3"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    make_project()
    with pytest.raises(CommandError, match=sentence):
        draw(tmp_path / "drawn", *arguments)


def test_a_file_without_a_style_is_said_to_hold_none(tmp_path: Path) -> None:
    for name, text in (("a.json", "[]"), ("b.json", "{"), ("c.json", '{"height": "high"}')):
        (tmp_path / name).write_text(text)
        with pytest.raises(CommandError, match=rf"{name[0]}\.json holds no style"):
            draw(tmp_path / "drawn", "--style", str(tmp_path / name))


def test_nothing_is_drawn_into_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="is not empty"):
        draw(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
