import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.factories import add_images, make_project, png, texts
from training.models import Model, ModelState, Run

pytestmark = pytest.mark.django_db


def run(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


# The run's heartbeat comes from another connection, which sees committed rows only.
@pytest.mark.django_db(transaction=True)
def test_one_trains_evaluates_and_predicts_without_a_worker(tmp_path: Path) -> None:
    project = make_project(alphabet="01", min_length=2, max_length=2)
    wanted = [f"{number % 2}{number // 2 % 2}" for number in range(160)]
    add_images(project, wanted)
    trained = json.loads(
        run("train", project.name, "--local", "--architecture", "tiny_vgg", "--epochs", "12", "--json")
    )
    assert trained["state"] == "done", trained
    model = Model.objects.get(pk=trained["model"])
    assert model.state == ModelState.PRODUCTION
    assert trained["metrics"]["test"]["whole_string_accuracy"] > 0.8
    chosen, tested = (trained["metrics"][split]["coverage"] for split in ("validation", "test"))
    assert tested["threshold"] == chosen["threshold"]
    assert tested["n"] == trained["metrics"]["test"]["n"]

    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for number, text in enumerate(wanted[:40]):
        (fresh / f"{text}_{number}.png").write_bytes(png(text, 9000 + number))
    (fresh / "00_99.png").write_bytes(b"broken")
    measured = json.loads(run("evaluate", project.name, str(fresh), "--labels", "filename", "--json"))
    assert measured["n"] == 40
    assert measured["whole_string_accuracy"] > 0.8
    low, high = measured["whole_string_interval"]
    assert low <= measured["whole_string_accuracy"] <= high
    assert measured["images_per_second"] > 0
    assert measured["coverage"]["threshold"] == chosen["threshold"]
    assert measured["calibration"]["expected_calibration_error"] < 0.5
    assert "expected calibration error" in run("evaluate", project.name, str(fresh), "--labels", "filename")
    assert [row["name"] for row in measured["left_out"]] == ["fresh/00_99.png"]
    assert "readings" not in measured

    detailed = json.loads(
        run(
            "evaluate",
            project.name,
            str(fresh),
            "--labels",
            "filename",
            "--json",
            "--readings",
            model=model.pk,
        )
    )
    assert len(detailed["readings"]) == 40

    read = json.loads(run("predict", project.name, str(fresh), "--json"))["readings"]
    by_name = {row["name"]: row for row in read}
    assert by_name["fresh/00_99.png"]["error"]
    assert {row["name"]: row["text"] for row in detailed["readings"]} == {
        name: row["text"] for name, row in by_name.items() if not row["error"]
    }


@pytest.mark.django_db(transaction=True)
def test_a_run_learns_from_unlabelled_images_too_and_says_what_of_them() -> None:
    project = make_project(alphabet="01", min_length=2, max_length=2)
    wanted = [f"{number % 2}{number // 2 % 2}" for number in range(160)]
    add_images(project, wanted)
    add_images(project, wanted, labelled=False, seed=5000)
    options = (
        "--local",
        "--architecture=tiny_vgg",
        "--epochs=30",
        "--set=learning_rate=0.005",
        "--self-training",
    )
    told = run("train", project.name, *options)
    trained = Run.objects.get(project=project)
    assert trained.state == "done", trained.error
    first = trained.rounds[0]
    assert 0 < first["taken"] <= first["of"] < 160
    assert first["validated_on"] == trained.dataset.validation_count
    assert f"round 1: {first['taken']} of {first['of']} unlabelled images taken" in told
    numbers = list(trained.history.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 30
    assert Model.objects.get(run=trained).metrics["test"]["whole_string_accuracy"] > 0.8


def test_training_without_a_worker_queues_the_run() -> None:
    project = make_project()
    add_images(project, texts(20))
    answer = json.loads(run("train", project.name, "--json"))
    assert (answer["state"], answer["model"]) == ("queued", None)
    assert Run.objects.get().number == 1


def test_images_that_teach_nothing_fail_with_a_sentence() -> None:
    project = make_project(alphabet="12", min_length=2, max_length=2)
    add_images(project, ["11"] * 30)
    with pytest.raises(CommandError, match="'1' alone"):
        run("train", project.name, "--local")
    assert Run.objects.get().state == "failed"


def test_a_project_without_a_model_says_how_to_get_one(tmp_path: Path) -> None:
    project = make_project()
    (tmp_path / "123.png").write_bytes(png("123"))
    with pytest.raises(CommandError, match="train"):
        run("predict", project.name, str(tmp_path))


def test_hyperparameters_are_given_by_name() -> None:
    project = make_project()
    add_images(project, texts(20))
    run("train", project.name, "--set", "learning_rate=0.002")
    assert float(Run.objects.get().hyperparameters["learning_rate"]) == 0.002
    with pytest.raises(CommandError, match="wings"):
        run("train", project.name, "--set", "wings=2")
