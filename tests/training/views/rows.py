"""Rows of runs, models and predictions as training and reading leave them."""

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from labeling.jobs import JobState
from labeling.models import Project
from tests.factories import png
from training.models import (
    Epoch,
    Look,
    Model,
    ModelReadings,
    ModelState,
    Prediction,
    ReadingBatch,
    Run,
    Verdict,
)
from training.services.packs import write_pack
from training.services.run_summaries import summarise_run
from training.services.runs import create_run

METRICS = {
    "n": 100,
    "right": 96,
    "whole_string_accuracy": 0.96,
    "whole_string_interval": [0.902, 0.984],
    "character_accuracy": 0.987,
    "position_accuracies": [0.99, 0.98, 0.99],
}


def add_run(project: Project, *, state: JobState = JobState.DONE, epochs: int = 3, **changes: Any) -> Run:
    run = create_run(project=project, user=project.created_by, architecture="slots")
    now = timezone.now()
    ended = None if state in (JobState.QUEUED, JobState.RUNNING) else now
    Run.objects.filter(pk=run.pk).update(
        state=state, started_at=now, finished_at=ended, epoch=epochs, **changes
    )
    Epoch.objects.bulk_create(
        Epoch(
            run=run,
            number=number,
            loss=1 / number,
            character_accuracy=0.9,
            whole_string_accuracy=0.8,
            validation_loss=1.1 / number,
            validation_character_accuracy=0.9,
            validation_whole_string_accuracy=number / 4,
            learning_rate=0.001,
            seconds=1.5,
        )
        for number in range(1, epochs + 1)
    )
    summarise_run(run.pk)
    run.refresh_from_db()
    return run


def add_model(run: Run, state: ModelState = ModelState.CANDIDATE) -> Model:
    model = Model.objects.create(
        project=run.project,
        run=run,
        state=state,
        keras_file=ContentFile(b"keras bytes", "model.keras"),
        onnx_file=ContentFile(b"onnx bytes", "model.onnx"),
        parameter_count=5020,
        metrics={"validation": METRICS, "test": METRICS},
    )
    summarise_run(run.pk)
    return model


def keep_readings(model: Model, texts: dict[int, str], confidence: float = 0.9) -> None:
    """Let a model have read these texts (image id -> text) when it was measured."""
    rows = [[pk, text, confidence] for pk, text in texts.items()]
    ModelReadings.objects.create(model=model, rows=rows, state=JobState.DONE, done=len(rows), total=len(rows))


def add_prediction(
    model: Model, text: str = "123", *, read: str | None = None, confidence: float = 0.99
) -> Prediction:
    read = text if read is None else read
    path = default_storage.save(f"projects/{model.project_id}/predictions/{text}", ContentFile(png(text)))
    return Prediction.objects.create(
        project=model.project,
        model=model,
        name=f"{text}.png",
        file=path,
        text=read,
        confidence=confidence,
        characters=_characters(read, confidence),
        milliseconds=3.2,
    )


def _characters(text: str, confidence: float) -> list[dict[str, Any]]:
    share = 1 / max(len(text), 1)
    return [
        {
            "text": character,
            "probability": confidence,
            "left": index * share,
            "right": (index + 1) * share,
            "alternatives": [[character, confidence], ["7", 1 - confidence]],
        }
        for index, character in enumerate(text)
    ]


def add_batch(
    model: Model, texts: list[str], *, verdicts: str = "", state: JobState = JobState.DONE
) -> ReadingBatch:
    """A batch of pictures of these texts, all of which were read right.

    Args:
        verdicts: of each: `u`nsure, `o`ther family, `f`ailed; what is beyond, or anything else, is sure.
    """
    now = timezone.now()
    kinds = verdicts.ljust(len(texts), "s")
    known = {"u": Verdict.UNSURE, "o": Verdict.OTHER_FAMILY, "f": ""}
    batch = ReadingBatch.objects.create(
        project=model.project, model=model, created_by=model.project.created_by, state=state,
        started_at=now, queued_at=now, heartbeat_at=now, finished_at=now if state == JobState.DONE else None,
        position=len(texts), total=len(texts) if state == JobState.DONE else 2 * len(texts),
        failed=kinds.count("f"), unsure=kinds.count("u"), other_family=kinds.count("o"),
        to_check=kinds.count("u") + kinds.count("o"),
    )  # fmt: skip
    places = write_pack(f"{batch.folder}/pictures/0", [png(text) for text in texts])
    rows = []
    for position, (text, kind, place) in enumerate(zip(texts, kinds, places, strict=True)):
        row = Prediction(
            project=model.project, model=model, batch=batch, position=position, name=f"{text}_{position}.png",
            confidence=0.99 if kind == "s" else 0.4, verdict=known.get(kind, Verdict.SURE),
            look=Look.WANTED if kind in "uo" else Look.NOT_NEEDED, characters=[], milliseconds=1.0, text="",
        )  # fmt: skip
        if kind == "f":
            row.confidence, row.error = 0, "This is not an image."
        else:
            row.text, row.characters = text, _characters(text, row.confidence)
            row.file, row.offset, row.size = place.file, place.offset, place.size
        rows.append(row)
    Prediction.objects.bulk_create(rows)
    return batch
