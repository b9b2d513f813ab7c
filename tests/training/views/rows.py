"""Rows of runs, models and predictions as training and reading leave them."""

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from labeling.jobs import JobState
from labeling.models import Project
from tests.factories import png
from training.models import Epoch, Model, ModelReadings, ModelState, Prediction, Run
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
    run = create_run(project=project, user=project.created_by)
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
    share = 1 / max(len(read), 1)
    characters = [
        {
            "text": character,
            "probability": confidence,
            "left": index * share,
            "right": (index + 1) * share,
            "alternatives": [[character, confidence], ["7", 1 - confidence]],
        }
        for index, character in enumerate(read)
    ]
    return Prediction.objects.create(
        project=model.project,
        model=model,
        name=f"{text}.png",
        file=path,
        text=read,
        confidence=confidence,
        characters=characters,
        milliseconds=3.2,
    )
