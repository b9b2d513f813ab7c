"""What a training tells while it goes on, written to its run's rows."""

import time
from collections.abc import Sequence
from typing import Protocol

from django.db import transaction

from labeling.heartbeat import Heartbeat
from training.live import announce
from training.models import Epoch, Run
from training.recognition.fit import BatchProgress, EpochMetrics, FitListener, Validated
from training.recognition.self_training.round import Round
from training.services.run_summaries import summarise_run
from training.services.validation_reports import LiveReports

# How often a running training writes its progress: often enough to look alive, seldom enough to cost nothing.
REPORT_EVERY_SECONDS = 1.0
SUMMARISE_EVERY_SECONDS = 5.0


class RunListener(FitListener, Protocol):
    """Whoever watches a run in the process that trains it, such as a command's terminal."""

    def on_stage(self, stage: str) -> None: ...


class RunReporter:
    """Writes a training's progress to its row, and passes the stop flag on to the training."""

    def __init__(self, run: Run, heartbeat: Heartbeat, second: RunListener | None) -> None:
        self._run = run
        self._heartbeat = heartbeat
        self._second = second
        self._written_at = 0.0
        self._summarised_at = 0.0
        self._stop = False
        self._has_told_epochs = False
        self._reports = LiveReports(run)

    def on_stage(self, stage: str) -> None:
        self._run.beat(stage=stage)
        announce(self._run.pk)
        if self._second is not None:
            self._second.on_stage(stage)

    def on_batch(self, progress: BatchProgress) -> None:
        if self._second is not None:
            self._second.on_batch(progress)
        if time.monotonic() - self._written_at < REPORT_EVERY_SECONDS:
            return
        self._written_at = time.monotonic()
        self._run.beat(
            progress=progress.progress,
            epoch=progress.epoch,
            batch=progress.batch,
            batches=progress.batches,
            images_per_second=progress.images_per_second,
            seconds_left=progress.seconds_left,
        )
        self.look()
        announce(self._run.pk)

    def look(self) -> None:
        """Look whether somebody wants the run to stop."""
        self._stop = Run.objects.filter(pk=self._run.pk, stop_requested=True).exists()

    def on_epoch(self, metrics: EpochMetrics) -> None:
        if self._second is not None:
            self._second.on_epoch(metrics)
        with transaction.atomic():
            self._make_room(metrics.epoch)
            self._row(metrics).save(force_insert=True)
            self._run.beat(epoch=metrics.epoch)
        if time.monotonic() - self._summarised_at > SUMMARISE_EVERY_SECONDS:
            summarise_run(self._run.pk)
            self._summarised_at = time.monotonic()
        announce(self._run.pk)

    def on_round(self, told: Round) -> None:
        """Write down a round of self-training, in place of what an earlier attempt wrote of it and behind it."""
        before = [each for each in self._run.rounds if each["number"] < told.number]
        self._run.beat(rounds=[*before, told.to_json()])
        announce(self._run.pk)

    def catch_up(self, history: Sequence[EpochMetrics]) -> None:
        """Write the rows that are missing of epochs which a checkpoint knows: a worker may die between the two."""
        there = set(self._run.history.values_list("number", flat=True))
        missing = [self._row(metrics) for metrics in history if metrics.epoch not in there]
        if missing:
            Epoch.objects.bulk_create(missing)
            self._run.beat(epoch=history[-1].epoch)

    def on_validation(self, validated: Validated) -> None:
        """Show what is read in the validation images, as often as its share of the time allows."""
        if self._reports.take(validated):
            announce(self._run.pk)

    def should_stop(self) -> bool:
        self._heartbeat.check()
        return self._stop or (self._second is not None and self._second.should_stop())

    def _row(self, metrics: EpochMetrics) -> Epoch:
        return Epoch(
            run=self._run,
            number=metrics.epoch,
            loss=metrics.loss,
            character_accuracy=metrics.training_character_accuracy,
            whole_string_accuracy=metrics.training_whole_string_accuracy,
            validation_loss=metrics.validation_loss,
            validation_character_accuracy=metrics.character_accuracy,
            validation_whole_string_accuracy=metrics.whole_string_accuracy,
            learning_rate=metrics.learning_rate,
            seconds=metrics.seconds,
        )

    def _make_room(self, number: int) -> None:
        """Delete the epoch's former row rather than change it: pages ask for rows that are newer than those they have.

        What lies behind the first epoch told here is from before an interruption, and comes again.
        """
        former = self._run.history.filter(number=number)
        if not self._has_told_epochs:
            former = self._run.history.filter(number__gte=number)
            self._has_told_epochs = True
        former.delete()
