"""Rows of trainings without labels as their work leaves them."""

from datetime import timedelta
from uuid import uuid4

import numpy as np
from django.utils import timezone

from labeling.jobs import JobState
from labeling.models import Annotation, Image, Project
from tests.factories import draw
from tests.training.views.rows import add_model
from training.models import AskedImage, LabelFree, Model, Run
from training.recognition.self_training import Round
from training.recognition.synthesis.style import Style
from training.services.asked import answer
from training.services.label_free import Wish, start_without_labels
from training.services.label_free_pictures import picture_rows, store_row
from training.services.unlabelled import held_out_images, learnt_images

STYLE = Style(height=32, width=72, inks=((20, 20, 20),))
CLOSENESS = {
    "accuracy": 0.71, "low": 0.66, "high": 0.76, "n": 400, "map": "",
    "giveaways": [{"name": "stroke width", "accuracy": 0.64, "sentence": "Drawn strokes are 0.4 pixels wider."}],
}  # fmt: skip
ROUND = Round(
    number=1, taken=420, of=600, threshold=0.97, estimated_precision=0.985, low=0.96, high=0.994, checked=90,
    checked_right=89, agreement=None, missing="", validated_on=100, accuracy=0.93, kept=True,
)  # fmt: skip


def add_label_free(
    project: Project, *, state: JobState = JobState.DONE, wish: Wish | None = None
) -> LabelFree:
    """A run without labels that has fitted, drawn and been measured by how close it comes, without a model."""
    run = start_without_labels(project=project, user=project.created_by, wish=wish, here=True)
    now = timezone.now()
    ended = None if state in (JobState.QUEUED, JobState.RUNNING) else now
    Run.objects.filter(pk=run.pk).update(
        state=state, started_at=now, finished_at=ended, rounds=[ROUND.to_json()]
    )
    row = LabelFree.objects.get(pk=run.pk)
    row.style = STYLE.to_json()
    row.findings = [{"name": "ground", "value": 1.0, "sentence": "The ground is white."}]
    row.fonts = [{"name": "DejaVu Sans", "score": 0.91, "weight": 1.0}]
    row.closeness = CLOSENESS
    row.stages = [
        {"name": "fitting", "state": "done", "seconds": 21.0},
        {"name": "drawing", "state": "done", "seconds": 8.0},
        {"name": "training", "state": "running", "seconds": 0.0, "since": (now - timedelta(seconds=5)).isoformat()},
        {"name": "self-training", "state": "waiting", "seconds": 0.0},
    ]  # fmt: skip
    row.real_images = learnt_images(run)[:12]
    pictures = [draw(text).astype(np.uint8) for text in ("123", "456")]
    rows = [store_row(row, "drawn", pictures, texts=["123", "456"])]
    rows += [
        store_row(row, kind, pictures, step=100, losses={"refiner": 0.4})
        for kind in ("as drawn", "refined", "real")
    ]
    row.pictures = [each.to_json() for each in rows]
    row.save()
    row.run.refresh_from_db()
    return row


def picture_name(row: LabelFree) -> str:
    return picture_rows(row)[0].file.rsplit("/", 1)[-1]


def add_asked(
    row: LabelFree, *, count: int = 4, wrong: int = 1, answered: int = 0
) -> tuple[Model, list[str]]:
    """A model of the run, and images that it asks about: the model reads the first `wrong` of them wrong. Return it and
    the true texts in their order; the owner has transcribed the first `answered`."""
    model = add_model(row.run)
    Model.objects.filter(pk=model.pk).update(metrics={})
    images = list(Image.objects.filter(pk__in=held_out_images(row.run)[:count]).order_by("pk"))
    truths = [image.name.split("_")[0] for image in images]
    AskedImage.objects.bulk_create(
        AskedImage(
            label_free=row,
            image=image,
            place=place,
            reading="".join(reversed(truth)) if place < wrong else truth,
            confidence=0.9,
        )
        for place, (image, truth) in enumerate(zip(images, truths, strict=True))
    )
    LabelFree.objects.filter(pk=row.pk).update(asked_at=timezone.now())
    for image, truth in list(zip(images, truths, strict=True))[:answered]:
        answer(label_free=row, image_id=image.pk, user=row.run.project.created_by, key=uuid4(), text=truth)
    row.refresh_from_db()
    return model, truths


def labels(project: Project) -> int:
    return Annotation.objects.filter(image__project=project, withdrawn_at=None).exclude(text="").count()
