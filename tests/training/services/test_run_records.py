"""What is kept of a run outside of the database: TensorBoard's logs, and an MLflow server's copy."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from labeling.jobs import JobState, LostClaim
from tests.factories import add_images, make_project, texts
from tests.support.site import free_port
from tests.training.views.rows import add_run
from training.leftovers import tensorboard_folder
from training.models import Run
from training.recognition.fit import BatchProgress, EpochMetrics
from training.services.run_records import records_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_mlflow(settings: Any) -> None:
    settings.MLFLOW_TRACKING_URI = ""


@pytest.fixture
def run() -> Run:
    project = make_project()
    add_images(project, texts(40))
    run = add_run(project, state=JobState.RUNNING, epochs=0, hyperparameters={"batch_size": 16})
    return Run.objects.select_related("project", "dataset", "preparation").get(pk=run.pk)


def metrics(number: int) -> EpochMetrics:
    """Of an epoch whose validation accuracy is a tenth more each time."""
    return EpochMetrics(
        epoch=number,
        loss=1 / number,
        training_whole_string_accuracy=0.9,
        training_character_accuracy=0.95,
        validation_loss=2 / number,
        whole_string_accuracy=number / 10,
        character_accuracy=0.8,
        learning_rate=0.001,
        seconds=number,
        best=True,
    )


def train(run: Run, epochs: range, state: JobState = JobState.DONE, *, behind: int = 0) -> None:
    """Live through epochs and end in a state; `behind` is the last one that a checkpoint knew."""
    with records_of(run, [metrics(number) for number in range(1, behind + 1)]) as records:
        for number in epochs:
            records.on_batch(
                BatchProgress(
                    epoch=number,
                    batch=1,
                    batches=1,
                    loss=1,
                    progress=0.5,
                    seconds=1,
                    seconds_left=1,
                    images_per_second=99,
                )
            )
            records.on_epoch(metrics(number))
        Run.objects.filter(pk=run.pk).update(state=state)
        run.state = state


def scalars(run: Run) -> dict[str, list[tuple[int, float]]]:
    """Read a run's log as TensorBoard itself does."""
    log = EventAccumulator(str(tensorboard_folder(run.project_id) / f"run-{run.number}"))
    log.Reload()
    return {
        name: [(event.step, round(event.value, 3)) for event in log.Scalars(name)]
        for name in log.Tags()["scalars"]
    }


def test_tensorboard_reads_losses_accuracies_learning_rate_and_speed(run: Run) -> None:
    train(run, range(1, 4))
    found = scalars(run)
    assert found["whole_string_accuracy/validation"] == [(1, 0.1), (2, 0.2), (3, 0.3)]
    assert found["loss/training"] == [(1, 1.0), (2, 0.5), (3, 0.333)]
    assert found["learning_rate"][0] == (1, 0.001)
    assert found["images_per_second"][0] == (1, 99.0)
    assert set(found) >= {"loss/validation", "character_accuracy/training", "character_accuracy/validation"}


def test_tensorboard_knows_the_hyper_parameters_and_those_at_their_defaults(run: Run) -> None:
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    train(run, range(1, 2))
    log = EventAccumulator(str(tensorboard_folder(run.project_id) / "run-1"))
    log.Reload()
    start = HParamsPluginData.FromString(log.PluginTagToContent("hparams")["_hparams_/session_start_info"])
    told = start.session_start_info.hparams
    assert told["batch_size"].number_value == 16
    assert told["architecture"].string_value == "slots"
    assert told["learning_rate"].number_value == pytest.approx(0.003)


def test_a_resumed_run_goes_on_in_the_same_log(run: Run) -> None:
    train(run, range(1, 3), JobState.STOPPED)
    train(run, range(3, 5))
    assert [step for step, _ in scalars(run)["loss/training"]] == [1, 2, 3, 4]


def test_epochs_that_a_dead_worker_did_not_log_are_in_the_log_of_the_resumed_run(run: Run) -> None:
    train(run, range(1, 3), JobState.STOPPED)
    train(run, range(4, 6), behind=3)
    found = scalars(run)
    assert sorted(found["loss/training"]) == [(1, 1.0), (2, 0.5), (3, 0.333), (4, 0.25), (5, 0.2)]
    assert (3, 0.3) in found["whole_string_accuracy/validation"]


