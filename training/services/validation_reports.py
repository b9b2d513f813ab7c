"""Showing what a run reads in its validation images: while it trains, and last as its exported model reads."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, transaction

from labeling.models import Image
from training.models import Run, Split, ValidationReading, ValidationReport
from training.recognition.metrics import Evaluation, evaluate
from training.recognition.progress import Validated
from training.recognition.task import ReadingTask
from training.services.evaluation import Readable, as_compared

logger = logging.getLogger(__name__)

# Misread images beyond these are counted, but not shown: early in a training nearly all are.
MOST_READINGS = 1000
# As many are shown at least, also where fewer are misread.
WORST = 50
# Of the training's time, this much may go into reports while it goes on.
TIME_SHARE = 0.01
# What a report is expected to take before one has been written: measured on two cores, and generously.
EXPECTED_SECONDS, EXPECTED_SECONDS_PER_IMAGE = 0.02, 0.0001
LEAST_SECONDS_BETWEEN = 2.0


@dataclass(frozen=True)
class ReadImage:
    """A validation image, its true text, and what was read how surely; `loss` in nats per character, if known."""

    image: int
    truth: str
    text: str
    confidence: float
    loss: float | None

    @property
    def is_right(self) -> bool:
        return self.text == self.truth


class LiveReports:
    """Writes reports of a training that goes on, in bounded time: a validation that cannot be afforded waits until the
    training has gone on for long enough, or until a newer one takes its place."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._images: list[int] | None = None
        self._waiting: Validated | None = None
        self._spent = 0.0
        self._expected: float | None = None
        self._written_at = float("-inf")
        self._began_at = time.monotonic()

    def take(self, validated: Validated) -> bool:
        """Take the validation of an epoch; return whether a report was written."""
        if validated.metrics.best:
            self._waiting = validated
        if self._waiting is None or not self._affords(len(self._waiting.texts)):
            return False
        started = time.monotonic()
        written = self._write(self._waiting)
        self._waiting, self._written_at = None, time.monotonic()
        self._expected = self._written_at - started
        self._spent += self._expected
        return written

    def _affords(self, images: int) -> bool:
        now = time.monotonic()
        expected = self._expected
        if expected is None:
            expected = EXPECTED_SECONDS + EXPECTED_SECONDS_PER_IMAGE * images
        within_share = self._spent + expected <= TIME_SHARE * (now - self._began_at)
        return within_share and now - self._written_at >= LEAST_SECONDS_BETWEEN

    def _write(self, validated: Validated) -> bool:
        truths = validated.truths
        evaluation = evaluate(truths, validated.readings, confidences=validated.confidences)
        if self._images is None:
            self._images = validation_images(self._run, validated.texts)
        columns = (self._images, truths, validated.readings, validated.confidences, validated.losses)
        read = [ReadImage(*row) for row in zip(*columns, strict=True)] if self._images else []
        read.sort(key=lambda each: -(each.loss or 0.0))
        # The misread ones first, each group by its loss.
        read.sort(key=lambda each: each.is_right)
        return write_report(
            run=self._run,
            epoch=validated.metrics.epoch,
            evaluation=evaluation,
            worst_first=read,
            so_far=validated.so_far,
            positions=validated.positions,
        )


def write_final_report(
    *,
    run: Run,
    task: ReadingTask,
    truths: Sequence[str],
    readings: Sequence[Readable],
    evaluation: Evaluation,
) -> None:
    """Show how the exported model reads the validation images. What it is surest of and wrong in comes first."""
    read = [
        ReadImage(image, as_compared(truth, task), as_compared(reading.text, task), reading.confidence, None)
        # Without images there is nothing to pair.
        for image, truth, reading in zip(validation_images(run, truths), truths, readings, strict=False)
    ]
    read.sort(key=lambda each: each.confidence if each.is_right else -each.confidence)
    read.sort(key=lambda each: each.is_right)
    write_report(run=run, epoch=None, evaluation=evaluation, worst_first=read)


def validation_images(run: Run, texts: Sequence[str]) -> list[int]:
    """Return the ids of a run's validation images in the order of its samples; empty where they do not match any more,
    because an image was deleted since the samples were decoded."""
    items = run.dataset.items.filter(split=Split.VALIDATION).order_by("id")
    rows = list(items.values_list("image_id", "text"))
    same = len(rows) == len(texts) and all(
        text.casefold() == seen.casefold() for (_, text), seen in zip(rows, texts, strict=True)
    )
    return [image for image, _ in rows] if same else []


def write_report(
    *,
    run: Run,
    epoch: int | None,
    evaluation: Evaluation,
    worst_first: Sequence[ReadImage],
    so_far: str = "",
    positions: Sequence[int] | None = None,
) -> bool:
    """Put a run's report in place of the former one; return whether that worked. It is no reason to stop training."""
    wrong = sum(not each.is_right for each in worst_first)
    kept = worst_first[: min(max(wrong, WORST), MOST_READINGS)]
    try:
        with transaction.atomic():
            there = set(
                Image.objects.filter(pk__in=[each.image for each in kept]).values_list("pk", flat=True)
            )
            ValidationReading.objects.filter(run=run).delete()
            ValidationReading.objects.bulk_create(
                ValidationReading(
                    run=run, image_id=each.image, rank=rank, truth=each.truth, text=each.text,
                    confidence=each.confidence, loss=each.loss,
                )
                for rank, each in enumerate(kept)
                if each.image in there
            )  # fmt: skip
            ValidationReport.objects.update_or_create(
                run=run,
                defaults={
                    "epoch": epoch,
                    "evaluation": evaluation.to_json(),
                    "so_far": so_far,
                    "positions": None if positions is None else list(positions),
                    "is_complete": bool(worst_first) and wrong <= MOST_READINGS,
                },
            )
    except DatabaseError as error:
        logger.warning("what run %s reads could not be shown: %s", run.pk, error)
        return False
    return True
