"""The work of a run without labels on a `train` worker: pictures, fonts, the pipeline, and whom to ask about what."""

from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from labeling.models import Image
from training.leftovers import run_folder
from training.models import AskedImage, LabelFree, Model, Run
from training.recognition.architectures import get_architecture
from training.recognition.fit import FitResult
from training.recognition.label_free import LabelFreeOptions, train_without_labels
from training.recognition.synthesis.style import Style
from training.recognition.task import ReadingTask
from training.services.fonts import project_fonts
from training.services.label_free import Wish
from training.services.label_free_reporter import LabelFreeReporter, StoppedEarly
from training.services.models import open_reader
from training.services.run_companions import Companions
from training.services.unlabelled import (
    check_enough,
    decoded_images,
    held_out_images,
    learnt_images,
)

ASKED = 50
"""Images that a person is asked to transcribe."""
SHOWN = 12
"""Real images that are shown beside drawn ones."""
BATCH = 64


def train_label_free(run: Run, task: ReadingTask, companions: Companions) -> FitResult | None:
    """Train a reader without labels; None where it was stopped before there was one.

    What an interrupted attempt came to is gone on from: its style is kept, pictures are drawn alike from their seed,
    and the reader has its checkpoints.

    Raises:
        Refused: there are too few images, or one's file is missing.
    """
    reporter = companions.reporter
    reporter.on_stage("preparing images")
    check_enough(run.project)
    ids = learnt_images(run)
    pictures = list(decoded_images(ids))
    LabelFree.objects.filter(pk=run.pk).update(real_images=sorted(ids)[:SHOWN])
    watching = LabelFreeReporter(run, companions, real=pictures)
    try:
        result = train_without_labels(
            task=task,
            architecture=get_architecture(run.architecture),
            hyperparameters=run.hyperparameters,
            pictures=pictures,
            fonts=project_fonts(run.project),
            options=_options(run, watching.style),
            folder=run_folder(run.pk),
            seed=run.seed,
            listener=watching,
        )
    except StoppedEarly:
        watching.end(stopped=True)
        return None
    watching.end(stopped=result.ending == "stopped")
    return result


def _options(run: Run, known: dict[str, Any] | None) -> LabelFreeOptions:
    wish = Wish.of(run.label_free)
    return LabelFreeOptions(
        refine=wish.refine,
        self_train=wish.self_train,
        synthetic_count=wish.synthetic_count,
        max_minutes=wish.max_minutes,
        style=None if known is None else Style.from_json(known),
    )


def choose_asked(run: Run, model: Model) -> None:
    """Choose the images that a person is asked to transcribe, and keep what the model reads in them.

    They are drawn by chance from those that the run did not learn from. A run that was resumed keeps its images and
    what was said about them; its new model reads them anew.
    """
    label_free = run.label_free
    images = list(label_free.asked.values_list("image", flat=True))
    if not images:
        images = held_out_images(run)
        Random(f"asked {run.seed}").shuffle(images)
        images = images[:ASKED]
    readings = _read(model, images)
    with transaction.atomic():
        said = dict(label_free.asked.values_list("image", "annotation"))
        label_free.asked.all().delete()
        there = set(Image.objects.filter(pk__in=images).values_list("pk", flat=True))
        AskedImage.objects.bulk_create(
            AskedImage(
                label_free=label_free,
                image_id=image,
                place=place,
                reading=readings[image].text,
                confidence=readings[image].confidence,
                annotation_id=said.get(image),
            )
            for place, image in enumerate(images)
            if image in there and image in readings
        )
        now = timezone.now()
        LabelFree.objects.filter(pk=label_free.pk).update(asked_at=now, written_at=now)


def _read(model: Model, images: list[int]) -> dict[int, Any]:
    """Return image id -> reading."""
    reader, readings = open_reader(model), {}
    for start in range(0, len(images), BATCH):
        for image in images[start : start + BATCH]:
            for pixels in decoded_images([image]):
                readings[image] = reader.read([pixels])[0]
    return readings
