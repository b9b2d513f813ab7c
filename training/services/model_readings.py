"""What models read in the validation and test images of their dataset versions: measured once, kept to be compared.

A model is measured at the end of its run. Models of earlier versions are read with by a `prepare` worker once somebody
compares them.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from labeling.dispatch import dispatch, others_wait
from labeling.errors import Refused
from labeling.jobs import JobState, work_on
from labeling.models import Project
from labeling.services.audit import Action, record
from labeling.services.import_work import TURN_SECONDS
from training.models import DatasetItem, Model, ModelReadings, Split
from training.recognition.coverage import Coverage
from training.recognition.reader import LARGEST_BATCH, Reader, Reading, UnusableModel
from training.services.datasets import items_with_pixels
from training.services.evaluation import evaluate_readings, evaluation_json
from training.services.family import family_json
from training.services.models import open_reader
from training.services.validation_reports import write_final_report

logger = logging.getLogger(__name__)

TASK = "training.tasks.keep_readings"
QUEUE = "prepare"
UNFORESEEN = "Nobody foresaw the reason; the worker's log tells it."


@dataclass(frozen=True)
class KeptReading:
    """What a model read in an image, and how surely, 0..1."""

    text: str
    confidence: float


def measure_model(*, model: Model) -> dict[str, Any]:
    """Read the validation and test images of a model's dataset version with its exported file, exactly as pages and API
    will read; keep the readings, show those of validation on the run's page, and return what they come to, for
    `Model.metrics`."""
    reader = open_reader(model)
    found = list(_read(reader, _measured_items(model)))
    with transaction.atomic():
        ModelReadings.objects.update_or_create(
            model=model,
            defaults={
                "rows": [_row(item, reading) for item, reading in found],
                "state": JobState.DONE,
                "claim": None,
                "error": "",
                "done": len(found),
                "total": len(found),
                "finished_at": timezone.now(),
            },
        )

    def of_split(split: Split) -> tuple[list[str], list[Reading]]:
        pairs = [(item.text, reading) for item, reading in found if item.split == split]
        return [text for text, _ in pairs], [reading for _, reading in pairs]

    truths, readings = of_split(Split.VALIDATION)
    metrics: dict[str, Any] = {}
    chosen = Coverage(threshold=None, n=0, accepted=0, right=0)
    # A training without labels may have no image of a split; then there is nothing to say of it.
    if truths:
        validation = evaluate_readings(reader.task, truths, readings)
        chosen = validation.coverage or chosen
        metrics[Split.VALIDATION.value] = evaluation_json(validation) | family_json(reader.family, readings)
        write_final_report(
            run=model.run, task=reader.task, truths=truths, readings=readings, evaluation=validation
        )
    # Tested is the confidence threshold that the validation images chose.
    truths, readings = of_split(Split.TEST)
    if truths:
        test = evaluate_readings(reader.task, truths, readings, validated=chosen)
        metrics[Split.TEST.value] = evaluation_json(test) | family_json(reader.family, readings)
    return metrics


def kept_readings(model: Model) -> dict[int, KeptReading] | None:
    """Return image id -> reading of a model's validation and test images; None where they are not kept (yet)."""
    rows = (
        ModelReadings.objects.filter(model=model, state=JobState.DONE).values_list("rows", flat=True).first()
    )
    return None if rows is None else {pk: KeptReading(text, confidence) for pk, text, confidence in rows}


def readings_of_items(*, model: Model, items: QuerySet[DatasetItem]) -> dict[int, KeptReading]:
    """Return image id -> reading of items: kept ones as they are, others are read now. For a worker.

    Raises:
        Refused: an image's file is missing or damaged.
        OSError, UnusableModel: the model's own is.
    """
    readings = dict(kept_readings(model) or {})
    wanted = dict(items.values_list("image", "pk"))
    if unread := [pk for image, pk in wanted.items() if image not in readings]:
        for item, reading in _read(open_reader(model), DatasetItem.objects.filter(pk__in=unread)):
            readings[item.image_id] = KeptReading(reading.text, reading.confidence)
    return {image: readings[image] for image in wanted}


def missing_readings(models: Iterable[Model]) -> list[Model]:
    """Return the models whose readings are not kept yet: one query."""
    models = list(models)
    done = set(
        ModelReadings.objects.filter(model__in=models, state=JobState.DONE).values_list("model", flat=True)
    )
    return [model for model in models if model.pk not in done]


def start_readings(*, project: Project, user: Any, models: Sequence[Model]) -> None:
    """Have a worker read what the models lack; harmless where one is at it already."""
    with transaction.atomic():
        for model in missing_readings(models):
            row, _ = ModelReadings.objects.get_or_create(
                model=model, defaults={"total": _measured_items(model).count()}
            )
            if row.mark_queued():
                record(project=project, user=user, action=Action.MODEL_READ_IMAGES, target=str(model))
                dispatch(TASK, row.pk, QUEUE)


def run_readings(pk: int) -> None:
    """Read a model's images until all are done, or until others should have their turn."""
    rows = ModelReadings.objects.select_related("model__run__dataset", "model__project")
    work_on(rows, pk, _work, lambda row, error: UNFORESEEN)


def _work(row: ModelReadings) -> None:
    items = _measured_items(row.model)
    row.beat(total=items.count())
    try:
        # One thread: who waits for a reading, or labels meanwhile, should not notice.
        reader = open_reader(row.model, threads=1)
    except (OSError, UnusableModel):
        raise Refused(f"{row.model} cannot be loaded: its file is missing or damaged. Train again.") from None
    rows, turn_ends = list(row.rows), time.monotonic() + TURN_SECONDS
    found = _read(reader, items.filter(pk__gt=row.position))
    while batch := list(islice(found, LARGEST_BATCH)):
        rows += [_row(item, reading) for item, reading in batch]
        row.beat(done=len(rows))
        if time.monotonic() > turn_ends:
            if others_wait():
                row.beat(rows=rows, position=batch[-1][0].pk)
                row.hand_back()
                dispatch(TASK, row.pk, QUEUE)
                return
            turn_ends = time.monotonic() + TURN_SECONDS
    row.finish(JobState.DONE, rows=rows, done=len(rows), total=len(rows))


def _measured_items(model: Model) -> QuerySet[DatasetItem]:
    items = DatasetItem.objects.filter(dataset=model.run.dataset_id, split__in=[Split.VALIDATION, Split.TEST])
    return items.order_by("id")


def _read(reader: Reader, items: QuerySet[DatasetItem]) -> Iterator[tuple[DatasetItem, Reading]]:
    """Read items in batches, in the order of their ids."""
    found = items_with_pixels(items)
    while batch := list(islice(found, LARGEST_BATCH)):
        readings = reader.read([pixels for _, pixels in batch])
        yield from zip([item for item, _ in batch], readings, strict=True)


def _row(item: DatasetItem, reading: Reading) -> list[Any]:
    return [item.image_id, reading.text, round(reading.confidence, 6)]
