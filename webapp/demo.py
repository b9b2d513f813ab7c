"""The demo project of the first start: a newcomer opens a dashboard that is moving."""

import io
import random
import zipfile
from collections.abc import Callable
from typing import Any

from captcha.image import ImageCaptcha
from django.core.files.base import ContentFile

from labeling.models import LabelSource, Project
from labeling.services.import_work import run_import
from labeling.services.imports import add_upload, create_import, queue_import
from labeling.services.projects import create_project, delete_project
from training.services.runs import create_run

NAME = "Demo: five digits"
LENGTH = 5
DIGITS = "0123456789"
LABELLED = 600
TO_LABEL = 200
# The demo trains the default architecture in about this time on two cores; a whole visit should not take longer.
MINUTES = 4.0


def make_demo_project(*, user: Any, say: Callable[[str], None]) -> Project:
    """Draw images with PyPI's `captcha`, import them like anybody's, and queue a run.

    What an interrupted first attempt left behind is removed first.
    """
    for leftover in Project.objects.filter(is_demo=True):
        delete_project(project=leftover)
    project = create_project(
        user=user,
        name=NAME,
        alphabet=DIGITS,
        min_length=LENGTH,
        max_length=LENGTH,
        description=(
            f"{LABELLED + TO_LABEL} images drawn by the Python package “captcha”. {LABELLED} come with their text, "
            f"{TO_LABEL} are left for you to label. Delete the project when you have seen enough; it stays away."
        ),
        is_demo=True,
    )
    say(f"Drawing {LABELLED + TO_LABEL} images for the demo project …")
    draw = random.Random(2026)
    painter = ImageCaptcha()
    labelled = {}
    for number in range(LABELLED):
        text = "".join(draw.choices(DIGITS, k=LENGTH))
        labelled[f"{text}_{number}.png"] = painter.generate(text).getvalue()
    unlabelled = {
        f"to-label-{number:03d}.png": painter.generate("".join(draw.choices(DIGITS, k=LENGTH))).getvalue()
        for number in range(1, TO_LABEL + 1)
    }
    _import(project, user, LabelSource.FILENAME, "labelled.zip", labelled)
    _import(project, user, LabelSource.NONE, "to-label.zip", unlabelled)
    create_run(project=project, user=user, max_minutes=MINUTES)
    return project


def _import(project: Project, user: Any, source: LabelSource, name: str, files: dict[str, bytes]) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for file_name, data in files.items():
            target.writestr(file_name, data)
    batch = create_import(project=project, user=user, label_source=source)
    add_upload(import_batch=batch, name=name, file=ContentFile(archive.getvalue()))
    queue_import(import_batch=batch, here=True)
    # Here rather than on a worker: the workers start after this.
    run_import(batch.pk, on_progress=lambda row: None)
