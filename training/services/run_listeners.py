"""Several listeners to one run: a terminal, a search, and whoever keeps records elsewhere."""

from training.recognition.fit import BatchProgress, EpochMetrics
from training.services.run_reporter import RunListener


class Listeners:
    """Tells each of its listeners, in order; any of them may stop the training."""

    def __init__(self, *listeners: RunListener | None) -> None:
        """None is nobody."""
        self._listeners = [each for each in listeners if each is not None]

    def on_stage(self, stage: str) -> None:
        for each in self._listeners:
            each.on_stage(stage)

    def on_batch(self, progress: BatchProgress) -> None:
        for each in self._listeners:
            each.on_batch(progress)

    def on_epoch(self, metrics: EpochMetrics) -> None:
        for each in self._listeners:
            each.on_epoch(metrics)

    def should_stop(self) -> bool:
        return any(each.should_stop() for each in self._listeners)