def test_another_machine_logs_all_epochs_that_a_run_goes_on_behind(run: Run) -> None:
    train(run, range(3, 4), behind=2)
    assert [step for step, _ in scalars(run)["loss/training"]] == [1, 2, 3]


def test_a_log_that_ends_in_the_midst_of_a_record_is_caught_up_with(run: Run) -> None:
    train(run, range(1, 3), JobState.STOPPED)
    [written] = (tensorboard_folder(run.project_id) / "run-1").glob("events*")
    # The last epoch's figures are cut off, but for half of one.
    whole = written.read_bytes()
    written.write_bytes(whole[: whole.index(b"loss/training", whole.index(b"loss/training") + 1)])
    train(run, range(3, 4), behind=2)
    assert sorted(step for step, _ in scalars(run)["loss/training"]) == [1, 2, 3]


def test_a_deleted_run_takes_its_log_along(run: Run) -> None:
    train(run, range(1, 2))
    folder = tensorboard_folder(run.project_id)
    assert (folder / "run-1").exists()
    run.delete()
    assert not (folder / "run-1").exists()


def test_logs_of_runs_that_were_deleted_at_another_machine_go_with_the_next_run(run: Run) -> None:
    stranger = tensorboard_folder(run.project_id) / "run-77"
    stranger.mkdir(parents=True)
    train(run, range(1, 2))
    assert not stranger.exists()


