"""Exported files read raw pixels as the trained network reads prepared pictures."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from tests.training.recognition.drawings import NETWORKS, draw_many, quick, random_texts, reading_task
from training.recognition import onnx_preprocessing
from training.recognition.architectures import get_architecture
from training.recognition.data import network_inputs
from training.recognition.export import ExportDisagrees, ExportReport, export_reader
from training.recognition.reader import Reader
from training.recognition.task import ReadingTask
from training.recognition.trained import TrainedNetwork

CROPPED = {
    "steps": [
        {"step": "channel", "channel": "colour"},
        {"step": "crop", "left": 8, "top": 2, "right": 4, "bottom": 0},
        {"step": "median", "size": 3},
        {"step": "autocontrast"},
    ],
    "slicing": {"slicing": "projection", "min_gap": 1},
}


def pixels(count: int, **size: int) -> list[NDArray[np.uint8]]:
    return [drawn for drawn, _ in draw_many(random_texts(count, "147", (2, 2)), **size)]


def settled(model: keras.Model) -> keras.Model:
    """Gives biases and batch normalisation other values than the untrained 0 and 1, and the logits a clear
    opinion."""
    random = np.random.default_rng(0)
    values = [
        value + random.uniform(-0.15, 0.15, value.shape) if value.ndim == 1 else value
        for value in model.get_weights()
    ]
    values[-2] = values[-2] * 5
    model.set_weights(values)
    return model


def export(
    path: Path, name: str, task: ReadingTask, check: list[NDArray[np.uint8]]
) -> tuple[Any, ExportReport]:
    architecture = get_architecture(name)
    model = settled(architecture.build(task, quick(name), seed=0))
    return model, export_reader(TrainedNetwork(model, task, architecture), path, check, exact=True)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_file_agrees_with_keras_on_images_of_several_sizes(tmp_path: Path, name: str) -> None:
    task = reading_task("147", recipe=CROPPED)
    images = [*pixels(20), *pixels(5, width=70, height=31), *pixels(5, width=31, height=17)]
    model, report = export(tmp_path / "model.onnx", name, task, images)
    assert report.checked == 30
    assert report.largest_difference <= 1e-4

    shape = tuple(model.inputs[0].shape[1:])
    reader = Reader(tmp_path / "model.onnx")
    architecture = get_architecture(name)
    inputs = [network_inputs(image, task, architecture, shape) for image in images]
    exported = np.concatenate([reader.probabilities([image])[0] for image in images])
    logits = model.predict_on_batch(np.concatenate(inputs))
    expected = np.asarray(keras.ops.softmax(logits)).reshape(exported.shape)
    # The network tells images apart by more than the tolerance, so agreement means something.
    assert expected.std(axis=0).max() > 5e-4
    np.testing.assert_allclose(exported, expected, atol=1e-4)


def test_at_most_a_hundred_images_are_checked(tmp_path: Path) -> None:
    _, report = export(tmp_path / "model.onnx", "tiny_vgg", reading_task("147"), pixels(3) * 40)
    assert report.checked == 100


def test_a_file_carries_its_task_and_its_declared_inputs_and_outputs(tmp_path: Path) -> None:
    task = reading_task("147", (1, 2))
    _, report = export(tmp_path / "model.onnx", "slots", task, pixels(1))
    model = onnx.load(report.path)
    properties = {each.key: each.value for each in model.metadata_props}
    assert ReadingTask.from_json(json.loads(properties["reading_task"])) == task
    assert [each.name for each in model.graph.input] == ["pixels"]
    assert [each.name for each in model.graph.output] == ["probabilities", "spans", "look"]
    assert report.bytes == report.path.stat().st_size


def test_a_sliced_architecture_takes_boxes_beside_pixels(tmp_path: Path) -> None:
    _, report = export(tmp_path / "model.onnx", "tiny_vgg", reading_task("147"), pixels(1))
    assert [each.name for each in onnx.load(report.path).graph.input] == ["pixels", "boxes"]


def test_a_file_that_disagrees_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inverting = {**CROPPED, "steps": [{"step": "channel", "channel": "colour"}, {"step": "invert"}]}
    monkeypatch.setattr(onnx_preprocessing, "apply", lambda step, graph, pictures: pictures)
    with pytest.raises(ExportDisagrees, match="differ from the trained one's"):
        export(tmp_path / "model.onnx", "slots", reading_task("147", recipe=inverting), pixels(3))
    assert list(tmp_path.iterdir()) == []


def test_every_batch_size_gives_the_same_reading(tmp_path: Path) -> None:
    export(tmp_path / "model.onnx", "slots", reading_task("147"), pixels(1))
    reader, images = Reader(tmp_path / "model.onnx"), pixels(9)
    together, _ = reader.probabilities(images)
    alone = np.concatenate([reader.probabilities([image])[0] for image in images])
    np.testing.assert_allclose(together, alone, atol=1e-5)
