"""A model reads an image alike however it is asked: alone, among others, or from the command line."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from labeling.imaging.decode import decode_image
from tests.factories import add_images, make_project, png
from training.models import Model
from training.services.models import open_reader
from training.services.runs import create_run
from training.services.training_work import run_training

QUICK = {"batch_size": 4, "learning_rate": 0.01}
SMALL = QUICK | {"height": 16, "width_per_character": 16, "epoch_images": 0, "starter": 0}
WANTED = [f"{number % 2}{number // 2 % 2}" for number in range(24)]


def trained(architecture: str, hyperparameters: dict[str, Any], **lengths: int) -> Model:
    """A model after a few epochs: still unsure, so that a difference between two readings would show."""
    project = make_project(alphabet="01", **({"min_length": 2, "max_length": 2} | lengths))
    add_images(project, WANTED)
    run = create_run(
        project=project,
        user=project.created_by,
        architecture=architecture,
        hyperparameters=hyperparameters,
        max_epochs=4,
        here=True,
    )
    run_training(run.pk)
    return Model.objects.get(run=run)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("architecture", "hyperparameters", "lengths"),
    [
        pytest.param("tiny_vgg", QUICK, {}, id="sliced"),
        pytest.param("slots", SMALL, {}, id="whole image"),
        pytest.param("ctc", SMALL, {"min_length": 1, "max_length": 3}, id="ctc"),
    ],
)
def test_one_by_one_in_a_batch_and_from_the_command_line_readings_are_the_same(
    tmp_path: Path, architecture: str, hyperparameters: dict[str, Any], lengths: dict[str, int]
) -> None:
    model = trained(architecture, hyperparameters, **lengths)
    folder = tmp_path / "new"
    folder.mkdir()
    for number, text in enumerate(WANTED):
        size = {"width": 90, "height": 40} if number % 3 == 0 else {}
        (folder / f"{number:02}.png").write_bytes(png(text, 500 + number, **size))
    reader = open_reader(model)
    images = [decode_image(path.read_bytes()).pixels for path in sorted(folder.iterdir())]

    one_by_one = [reader.read([pixels])[0] for pixels in images]
    in_a_batch = reader.read(images)
    out = StringIO()
    call_command(
        "predict", model.project.name, str(folder), "--json", model=model.pk, stdout=out, stderr=StringIO()
    )
    from_the_command_line = json.loads(out.getvalue())["readings"]

    texts = [reading.text for reading in one_by_one]
    assert [reading.text for reading in in_a_batch] == texts
    assert [reading["text"] for reading in from_the_command_line] == texts
    confidences = [reading.confidence for reading in one_by_one]
    assert len({round(confidence, 3) for confidence in confidences}) > 3
    np.testing.assert_allclose([reading.confidence for reading in in_a_batch], confidences, rtol=1e-4)
    np.testing.assert_allclose([each["confidence"] for each in from_the_command_line], confidences, rtol=1e-4)
