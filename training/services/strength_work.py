"""The work of a strength report, on a `train` worker or in a command."""

import time

from labeling.heartbeat import Heartbeat
from labeling.jobs import JobState, LostClaim, work_on
from training.models import StrengthReport
from training.recognition.fit import BatchProgress, EpochMetrics
from training.services.failures import explain_failure
from training.services.refusals import refusing
from training.services.run_reporter import REPORT_EVERY_SECONDS, RunListener
from training.services.strength import readers_of
from training.services.strength_study import measure_strength
from training.services.studies import Wish


def measure(pk: int, *, listener: RunListener | None = None) -> bool:
    """Measure a queued strength report to its end; do nothing and return False where another worker has it."""
    rows = StrengthReport.objects.select_related("project")
    return work_on(
        rows,
        pk,
        lambda report: _work(report, listener),
        _explain,
    )


def _explain(report: StrengthReport, error: Exception) -> str:
    failed = f"{report} failed while {report.stage or 'starting'}"
    return explain_failure(failed, error, again="go on with the report")


def _work(report: StrengthReport, second: RunListener | None) -> None:
    wish = Wish(
        architecture=report.architecture,
        hyperparameters={},
        seed=report.seed,
        max_minutes=report.max_minutes,
    )
    with Heartbeat(report) as heartbeat:
        # Whoever goes on with a report trains nothing anew, so what is done counts up again at once.
        report.beat(
            readers=readers_of(report.sizes),
            readers_done=0,
            stage="preparing images",
            progress=0.0,
            seconds_left=None,
        )
        listener = _StrengthListener(report, heartbeat, second)
        try:
            with refusing():
                measured = measure_strength(
                    project=report.project,
                    wish=wish,
                    sizes=report.sizes,
                    begin=listener.begin,
                    on_study=lambda folder: report.beat(study=folder.name),
                    on_reader=listener.count,
                )
        except LostClaim:
            raise
        except Exception:
            if listener.is_stopped:
                report.finish(JobState.STOPPED, stage="", progress=0.0, seconds_left=None)
                return
            raise
        report.finish(
            JobState.DONE,
            measured=measured.to_json(),
            # Numbers of labels that were too few to train on have no reader.
            readers=report.readers_done,
            stage="",
            progress=0.0,
            seconds_left=None,
        )


class _StrengthListener:
    """Writes how far a report is to its row, and passes the stop flag on to the trainings."""

    def __init__(self, report: StrengthReport, heartbeat: Heartbeat, second: RunListener | None) -> None:
        self.is_stopped = False
        self._report = report
        self._heartbeat = heartbeat
        self._second = second
        self._written_at = 0.0

    def begin(self, stage: str) -> "_StrengthListener":
        """Listen to the training of the next reader."""
        self._report.beat(stage=stage, progress=0.0, seconds_left=None)
        if self._second is not None:
            self._second.on_stage(stage)
        return self

    def count(self) -> None:
        """One more reader is done."""
        self._report.beat(readers_done=self._report.readers_done + 1, progress=0.0, seconds_left=None)

    def on_batch(self, progress: BatchProgress) -> None:
        if self._second is not None:
            self._second.on_batch(progress)
        if time.monotonic() - self._written_at < REPORT_EVERY_SECONDS:
            return
        self._written_at = time.monotonic()
        self._report.beat(progress=progress.progress, seconds_left=progress.seconds_left)
        rows = StrengthReport.objects.filter(pk=self._report.pk, stop_requested=True)
        self.is_stopped = rows.exists()

    def on_epoch(self, metrics: EpochMetrics) -> None:
        if self._second is not None:
            self._second.on_epoch(metrics)

    def should_stop(self) -> bool:
        self._heartbeat.check()
        return self.is_stopped
