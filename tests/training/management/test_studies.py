"""Cross-validation and learning curves from the command line."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from labeling.models import Image, Project
from labeling.services.review import next_cases
from tests.factories import add_images, make_project
from training.leftovers import studies_folder

pytestmark = pytest.mark.django_db

# The one that trains within a second.
QUICK = ("--architecture", "random_forest")


@pytest.fixture(autouse=True)
def _data_in_the_tests_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def project() -> Project:
    project = make_project(alphabet="01", min_length=2, max_length=2)
    add_images(project, [f"{number % 2}{number // 2 % 2}" for number in range(80)])
    return project


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_cross_validation_measures_every_label_and_names_a_wrong_one(project: Project) -> None:
    wrong = Image.objects.get(name="11_3.png")
    Image.objects.filter(pk=wrong.pk).update(text="00")
    answer = json.loads(run("cross_validate", project.name, *QUICK, "--folds", "2", "--json"))
    assert answer["n"] == 80
    assert answer["whole_string_accuracy"] > 0.8
    assert [fold["whole_string"]["n"] for fold in answer["folds"]] == [40, 40]
    assert answer["coverage"]["n"] == 80
    suspects = {each["name"]: each for each in answer["suspects"]}
    assert (suspects["11_3.png"]["label"], suspects["11_3.png"]["reading"]) == ("00", "11")
    assert suspects["11_3.png"]["image"] == wrong.pk
    # Nothing is left to clean up.
    assert not list(studies_folder(project.pk).iterdir())


def test_what_a_cross_validation_doubts_waits_for_review(project: Project) -> None:
    wrong = Image.objects.get(name="11_3.png")
    Image.objects.filter(pk=wrong.pk).update(text="00")
    run("cross_validate", project.name, *QUICK, "--folds", "2")
    case = next(one for one in next_cases(project=project, count=80) if one.image == wrong)
    assert [choice.text for choice in case.choices] == ["00", "11"]
    assert case.choices[1].said_by[0].startswith("a cross-validation, ")


def test_a_cross_validation_reads_as_sentences(project: Project) -> None:
    words = run("cross_validate", project.name, *QUICK, "--folds", "2")
    assert "fold 2: " in words
    assert "n = 80" in words
    assert "expected calibration error" in words
    assert "99 %" in words


def test_a_learning_curve_measures_ever_more_labels_on_the_same_images(project: Project) -> None:
    words = ("learning_curve", project.name, *QUICK, "--points", "2")
    points = json.loads(run(*words, "--json"))["points"]
    assert points[1]["labels"] == pytest.approx(2 * points[0]["labels"], abs=1)
    assert points[0]["test"]["n"] == points[1]["test"]["n"] > 0
    assert "labels:" in run(*words)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("cross_validate", "--folds", "1"), "at least 2 folds"),
        (("cross_validate", "--set", "wings=2"), "no hyper-parameter 'wings'"),
        (("cross_validate", "--set", "wings"), "write NAME=VALUE"),
        (("cross_validate", "--max-minutes", "0"), "more than zero"),
        (("learning_curve", "--points", "0"), "at least 1 point"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(
    project: Project, words: tuple[str, ...], sentence: str
) -> None:
    command, *options = words
    with pytest.raises(CommandError, match=sentence):
        run(command, project.name, *options)


def test_labels_that_teach_nothing_are_refused_with_a_sentence() -> None:
    project = make_project(alphabet="12", min_length=2, max_length=2)
    add_images(project, ["11"] * 20)
    with pytest.raises(CommandError, match="'1' alone"):
        run("cross_validate", project.name, *QUICK, "--folds", "2")
