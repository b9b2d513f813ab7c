"""Runs told to an MLflow tracking server, where one is named: parameters, figures of each epoch, tags and state.

A thread of its own sends what a queue holds, so a slow or unreachable server costs a training nothing: what could not
be told by the end of the run is a line in the log and in the run's notes.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings

from labeling.jobs import JobState
from training.models import Run
from training.recognition.fit import BatchProgress, EpochMetrics
from training.services.run_figures import IN_EVERY_EPOCH, figures_of, parameters_of
from training.services.run_notes import add_note

logger = logging.getLogger(__name__)

REQUEST_SECONDS = 5
"""A request takes at most this long, and so does the end of a run wait for what is still to be sent."""
AGAIN_SECONDS = 5.0
METRICS_AT_ONCE = 1000
"""The server takes no more in one request."""
RUN_TAG = "workbench.run"
_STATUS = {JobState.DONE: "FINISHED", JobState.STOPPED: "KILLED", JobState.FAILED: "FAILED"}

# A step of work with the client and the run's id there.
_Step = Callable[[Any, str], None]


class MlflowExport:
    """Listens to a run and queues what to tell."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._images_per_second: float | None = None
        self._steps: queue.SimpleQueue[_Step | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._problem = ""
        self._is_noted = False
        self._start = _Start(run)
        self._thread = threading.Thread(target=self._send, name=f"mlflow {run}", daemon=True)
        self._thread.start()

    def catch_up(self, history: Sequence[EpochMetrics]) -> None:
        """Tell the epochs that the server was not told."""
        figures, now = {metrics.epoch: figures_of(metrics, None) for metrics in history}, _now()
        self._steps.put(lambda client, there: _log_missing(client, there, figures, now))

    def on_stage(self, stage: str) -> None: ...

    def on_batch(self, progress: BatchProgress) -> None:
        self._images_per_second = progress.images_per_second

    def on_epoch(self, metrics: EpochMetrics) -> None:
        figures, now = figures_of(metrics, self._images_per_second), _now()
        self._steps.put(lambda client, there: _log_figures(client, there, figures, now, metrics.epoch))
        self._note_problem()

    def should_stop(self) -> bool:
        return False

    def close(self, state: str | None) -> None:
        """Tell the end and wait for a few seconds at most until all is sent; None leaves the run open to be resumed."""
        if state in _STATUS:
            figures = _final_figures(self._run)
            epoch, now = self._run.epoch, _now()
            self._steps.put(lambda client, there: _log_figures(client, there, figures, now, epoch))
            self._steps.put(lambda client, there: client.set_terminated(there, _STATUS[JobState(state)]))
        self._steps.put(None)
        self._closing.set()
        self._thread.join(REQUEST_SECONDS)
        if self._thread.is_alive() and not self._problem:
            self._problem = "the server is too slow"
        self._note_problem()

    def _note_problem(self) -> None:
        # Here rather than in the thread, whose database connection would be one more.
        if self._problem and not self._is_noted:
            self._is_noted = True
            sentence = (
                f"The MLflow server {settings.MLFLOW_TRACKING_URI} was not told everything: {self._problem}."
            )
            add_note(self._run, sentence)

    def _send(self) -> None:
        client = there = None
        step: _Step | None = None
        while True:
            try:
                if client is None or there is None:
                    client = _client()
                    there = self._start.run_there(client)
                step = step or self._steps.get()
                if step is None:
                    return
                step(client, there)
                step = None
            except Exception as error:
                # Of many kinds, from a name that does not resolve to a library that is missing; none is the training's.
                if not self._problem:
                    self._problem = f"{type(error).__name__}: {error}".splitlines()[0][:300]
                    logger.warning("%s could not be told to MLflow: %s", self._run, self._problem)
                if self._closing.wait(AGAIN_SECONDS):
                    return


class _Start:
    """What a run is called there; taken from the row at once, as a thread should not ask the database."""

    def __init__(self, run: Run) -> None:
        self._experiment = run.project.name
        self._name = str(run)
        self._parameters = {name: str(value) for name, value in parameters_of(run).items()}
        self._tags = {
            RUN_TAG: str(run.pk),
            "workbench.project": run.project.name,
            "workbench.dataset": run.dataset.hash,
            "workbench.code": run.code_version,
            "workbench.worker": run.worker,
        }
        if run.search is not None:
            self._tags["workbench.search"] = str(run.search.number)

    def run_there(self, client: Any) -> str:
        """Return the id of the run on the server: the one from before where this run resumes."""
        experiment = client.get_experiment_by_name(self._experiment)
        pk = client.create_experiment(self._experiment) if experiment is None else experiment.experiment_id
        found = client.search_runs(
            [pk], filter_string=f"tags.`{RUN_TAG}` = '{self._tags[RUN_TAG]}'", max_results=1
        )
        if found:
            client.update_run(found[0].info.run_id, status="RUNNING")
            return str(found[0].info.run_id)
        from mlflow.entities import Param

        run = client.create_run(pk, run_name=self._name, tags=self._tags)
        parameters = [Param(name, value) for name, value in self._parameters.items()]
        client.log_batch(run.info.run_id, params=parameters)
        return str(run.info.run_id)


def _client() -> Any:
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", str(REQUEST_SECONDS))
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    from mlflow.tracking import MlflowClient

    return MlflowClient(settings.MLFLOW_TRACKING_URI)


def _log_figures(client: Any, there: str, figures: dict[str, float], now: int, epoch: int) -> None:
    client.log_batch(there, metrics=_metrics(figures, now, epoch))


def _log_missing(client: Any, there: str, figures: dict[int, dict[str, float]], now: int) -> None:
    """Log the figures of those epochs that the server has none of."""
    told = {metric.step for metric in client.get_metric_history(there, IN_EVERY_EPOCH)}
    missing = [
        metric for epoch in figures if epoch not in told for metric in _metrics(figures[epoch], now, epoch)
    ]
    for start in range(0, len(missing), METRICS_AT_ONCE):
        client.log_batch(there, metrics=missing[start : start + METRICS_AT_ONCE])


def _metrics(figures: dict[str, float], now: int, epoch: int) -> list[Any]:
    from mlflow.entities import Metric

    return [Metric(name, value, now, epoch) for name, value in figures.items()]


def _final_figures(run: Run) -> dict[str, float]:
    """What its model came to, on images that it never saw."""
    model = getattr(run, "model", None)
    metrics = model.metrics if model is not None else {}
    return {
        f"{name}/{split}": metrics[split][name]
        for split in ("validation", "test")
        for name in ("whole_string_accuracy", "character_accuracy")
        if split in metrics
    }


def _now() -> int:
    """Milliseconds, as MLflow counts them."""
    return int(time.time() * 1000)
