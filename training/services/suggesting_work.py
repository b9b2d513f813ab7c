"""The work of a pass of suggestions, on a `prepare` worker or in a command."""

import logging
import time
from collections.abc import Callable, Iterator

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from labeling.dispatch import dispatch, others_wait
from labeling.errors import Refused
from labeling.jobs import JobState, work_on
from labeling.models import Image, ImageStatus, Suggestion
from labeling.querysets import ImageQuerySet
from labeling.services.import_work import TURN_SECONDS
from labeling.services.preparations import current_preparation
from labeling.services.suggestions import ImageReading, write_doubts, write_suggestions
from training.models import DatasetItem, Model, ModelState, Split, SuggestionPass
from training.recognition.coverage import PRECISION
from training.recognition.label_errors import LEAST_SURE
from training.recognition.reader import LARGEST_BATCH, Reader, UnusableModel
from training.services.evaluation import as_compared, chosen_coverage
from training.services.models import open_reader
from training.services.reading import ReadingResult, read_encoded
from training.services.reading_task import reading_task
from training.services.refusals import refusing
from training.services.suggesting import QUEUE, TASK, start_pass, start_starter_pass
from training.verdicts import is_stranger

logger = logging.getLogger(__name__)

# Finding what is left takes a database longer than giving it, so it is asked for this many images at a time.
FOUND_AT_ONCE = 16 * LARGEST_BATCH
LEAST_PROPOSED = 0.01
UNFORESEEN = "Nobody foresaw the reason; the worker's log tells it."


def run_pass(pk: int, *, on_progress: Callable[[SuggestionPass], None] | None = None) -> None:
    """Read a project's images until all are done, or until others should have their turn.

    Args:
        on_progress: called after every batch, for a caller that works in its own process and never steps aside.
    """
    rows = SuggestionPass.objects.select_related("project", "model__run", "preparation")
    work_on(rows, pk, lambda row: _work(row, on_progress), lambda row, error: UNFORESEEN)


def _work(row: SuggestionPass, on_progress: Callable[[SuggestionPass], None] | None) -> None:
    reader = _reader(row)
    unread = _unread(row)
    if row.images_came:
        read = Suggestion.objects.filter(image__project=row.project_id, model_number=row.model_number)
        done = read.count()
        row.beat(images_came=False, position=0, done=done, total=done + unread.count())
    clock = _Clock(row)
    turn_ends = time.monotonic() + TURN_SECONDS
    for batch in _batches(row, unread):
        readings = _read(reader, batch)
        with transaction.atomic():
            if row.model and not _still_reads(row.model):
                row.finish(JobState.STOPPED)
                return
            _write(row, reader, batch, readings)
            done = row.done + len(readings)
            row.beat(position=batch[-1].pk, done=done, seconds_left=clock.seconds_left(done))
        if on_progress is not None:
            on_progress(row)
        elif time.monotonic() > turn_ends:
            if others_wait():
                row.hand_back()
                dispatch(TASK, row.pk, QUEUE)
                return
            turn_ends = time.monotonic() + TURN_SECONDS
    row.finish(JobState.DONE, total=row.done + unread.count(), seconds_left=None)
    if SuggestionPass.objects.filter(pk=row.pk, images_came=True).exists():
        if row.model:
            start_pass(model=row.model)
        else:
            start_starter_pass(project=row.project)


class _Clock:
    """Estimates when a pass is done, from how fast it has been since this worker took it."""

    def __init__(self, row: SuggestionPass) -> None:
        self._done, self._total, self._started = row.done, row.total, time.monotonic()

    def seconds_left(self, done: int) -> float | None:
        read = done - self._done
        return (time.monotonic() - self._started) / read * max(0, self._total - done) if read else None


def _reader(row: SuggestionPass) -> Reader:
    # One thread: who waits for a reading, or labels meanwhile, should not notice.
    if row.model is None:
        return _starter(row)
    try:
        return open_reader(row.model, threads=1)
    except (OSError, UnusableModel):
        raise Refused(
            f"{row.model} cannot be loaded: its file is missing or damaged. Promote another model, or train again."
        ) from None