def test_a_disk_that_takes_no_log_is_noted_and_fails_nothing(run: Run, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "a file"
    settings.DATA_DIR.write_text("where a folder should be")
    train(run, range(1, 3))
    assert "TensorBoard log is not complete" in Run.objects.get(pk=run.pk).notes


class MlflowStandIn(ThreadingHTTPServer):
    """Answers the routes of MLflow's REST API that its client asks, and remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.experiments: dict[str, str] = {}
        self.runs: dict[str, dict[str, Any]] = {}
        self.delay = 0.0
        self.has_answered = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: MlflowStandIn

    def do_GET(self) -> None:
        self._answer({key: value[0] for key, value in parse_qs(urlsplit(self.path).query).items()})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, told: dict[str, Any]) -> None:
        time.sleep(self.server.delay)
        route = urlsplit(self.path).path.removeprefix("/api/2.0/mlflow/").replace("/", "_").replace("-", "_")
        status, body = getattr(self, f"_{route}", lambda _: (404, {"error_code": "ENDPOINT_NOT_FOUND"}))(told)
        data = json.dumps(body).encode()
        self.server.has_answered = True
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _experiments_get_by_name(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        pk = self.server.experiments.get(told["experiment_name"])
        if pk is None:
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such experiment"}
        return 200, {"experiment": {"experiment_id": pk, "name": told["experiment_name"]}}

    def _experiments_create(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.server.experiments[told["name"]] = str(len(self.server.experiments) + 1)
        return 200, {"experiment_id": self.server.experiments[told["name"]]}

    def _runs_search(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        wanted = told["filter"].split("'")[1]
        found = [pk for pk, run in self.server.runs.items() if run["tags"]["workbench.run"] == wanted]
        return 200, {"runs": [self._run(pk) for pk in found]}

    def _runs_get(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {"run": self._run(told["run_id"])}

    def _runs_create(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        pk = f"{len(self.server.runs) + 1:032x}"
        tags = {tag["key"]: tag["value"] for tag in told["tags"]}
        self.server.runs[pk] = {"tags": tags, "params": {}, "metrics": [], "status": "RUNNING"}
        return 200, {"run": self._run(pk)}

    def _runs_update(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.server.runs[told["run_id"]]["status"] = told["status"]
        return 200, {"run_info": self._run(told["run_id"])["info"]}

    def _runs_log_batch(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        run = self.server.runs[told["run_id"]]
        run["params"] |= {one["key"]: one["value"] for one in told.get("params", [])}
        run["metrics"] += [(one["key"], int(one["step"]), one["value"]) for one in told.get("metrics", [])]
        return 200, {}

    def _metrics_get_history(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        metrics = self.server.runs[told["run_id"]]["metrics"]
        return 200, {
            "metrics": [
                {"key": key, "step": step, "value": value, "timestamp": 0}
                for key, step, value in metrics
                if key == told["metric_key"]
            ]
        }

    def _run(self, pk: str) -> dict[str, Any]:
        info = {"run_id": pk, "run_uuid": pk, "experiment_id": "1", "status": self.server.runs[pk]["status"]}
        return {"info": info | {"start_time": 0, "lifecycle_stage": "active"}, "data": {}}

    def log_message(self, *args: Any) -> None:
        """Stay silent."""


@pytest.fixture
def mlflow(settings: Any) -> Iterator[MlflowStandIn]:
    server = MlflowStandIn()
    settings.MLFLOW_TRACKING_URI = server.url
    yield server
    server.shutdown()
    server.server_close()


def wait_for(true: Any, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.fixture(autouse=True, scope="module")
def _imported_before() -> None:
    """The client takes seconds to import, which is not what these tests are about."""
    import mlflow.tracking  # noqa: F401


def test_an_mlflow_server_is_told_parameters_figures_tags_and_the_end(
    run: Run, mlflow: MlflowStandIn
) -> None:
    train(run, range(1, 4))
    [told] = mlflow.runs.values()
    assert list(mlflow.experiments) == ["digits"]
    assert told["params"]["batch_size"] == "16"
    assert told["params"]["architecture"] == "slots"
    assert told["tags"]["workbench.dataset"] == run.dataset.hash
    accuracy = [one[1:] for one in told["metrics"] if one[0] == "whole_string_accuracy/validation"]
    assert accuracy == [(1, 0.1), (2, 0.2), (3, 0.3)]
    assert told["status"] == "FINISHED"
    assert Run.objects.get(pk=run.pk).notes == ""


@pytest.mark.parametrize(("state", "there"), [(JobState.STOPPED, "KILLED"), (JobState.FAILED, "FAILED")])
def test_an_mlflow_server_is_told_how_a_run_ended(
    run: Run, mlflow: MlflowStandIn, state: JobState, there: str
) -> None:
    train(run, range(1, 2), state)
    assert [told["status"] for told in mlflow.runs.values()] == [there]


def test_a_resumed_run_goes_on_as_the_same_run_there(run: Run, mlflow: MlflowStandIn) -> None:
    train(run, range(1, 3), JobState.STOPPED)
    train(run, range(3, 4))
    [told] = mlflow.runs.values()
    assert told["status"] == "FINISHED"
    assert [step for name, step, _ in told["metrics"] if name == "loss/training"] == [1, 2, 3]


def test_epochs_that_a_dead_worker_did_not_tell_the_server_are_told_by_the_resumed_run(
    run: Run, mlflow: MlflowStandIn
) -> None:
    train(run, range(1, 3), JobState.STOPPED)
    train(run, range(4, 5), behind=3)
    [told] = mlflow.runs.values()
    assert [step for name, step, _ in told["metrics"] if name == "loss/training"] == [1, 2, 3, 4]


def test_a_run_that_another_worker_goes_on_with_stays_open_there(run: Run, mlflow: MlflowStandIn) -> None:
    def lose_the_claim() -> None:
        with records_of(run):
            wait_for(lambda: mlflow.runs)
            raise LostClaim("somebody else's")

    with pytest.raises(LostClaim):
        lose_the_claim()
    assert [told["status"] for told in mlflow.runs.values()] == ["RUNNING"]


def test_a_server_that_is_away_is_a_note_and_fails_nothing(run: Run, settings: Any) -> None:
    settings.MLFLOW_TRACKING_URI = f"http://127.0.0.1:{free_port()}"
    train(run, range(1, 200))
    notes = Run.objects.get(pk=run.pk).notes
    assert settings.MLFLOW_TRACKING_URI in notes
    assert "was not told everything" in notes


def test_a_server_that_does_not_answer_is_not_waited_for(run: Run, mlflow: MlflowStandIn) -> None:
    mlflow.delay = 60
    train(run, range(1, 200))
    assert not mlflow.has_answered
    assert "was not told everything" in Run.objects.get(pk=run.pk).notes
