"""What stands between a training and those who write down what it tells."""

from labeling.outages import outlasting
from training.recognition.fit import BatchProgress, EpochMetrics, FitListener
from training.services.shared_checkpoints import SharedCheckpoints


class SteadyListener:
    """Passes on what a training tells: a database that is away holds it up for a while instead of ending it.

    Each epoch has its checkpoints copied to where other machines find them, before anything else can go wrong.
    """

    def __init__(self, listener: FitListener, checkpoints: SharedCheckpoints) -> None:
        self._listener = listener
        self._checkpoints = checkpoints

    def on_batch(self, progress: BatchProgress) -> None:
        outlasting(lambda: self._listener.on_batch(progress))

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self._checkpoints.tell()
        outlasting(lambda: self._listener.on_epoch(metrics))

    def should_stop(self) -> bool:
        return outlasting(self._listener.should_stop)