@refusing()
def _starter(row: SuggestionPass) -> Reader:
    # Only here, as it takes what writes ONNX files.
    from training.recognition.starter.reader import starter_reader

    preparation = row.preparation or current_preparation(row.project)
    return starter_reader(reading_task(row.project, preparation), threads=1)


def _unread(row: SuggestionPass) -> ImageQuerySet:
    """Images that the reader has yet to read: those without a text and, for a model, those whose text it was not
    trained on. What the starter is sure of accuses nobody's label, nor takes a model's suggestion away.

    Gold images are always read: they look like any other to whom they are handed out.
    """
    wanted = Q(status__in=[ImageStatus.UNLABELLED, ImageStatus.DISPUTED])
    wanted |= Q(status=ImageStatus.LABELLED, is_gold=True)
    images = Image.objects.filter(project=row.project_id)
    if row.model is None:
        return images.filter(wanted, suggestion=None)
    trained_on = DatasetItem.objects.filter(
        dataset=row.model.run.dataset_id, image=OuterRef("pk"), split=Split.TRAIN
    )
    doubtful = Q(~Exists(trained_on), status=ImageStatus.LABELLED)
    return images.filter(wanted | doubtful).exclude(suggestion__model_number=row.model_number)


def _batches(row: SuggestionPass, unread: ImageQuerySet) -> Iterator[list[Image]]:
    """Yield the images behind a pass's position, which its reader moves on."""
    while found := list(unread.filter(pk__gt=row.position).order_by("pk")[:FOUND_AT_ONCE]):
        for start in range(0, len(found), LARGEST_BATCH):
            yield found[start : start + LARGEST_BATCH]


def _read(reader: Reader, images: list[Image]) -> dict[int, ImageReading]:
    """Read images; return image id -> reading. What cannot be read any more is left out."""
    files: dict[int, bytes] = {}
    for image in images:
        try:
            with image.file.open("rb") as file:
                files[image.pk] = file.read()
        except FileNotFoundError:
            logger.warning("the file of image %s is missing from the storage", image.pk)
    results = zip(files, read_encoded(reader, list(files.values())), strict=True)
    return {pk: _image_reading(pk, result) for pk, result in results if not result.error}


def _image_reading(pk: int, result: ReadingResult) -> ImageReading:
    """What is proposed for an image: nothing for one of another family, which people had better see, and skip, soon,
    nor where the reading is as good as surely wrong: to look at it would cost more than to type."""
    if is_stranger(result) or result.confidence < LEAST_PROPOSED:
        return ImageReading(pk, "", 0.0, ())
    return ImageReading(pk, result.text, result.confidence, result.characters)


def _still_reads(model: Model) -> bool:
    """Whether a model is its project's production model, and stays it until the transaction ends."""
    rows = Model.objects.filter(pk=model.pk, state=ModelState.PRODUCTION)
    return rows.select_for_update(no_key=True).first() is not None


def _write(
    row: SuggestionPass, reader: Reader, images: list[Image], readings: dict[int, ImageReading]
) -> None:
    number = row.model_number
    write_suggestions(project=row.project, model_number=number, rows=readings.values())
    if row.model is None:
        return
    labelled = [image for image in images if image.status == ImageStatus.LABELLED and image.pk in readings]
    threshold = _surely(row.model)
    write_doubts(
        project=row.project,
        model_number=number,
        looked_at=[image.pk for image in labelled],
        rows=[
            reading
            for image in labelled
            if (reading := readings[image.pk]).confidence >= threshold
            and as_compared(reading.text, reader.task) != as_compared(image.text, reader.task)
        ],
    )


def _surely(model: Model) -> float:
    """From which confidence on a model's reading accuses a label: the one it chose itself for unattended reading.

    A model that found none has to be as sure as such readings should be right.
    """
    chosen = chosen_coverage(model.metrics)
    if chosen is None or chosen.threshold is None:
        return PRECISION
    return max(chosen.threshold, LEAST_SURE)
