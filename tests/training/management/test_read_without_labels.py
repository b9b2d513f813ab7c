"""The command that learns to read without labels, and the commands that read with its model."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import add_images, make_project, png
from tests.training.small_models import some_texts
from training.models import Model, ModelState, Run

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO())
    return out.getvalue()


# The run's heartbeat comes from another connection, which sees committed rows only.
@pytest.mark.django_db(transaction=True)
def test_one_learns_without_labels_and_without_a_worker_then_evaluates_and_predicts(tmp_path: Path) -> None:
    project = make_project(alphabet="0147", min_length=2, max_length=2)
    add_images(project, some_texts(90), labelled=False, seed=2000)
    learnt = json.loads(
        run(
            "read_without_labels",
            project.name,
            "--local",
            "--architecture",
            "random_forest",
            "--images",
            "300",
            "--no-self-training",
            "--max-minutes",
            "3",
            "--json",
        )
    )
    assert learnt["state"] == "done", learnt
    assert (learnt["production"], learnt["metrics"]) == (True, {})
    assert learnt["asked"] > 0
    assert {stage["state"] for stage in learnt["stages"]} == {"done"}
    assert Model.objects.get(pk=learnt["model"]).state == ModelState.PRODUCTION

    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for number, text in enumerate(some_texts(20, seed=77)):
        (fresh / f"{text}_{number}.png").write_bytes(png(text, 9000 + number))
    measured = json.loads(run("evaluate", project.name, str(fresh), "--labels", "filename", "--json"))
    assert measured["n"] == 20
    read = json.loads(run("predict", project.name, str(fresh), "--json"))
    assert all(len(each["text"]) == 2 for each in read["readings"])


def test_without_a_worker_it_is_queued_and_says_so() -> None:
    project = make_project(alphabet="0147", min_length=2, max_length=2)
    add_images(project, some_texts(90), labelled=False, seed=2000)
    assert "Run 1 is queued." in run("read_without_labels", project.name)
    assert Run.objects.get().needs_no_labels


@pytest.mark.parametrize("words", [["--max-minutes", "0"], ["--images", "1"], ["--seed", "-4"]])
def test_what_cannot_work_is_refused_in_a_line(words: list[str]) -> None:
    project = make_project(alphabet="0147", min_length=2, max_length=2)
    add_images(project, some_texts(90), labelled=False, seed=2000)
    with pytest.raises(CommandError, match=r"do not work|does not work"):
        run("read_without_labels", project.name, *words)


def test_too_few_images_are_told() -> None:
    project = make_project()
    with pytest.raises(CommandError, match="needs at least 50 to learn from"):
        run("read_without_labels", project.name)
