"""The work of a batch, on a `prepare` worker: read pictures, answer each of them once.

A step is one transaction: its answers, and where the next one begins. Whatever dies, the next worker goes on behind the
last whole step. What a worker holds at a time is bounded in images, bytes and pixels, however large the batch is.
"""

import time
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from labeling.dispatch import dispatch, others_wait
from labeling.errors import Refused
from labeling.heartbeat import Heartbeat
from labeling.imaging.decode import MAX_PIXELS, pixels_of
from labeling.jobs import ACTIVE_STATES, JobState, LostClaim, work_on
from labeling.services.import_work import TURN_SECONDS
from labeling.services.storable import storable
from labeling.services.storage import delete_folder
from training.models import Look, Model, Prediction, ReadingBatch, Verdict
from training.recognition.reader import LARGEST_BATCH, Reader, UnusableModel
from training.services.batches import QUEUE, TASK, forget_uploads
from training.services.batches_files import BatchItem, count_images, unread_items
from training.services.packs import Place, write_pack
from training.services.predictions import look_at
from training.services.reading import ReadingResult, read_encoded, warm_reader, with_verdicts
from training.services.reading_days import count_readings
from training.services.webhooks import announce

STEP_IMAGES = 4 * LARGEST_BATCH
STEP_BYTES = 16 * 2**20
# So that results show up while they are read, also of slow models.
STEP_SECONDS = 1.0
# Positions and probabilities of a reading that is kept; a thousandth of a picture's width is no pixel any more.
DIGITS = 4

Answer = tuple[BatchItem, ReadingResult]


def run_batch(pk: int) -> None:
    """Read a batch until it is done, cancelled, or should let others have their turn."""
    rows = ReadingBatch.objects.select_related("project", "model__run")
    work_on(rows, pk, _work_unless_deleted, _explain)
    for ended in ReadingBatch.objects.filter(pk=pk).exclude(state__in=ACTIVE_STATES):
        announce(ended)


def _work_unless_deleted(row: ReadingBatch) -> None:
    try:
        _work(row)
    except LostClaim:
        if not ReadingBatch.objects.filter(pk=row.pk).exists():
            # It was deleted while pictures were stored: nothing else would ever delete those.
            delete_folder(default_storage, row.folder)
        raise


def _explain(row: ReadingBatch, error: Exception) -> str:
    return f"Reading stopped behind image {row.position:,}: {error}. Try again: it goes on there."


def _work(row: ReadingBatch) -> None:
    reader = _reader(row)
    with Heartbeat(row) as heartbeat:
        if row.total is None:
            row.beat(total=count_images(row))
        turn_ends = time.monotonic() + TURN_SECONDS
        for answers in _steps(reader, row.model, unread_items(row)):
            heartbeat.check()
            _write(row, answers)
            if ReadingBatch.objects.filter(pk=row.pk, stop_requested=True).exists():
                _end(row, JobState.STOPPED)
                return
            if time.monotonic() > turn_ends:
                if others_wait():
                    row.hand_back()
                    dispatch(TASK, row.pk, QUEUE)
                    return
                turn_ends = time.monotonic() + TURN_SECONDS
    # An archive that is damaged holds fewer files than it says.
    row.total = row.position
    _end(row, JobState.DONE)


def _reader(row: ReadingBatch) -> Reader:
    try:
        return warm_reader(row.model_id)
    except (OSError, UnusableModel):
        raise Refused(
            f"{row.model} cannot be loaded: its file is missing or damaged. Put the images in a new batch: the "
            "production model reads it."
        ) from None


def _steps(reader: Reader, model: Model, items: Iterator[BatchItem]) -> Iterator[list[Answer]]:
    """Yield answers to some images at a time."""
    step: list[Answer] = []
    held, began = 0, time.monotonic()
    for few in _fews(items):
        step += _read(reader, model, few)
        held += sum(len(item.data) for item in few)
        is_full = len(step) + LARGEST_BATCH > STEP_IMAGES or held > STEP_BYTES
        if is_full or time.monotonic() - began > STEP_SECONDS:
            yield step
            step, held, began = [], 0, time.monotonic()
    if step:
        yield step


