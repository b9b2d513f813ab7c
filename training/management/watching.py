"""Showing a training on a terminal: one in this process, or one that a worker does."""

from typing import Any

from labeling.management.console import WorkbenchCommand, follow
from training.models import Run
from training.recognition.progress import BatchProgress, EpochMetrics


def watch_run(command: WorkbenchCommand, run: Run, *, here: bool) -> Run:
    """Train a run in this process, or wait for a worker that does, and show it meanwhile. Return it as it ended."""
    shown = _ShownRun(command)
    if here:
        # Only now, so that queueing a run does not wait for TensorFlow.
        from training.services.training_work import run_training

        terminal = _Terminal(command)
        run_training(run.pk, listener=terminal)
        shown = _ShownRun(command, epochs=terminal.epochs)
    rows = Run.objects.select_related("dataset", "project")
    ended: Run = follow(lambda: rows.get(pk=run.pk), shown.show, every=1.0)
    command.end_progress()
    return ended


class _Terminal:
    """Shows a training in this process."""

    def __init__(self, command: WorkbenchCommand) -> None:
        self._command = command
        self.epochs = 0

    def on_stage(self, stage: str) -> None:
        self._command.progress(stage)

    def on_batch(self, progress: BatchProgress) -> None:
        left = "" if progress.seconds_left is None else f", about {progress.seconds_left:.0f} s left"
        loss = "" if progress.loss is None else f"loss {progress.loss:.3f}, "
        self._command.progress(
            f"epoch {progress.epoch}, batch {progress.batch} of {progress.batches}, {loss}"
            f"{progress.images_per_second:.0f} images/s{left}"
        )

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self.epochs = metrics.epoch
        self._command.end_progress()
        self._command.stderr.write(_epoch_line(metrics.epoch, metrics.loss, metrics.whole_string_accuracy))

    def should_stop(self) -> bool:
        return False


class _ShownRun:
    """Shows a run from its row, from the epoch after `epochs` on."""

    def __init__(self, command: WorkbenchCommand, epochs: int = 0) -> None:
        self._command = command
        self._epochs = epochs

    def show(self, run: Run) -> None:
        for epoch in run.history.filter(number__gt=self._epochs):
            self._epochs = epoch.number
            self._command.end_progress()
            self._command.stderr.write(
                _epoch_line(epoch.number, epoch.loss, epoch.validation_whole_string_accuracy)
            )
        self._command.progress(f"{run} {run.state} {run.stage} {run.percent} %")


def _epoch_line(number: int, loss: float, accuracy: float) -> str:
    return f"epoch {number:3d}  loss {loss:.3f}  validation {accuracy:.1%} whole-string"


def round_line(told: dict[str, Any]) -> str:
    """What a round of learning from unlabelled images came to; see `training.recognition.self_training.Round`."""
    line = (
        f"round {told['number']}: {told['taken']} of {told['of']} unlabelled images taken, about "
        f"{told['estimated_precision']:.1%} right ({told['low']:.1%} to {told['high']:.1%})"
    )
    if told["accuracy"] is not None:
        line += f", then {told['accuracy']:.1%} of {told['validated_on']} validation images read right"
    return f"{line}. {told['ending']}".rstrip()
