"""The work of a learning curve, on a `train` worker."""

import time

from labeling.heartbeat import Heartbeat
from labeling.jobs import JobState, LostClaim, work_on
from training.models import LearningCurve
from training.recognition.fit import BatchProgress, EpochMetrics
from training.recognition.learning_curve import POINTS, CurvePoint
from training.services.failures import explain_failure
from training.services.refusals import refusing
from training.services.run_reporter import REPORT_EVERY_SECONDS
from training.services.studies import Wish, project_learning_curve


def draw_curve(pk: int) -> None:
    """Measure a queued learning curve to its end; do nothing where another worker has it."""
    rows = LearningCurve.objects.select_related("project", "run__preparation")
    work_on(rows, pk, _work, lambda curve, error: explain_failure(f"{curve} failed", error))


def _work(curve: LearningCurve) -> None:
    run = curve.run
    wish = Wish(
        architecture=run.architecture,
        hyperparameters=run.hyperparameters,
        seed=run.seed,
        max_minutes=curve.max_minutes,
    )
    with Heartbeat(curve) as heartbeat:
        # Whoever goes on with a curve trains nothing anew, so its points come again at once.
        curve.beat(points=[], readers=POINTS, labels=0, progress=0.0, seconds_left=None)
        listener = _CurveListener(curve, heartbeat)
        try:
            with refusing():
                project_learning_curve(
                    project=curve.project,
                    wish=wish,
                    points=POINTS,
                    listeners=listener.begin,
                    on_point=listener.take,
                )
        except LostClaim:
            raise
        except Exception:
            if listener.is_stopped:
                curve.finish(JobState.STOPPED, progress=0.0, seconds_left=None)
                return
            raise
        # Subsets that were too small to train on have left no point.
        curve.finish(JobState.DONE, readers=len(curve.points), progress=0.0, seconds_left=None)


class _CurveListener:
    """Writes how far a curve is to its row, and passes the stop flag on to the training."""

    def __init__(self, curve: LearningCurve, heartbeat: Heartbeat) -> None:
        self.is_stopped = False
        self._curve = curve
        self._heartbeat = heartbeat
        self._written_at = 0.0

    def begin(self, labels: int) -> "_CurveListener":
        """Listen to the next reader, which sees so many labels."""
        self._curve.beat(labels=labels, progress=0.0, seconds_left=None)
        return self

    def take(self, point: CurvePoint) -> None:
        self._curve.beat(points=[*self._curve.points, point.to_json()], progress=0.0, seconds_left=None)

    def on_batch(self, progress: BatchProgress) -> None:
        if time.monotonic() - self._written_at < REPORT_EVERY_SECONDS:
            return
        self._written_at = time.monotonic()
        self._curve.beat(progress=progress.progress, seconds_left=progress.seconds_left)
        rows = LearningCurve.objects.filter(pk=self._curve.pk, stop_requested=True)
        self.is_stopped = rows.exists()

    def on_epoch(self, metrics: EpochMetrics) -> None:
        """Its epochs are of no interest: the points are what counts."""

    def should_stop(self) -> bool:
        self._heartbeat.check()
        return self.is_stopped