def _fews(items: Iterator[BatchItem]) -> Iterator[list[BatchItem]]:
    """Yield as many images as are decoded at once: no more pixels than one image may have."""
    few: list[BatchItem] = []
    pixels = 0
    for item in items:
        more = pixels_of(item.data)
        if few and (len(few) == LARGEST_BATCH or pixels + more > MAX_PIXELS):
            yield few
            few, pixels = [], 0
        few.append(item)
        pixels += more
    if few:
        yield few


def _read(reader: Reader, model: Model, items: list[BatchItem]) -> list[Answer]:
    read = read_encoded(reader, [item.data for item in items if not item.error])
    results = iter(with_verdicts(read, model))
    return [(item, ReadingResult(error=item.error) if item.error else next(results)) for item in items]


def _write(row: ReadingBatch, answers: list[Answer]) -> None:
    """Write a step's answers and where the next one begins, all or nothing."""
    places = _places(row, answers)
    rows = [
        _prediction(row, row.position + number, answer, places.get(number))
        for number, answer in enumerate(answers)
    ]
    last = answers[-1][0]
    with transaction.atomic():
        Prediction.objects.bulk_create(rows)
        # Added in the database: whoever confirms a reading meanwhile counts there, too.
        ReadingBatch.objects.filter(pk=row.pk).update(
            to_check=F("to_check") + sum(each.look == Look.WANTED for each in rows)
        )
        row.beat(
            position=row.position + len(rows),
            next_upload=last.upload,
            next_member=last.member,
            failed=row.failed + sum(bool(each.error) for each in rows),
            unsure=row.unsure + sum(each.verdict == Verdict.UNSURE for each in rows),
            other_family=row.other_family + sum(each.verdict == Verdict.OTHER_FAMILY for each in rows),
        )
    count_readings(row.model_id, [result for _, result in answers if not result.error])


def _places(row: ReadingBatch, answers: list[Answer]) -> dict[int, Place]:
    """Store the pictures that came in archives; return the place of each picture that was read, by its number.

    The file's name has the claim in it: a worker that lost the row may still be writing one of its own.
    """
    places = {number: item.place for number, (item, _) in enumerate(answers) if item.place is not None}
    packed = [
        number for number, (item, result) in enumerate(answers) if item.place is None and not result.error
    ]
    if packed:
        path = f"{row.folder}/pictures/{row.position:08d}-{row.claim}"
        stored = write_pack(path, [answers[number][0].data for number in packed])
        places |= dict(zip(packed, stored, strict=True))
    return places


def _prediction(row: ReadingBatch, position: int, answer: Answer, place: Place | None) -> Prediction:
    item, result = answer
    shown = None if result.error else place
    return Prediction(
        project=row.project,
        model=row.model,
        batch=row,
        position=position,
        name=storable(item.name[-500:]),
        file=shown.file if shown else "",
        offset=shown.offset if shown else None,
        size=shown.size if shown else None,
        text=result.text,
        confidence=result.confidence,
        characters=[_slim(character) for character in result.characters],
        milliseconds=round(result.milliseconds, 3),
        note=" ".join(result.notes),
        error=result.error,
        verdict=result.verdict,
        strangeness=result.strangeness,
        look=look_at(result),
        created_by_id=row.created_by_id,
    )


def _slim(character: dict[str, Any]) -> dict[str, Any]:
    """A character without digits that nobody needs: they would be half of what a batch takes in the database."""
    others = [[text, round(probability, DIGITS)] for text, probability in character["alternatives"]]
    numbers = {name: round(character[name], DIGITS) for name in ("probability", "left", "right")}
    return {"text": character["text"], **numbers, "alternatives": others}


def _end(row: ReadingBatch, state: JobState) -> None:
    row.finish(state, total=row.total)
    forget_uploads(row)
