"""What is kept of a run outside of the database while it trains: TensorBoard's logs, and an MLflow server's copy."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings

from labeling.jobs import JobState, LostClaim
from training.models import Run
from training.recognition.progress import EpochMetrics
from training.services.mlflow_export import MlflowExport
from training.services.run_listeners import Listeners
from training.services.tensorboard_log import TensorBoardLog


@contextmanager
def records_of(run: Run, history: Sequence[EpochMetrics] = ()) -> Iterator[Listeners]:
    """Keep records of a run while the body trains it, and close them with the state that it ends in.

    Args:
        history: epochs that the training goes on behind. Those that are missing in a record are written there: a worker
            may have died between its checkpoint and its record, or on another machine.
    """
    log = TensorBoardLog(run)
    export = MlflowExport(run) if settings.MLFLOW_TRACKING_URI else None
    if history:
        log.catch_up(history)
        if export is not None:
            export.catch_up(history)
    state: str | None = JobState.FAILED
    try:
        yield Listeners(log, export)
        state = run.state
    except (LostClaim, SystemExit):
        # Somebody goes on with it.
        state = None
        raise
    finally:
        log.close()
        if export is not None:
            export.close(state)
