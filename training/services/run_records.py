"""What is kept of a run outside of the database while it trains: TensorBoard's logs, and an MLflow server's copy."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from labeling.jobs import JobState, LostClaim
from training.models import Run
from training.services.mlflow_export import MlflowExport
from training.services.run_listeners import Listeners
from training.services.tensorboard_log import TensorBoardLog


@contextmanager
def records_of(run: Run) -> Iterator[Listeners]:
    """Keep records of a run while the body trains it, and close them with the state that it ends in."""
    log = TensorBoardLog(run)
    export = MlflowExport(run) if settings.MLFLOW_TRACKING_URI else None
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
