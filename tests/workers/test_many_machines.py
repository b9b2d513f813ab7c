"""One web machine, a reading worker and two training workers that share PostgreSQL, Redis and S3, and nothing else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories import png
from tests.support.machines import Machines, several_machines
from tests.support.site import Api, wait_until
from tests.workers.test_jobs import archive, ended_run, finished_import, import_archive, new_project

# TensorFlow alone takes minutes to start where others compute as well.
PATIENCE = 600.0
QUICK = {"architecture": "tiny_vgg", "max_epochs": 12}
# About a second each, and more of them than a test waits for.
ENDLESS = {
    "architecture": "tiny_vgg",
    "max_epochs": 100_000,
    "hyperparameters": {"epoch_images": 6000, "patience": 10_000},
}


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with several_machines(tmp_path_factory.mktemp("machines")) as running:
        yield running


@pytest.fixture(scope="module")
def api(machines: Machines) -> Api:
    return machines.api()


@pytest.fixture(scope="module")
def project(machines: Machines, api: Api) -> int:
    """A project with labelled images, imported by one machine into the storage of all."""
    number = new_project(api, "many machines")
    assert import_archive(api, number, archive(60))["added"] == 60
    return number


def run_of(api: Api, project: int, number: int) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"projects/{project}/runs/{number}")
    return answer


def who_trains(machines: Machines, project: int, number: int) -> str:
    """The name of the training machine that began the run's newest attempt."""
    pk = machines.ask("SELECT id FROM training_run WHERE project_id = %s AND number = %s", project, number)
    attempts = {
        name: [int(each) for each in re.findall(rf"run {pk} started \(attempt (\d+)\)", machine.log)]
        for name, machine in machines.parts.items()
    }
    return max(attempts, key=lambda name: max(attempts[name], default=0))


def test_images_are_imported_labelled_trained_on_and_read_across_machines(
    machines: Machines, api: Api, project: int
) -> None:
    unlabelled = {"files": ("a.png", png("01", 9001))}
    batch = api.post(f"projects/{project}/imports", data={"labels": "none"}, files=unlabelled)
    assert finished_import(api, project, batch["id"])["added"] == 1
    (item,) = api.post(f"projects/{project}/queue/next", json={"count": 1})["images"]
    key = "00000000-0000-4000-8000-000000000009"
    wish = {"image": item["id"], "key": key, "text": "01"}
    assert api.post(f"projects/{project}/annotations", json=wish)["outcome"] == "saved"

    numbers = [api.post(f"projects/{project}/runs", json=QUICK)["number"] for _ in range(2)]
    assert [ended_run(api, project, number, PATIENCE)["state"] for number in numbers] == ["done", "done"]
    assert {who_trains(machines, project, number) for number in numbers} == {"gpu-1", "gpu-2"}

    answer = api.post(
        f"projects/{project}/read",
        files=[("files", ("a.png", png("01", 7001))), ("files", ("b.png", png("10", 7002)))],
    )
    assert [len(reading["text"]) for reading in answer["readings"]] == [2, 2]
    assert {reading["error"] for reading in answer["readings"]} == {""}


def test_a_search_of_four_trials_is_shared_by_both_training_machines(
    machines: Machines, api: Api, project: int
) -> None:
    wish = {"architecture": "tiny_vgg", "trials": 4, "max_minutes": 0.2, "pruner": "none"}
    started = api.post(f"projects/{project}/searches", json=wish)["number"]

    def ended() -> dict[str, Any] | None:
        row: dict[str, Any] = api.get(f"projects/{project}/searches/{started}")
        return row if row["state"] != "running" else None

    search = wait_until(ended, seconds=PATIENCE, what="the end of the search")
    assert (search["state"], search["error"]) == ("done", "")
    runs = [run_of(api, project, trial["run"]) for trial in search["trials"]]
    assert [(run["state"], run["error"]) for run in runs] == [("done", "")] * 4
    assert {who_trains(machines, project, trial["run"]) for trial in search["trials"]} == {"gpu-1", "gpu-2"}


def test_pictures_and_models_are_in_the_shared_storage_and_on_no_machine(
    machines: Machines, api: Api, project: int
) -> None:
    number = api.post(f"projects/{project}/runs", json=QUICK)["number"]
    assert ended_run(api, project, number, PATIENCE)["state"] == "done"
    stored = machines.stored()
    assert sum(name.endswith(".png") for name in stored) >= 60
    assert any(name.endswith("model.onnx") for name in stored)
    # A finished run needs no checkpoints any more; its worker takes them away after it has said that all is done.
    wait_until(
        lambda: not any("/checkpoints/" in name for name in machines.stored()),
        seconds=60,
        what="the end of the checkpoints",
    )
    for machine in machines.parts.values():
        assert not (machine.folder / "media").exists()


def test_a_run_whose_machine_is_lost_goes_on_on_another_one_and_loses_an_epoch_at_most(
    machines: Machines, api: Api, project: int
) -> None:
    models = sum(name.endswith("model.onnx") for name in machines.stored())
    number = api.post(f"projects/{project}/runs", json=ENDLESS)["number"]
    wait_until(lambda: run_of(api, project, number)["epoch"] >= 4, seconds=PATIENCE, what="the fourth epoch")
    lost = who_trains(machines, project, number)
    machines.parts[lost].lose()
    count = (
        "SELECT count(*) FROM training_epoch AS epoch JOIN training_run AS run ON run.id = epoch.run_id "
        "WHERE run.project_id = %s AND run.number = %s"
    )
    epochs = machines.ask(count, project, number)
    (other,) = {"gpu-1", "gpu-2"} - {lost}

    def went_on() -> list[str]:
        return re.findall(rf"Run {number} goes on after epoch (\d+)", machines.parts[other].log)

    wait_until(lambda: who_trains(machines, project, number) == other, seconds=60, what="another attempt")
    (after,) = wait_until(went_on, seconds=PATIENCE, what="the training's going on")
    assert int(after) >= epochs - 1
    wait_until(
        lambda: machines.ask(count, project, number) > epochs,
        seconds=60,
        what="an epoch more than before",
    )
    api.post(f"projects/{project}/runs/{number}/stop")
    assert ended_run(api, project, number, PATIENCE)["state"] == "stopped"
    assert sum(name.endswith("model.onnx") for name in machines.stored()) == models + 1
