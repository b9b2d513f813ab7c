"""Real readers, grown in seconds: forests that read two of the digits 0, 1, 4 and 7 as `tests.factories` draws."""

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile

from labeling.imaging.arrays import Pixels
from labeling.imaging.decode import decode_image
from labeling.imaging.recipe import DEFAULT_RECIPE
from labeling.models import Project
from tests.factories import add_images, make_project, png
from tests.training.recognition.drawings import random_texts, reading_task
from training.models import Model
from training.recognition.architectures import get_architecture
from training.recognition.data import Samples, build_samples
from training.recognition.export import export_reader, keep_family
from training.recognition.fit import fit_reader
from training.services.models import promote
from training.services.runs import create_run

DIGITS = "0147"
TASK = reading_task(DIGITS, (2, 2), DEFAULT_RECIPE.to_json())
METRICS = {"validation": {"coverage": {"threshold": 0.5, "n": 20, "accepted": 19, "right": 19}}}


def project_with_labels(count: int = 20, name: str = "digits", **changes: Any) -> Project:
    """A project with enough labelled images for a run."""
    wish = {"alphabet": DIGITS, "min_length": 2, "max_length": 2, "name": name} | changes
    project = make_project(**wish)
    add_images(project, some_texts(count), seed=1000)
    return project


def some_texts(count: int, seed: int = 5) -> list[str]:
    return random_texts(count, DIGITS, (2, 2), seed)


def add_reader(project: Project, *, trees: int = 30) -> Model:
    """A model of a run on the project's labels, as a candidate."""
    run = create_run(project=project, user=None, architecture="random_forest", here=True)
    run.claim_for_work()
    run.finish("done")
    file = ContentFile(forest(trees), "model.onnx")
    return Model.objects.create(project=project, run=run, onnx_file=file, parameter_count=1, metrics=METRICS)


def add_production_reader(project: Project, *, trees: int = 30) -> Model:
    model = add_reader(project, trees=trees)
    promote(model=model)
    return model


@cache
def forest(trees: int) -> bytes:
    """An exported forest of so many trees."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        result = fit_reader(
            task=TASK, architecture="random_forest", hyperparameters={"trees": trees},
            train=_samples(200, seed=1), validation=_samples(20, seed=2), folder=folder / "fit",
        )  # fmt: skip
        export_reader(result.model, folder / "model.onnx", [])
        keep_family(folder / "model.onnx", [pixels for pixels, _ in drawn(200, seed=1)])
        return (folder / "model.onnx").read_bytes()


def drawn(count: int, seed: int) -> Iterator[tuple[Pixels, str]]:
    """RGBA pixels with the digits that they show."""
    for number, text in enumerate(some_texts(count, seed)):
        yield decode_image(png(text, 5000 * seed + number)).pixels, text


def _samples(count: int, seed: int) -> Samples:
    return build_samples(drawn(count, seed), TASK, get_architecture("random_forest"))
