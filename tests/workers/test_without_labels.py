"""A training without labels on real workers: killed in every stage, stopped, and read with afterwards."""

import io
import os
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.factories import png
from tests.support.site import Api, Site, wait_until
from tests.training.small_models import DIGITS, some_texts
from tests.workers.test_jobs import ended_run, finished_import, new_project

# TensorFlow alone takes minutes to start where others compute as well.
PATIENCE = 400.0
SMALL = {"max_minutes": 0.2, "synthetic_count": 600, "self_train": False, "architecture": "tiny_vgg"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    running = Site(tmp_path_factory.mktemp("without-labels"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def api(site: Site) -> Api:
    return site.api()


def unlabelled_project(api: Api, name: str, count: int = 90) -> int:
    project = new_project(api, name, DIGITS, "2")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for number, text in enumerate(some_texts(count)):
            target.writestr(f"picture_{text}_{number}.png", png(text, number))
    files = {"files": ("all.zip", buffer.getvalue())}
    batch = api.post(f"projects/{project}/imports", data={"labels": "none"}, files=files)
    assert finished_import(api, project, batch["id"])["added"] == count
    return project


def start(api: Api, project: int, **wish: Any) -> int:
    return int(api.post(f"projects/{project}/without-labels", json=SMALL | wish)["number"])


def stages(api: Api, project: int, number: int) -> dict[str, str]:
    told = api.get(f"projects/{project}/without-labels/{number}")
    return {stage["name"]: stage["state"] for stage in told["stages"]}


def kill_training(site: Site) -> None:
    for pid in site.processes()["train"]:
        os.kill(pid, signal.SIGKILL)


def test_a_worker_that_is_killed_in_each_stage_costs_no_result(site: Site, api: Api) -> None:
    project = unlabelled_project(api, "killed")
    number = start(api, project, synthetic_count=5000)
    style: dict[str, Any] = {}
    for stage in ("fitting", "drawing", "training"):
        wait_until(
            lambda stage=stage: stages(api, project, number).get(stage) in ("running", "done"),
            seconds=PATIENCE,
            what=f"the stage {stage}",
        )
        if stage == "drawing":
            style = api.get(f"projects/{project}/without-labels/{number}/style")["style"]
        kill_training(site)
    run = ended_run(api, project, number, PATIENCE)
    assert (run["state"], run["error"]) == ("done", "")
    assert set(stages(api, project, number).values()) == {"done"}
    # What was fitted before the first kill is what it drew with to the end.
    assert api.get(f"projects/{project}/without-labels/{number}/style")["style"] == style


def test_one_transcribes_and_reads_over_http(api: Api) -> None:
    project = unlabelled_project(api, "transcribed")
    number = start(api, project)
    assert ended_run(api, project, number, PATIENCE)["state"] == "done"
    asked, address = 0, f"projects/{project}/without-labels/{number}/asked"
    while images := api.get(address)["images"]:
        for image in images:
            text = image["name"].split("_")[1]
            result = api.post(address, json={"image": image["id"], "key": str(uuid4()), "text": text})
            asked += 1
    assert (result["answered"], result["n"]) == (asked, asked)
    low, high = result["interval"]
    assert low <= result["accuracy"] <= high
    assert len(result["disagreements"]) == asked - result["right"]
    files = [("files", ("a.png", png("01", 7001)))]
    [reading] = api.post(f"projects/{project}/read", files=files)["readings"]
    assert len(reading["text"]) == 2


def test_a_run_that_is_stopped_in_its_training_keeps_its_best_and_asks_about_it(
    site: Site, api: Api, tmp_path: Path
) -> None:
    project = unlabelled_project(api, "stopped")
    number = start(api, project, max_minutes=30, hyperparameters={"patience": 10_000})
    wait_until(
        lambda: api.get(f"projects/{project}/runs/{number}")["epoch"] >= 2,
        seconds=PATIENCE,
        what="the second epoch",
    )
    api.post(f"projects/{project}/runs/{number}/stop")
    run = ended_run(api, project, number, PATIENCE)
    assert (run["state"], run["error"]) == ("stopped", "")
    assert stages(api, project, number)["training"] == "stopped"
    told = api.get(f"projects/{project}/without-labels/{number}")
    assert told["result"]["asked"] > 0
    assert site.query(f"Model.objects.filter(project={project}).count()") == "1"
    read = tmp_path / "fresh"
    read.mkdir()
    (read / "a.png").write_bytes(png("01", 7003))
    assert "readings" in site.manage("predict", "stopped", str(read), "--json")
