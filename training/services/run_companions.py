"""Who goes along with a run while a worker trains it, from its claim to its end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeling.heartbeat import Heartbeat
from labeling.outages import outlasting
from training.models import Run
from training.recognition.fit import FitListener, Validated
from training.services.run_listeners import Listeners
from training.services.run_records import records_of
from training.services.run_reporter import RunListener, RunReporter
from training.services.searches import advance
from training.services.shared_checkpoints import SharedCheckpoints
from training.services.steady_listener import SteadyListener
from training.services.worker_use import WorkerWatch

READER_FOLDER = "training"
"""Below the folder of a training without labels, which has other stages besides: where its reader is trained."""

if TYPE_CHECKING:
    from training.services.search_study import Trial


@dataclass(frozen=True)
class Companions:
    """Those whom the work of a run speaks to.

    reporter: writes what the training tells to the run's rows, and passes it on to whoever else listens.
    checkpoints: bring those of another machine here, and copy new ones to where every machine finds them.
    trial: chose the hyper-parameters where the run is part of a search, and may end it early; else None.
    """

    reporter: RunReporter
    checkpoints: SharedCheckpoints
    trial: "Trial | None"

    @property
    def watching(self) -> dict[str, Any]:
        """What `fit_reader` is to tell whom."""
        listener: FitListener = SteadyListener(self.reporter, self.checkpoints)
        told: Callable[[Validated], None] = self.reporter.on_validation
        return {"listener": listener, "on_validation": lambda validated: outlasting(lambda: told(validated))}


@contextmanager
def companions_of(run: Run, second_listener: RunListener | None = None) -> Iterator[Companions]:
    """Keep a claimed run company while the body works on it and finishes it: a heartbeat beats, checkpoints are copied,
    the worker's use is watched, TensorBoard's and MLflow's records are kept.

    Args:
        second_listener: whoever watches in this process; it also means that no other worker is called.
    """
    with ExitStack() as stack:
        heartbeat = stack.enter_context(Heartbeat(run))
        checkpoints = stack.enter_context(
            SharedCheckpoints(run, heartbeat, part=READER_FOLDER if run.needs_no_labels else "")
        )
        stack.enter_context(WorkerWatch(run))
        trial = _begin_trial(run, here=second_listener is not None)
        # Last in, first out: they are closed with the state that the run ended in, while the heart still beats.
        records = stack.enter_context(records_of(run, checkpoints.history))
        reporter = RunReporter(run, heartbeat, Listeners(second_listener, trial, records))
        reporter.catch_up(checkpoints.history)
        yield Companions(reporter, checkpoints, trial)


def _begin_trial(run: Run, *, here: bool) -> "Trial | None":
    """Choose a trial's hyper-parameters, and let the next worker begin the next one; None for other runs."""
    if run.search_id is None:
        return None
    # Optuna is imported by those who search, only.
    from training.services.search_study import begin_trial

    trial = begin_trial(run)
    advance(run.search_id, here=here)
    return trial
