"""One framework-free ONNX file per reader: preprocessing, network and the task it reads."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto

from labeling.imaging.arrays import Pixels
from training.recognition import onnx_preprocessing
from training.recognition.architectures import Architecture
from training.recognition.backend import load_keras
from training.recognition.data import network_inputs
from training.recognition.onnx_graph import OPSET, GraphWriter
from training.recognition.reader import PRODUCER, TASK_KEY, Reader
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras

TOLERANCE = 1e-4
LARGEST_CHECK = 100


class ExportDisagrees(RuntimeError):
    """The exported model gives other probabilities than the trained one; the message is a sentence for
    people."""


@dataclass(frozen=True)
class ExportReport:
    """What was written: its size, and the largest difference of a probability over the `checked` images."""

    path: Path
    bytes: int
    checked: int
    largest_difference: float


def export_reader(
    model: keras.Model,
    task: ReadingTask,
    architecture: Architecture,
    path: Path,
    check_pixels: Sequence[Pixels],
) -> ExportReport:
    """Writes a trained network as one ONNX file that takes raw pixels, and checks it.

    The file's inputs are `pixels` uint8 (n, h, w, 4) RGBA and, for a sliced architecture, `boxes` float32 (n,
    slices, 4) in pixels of the prepared picture (left, top, right, bottom); its outputs are `probabilities`
    float32 (n, positions, classes) and `spans` float32 (n, positions, 2), shares 0..1 of the image's width.

    Raises ExportDisagrees when the file and Keras with NumPy preprocessing differ by more than 1e-4 on one of
    the (at most 100) `check_pixels`; the file is not kept then.
    """
    reading_model = _reading_model(model, architecture)
    exported = _with_preprocessing(reading_model, _as_onnx(reading_model), task, architecture)
    unchecked = path.with_suffix(".unchecked")
    unchecked.write_bytes(exported.SerializeToString())
    checked = check_pixels[:LARGEST_CHECK]
    difference = _largest_difference(unchecked, reading_model, task, architecture, checked)
    if not difference <= TOLERANCE:
        unchecked.unlink()
        raise ExportDisagrees(
            f"The exported model's probabilities differ from the trained network's by up to "
            f"{difference:.1e}, more than {TOLERANCE:.0e}: it was not kept. Please report this with the "
            "preparation and the architecture."
        )
    unchecked.replace(path)
    return ExportReport(path, path.stat().st_size, len(checked), difference)


def _reading_model(model: keras.Model, architecture: Architecture) -> keras.Model:
    """The network with probabilities and, where it knows them, spans as its outputs instead of logits."""
    probabilities, spans = architecture.reading_outputs(model)
    outputs = [probabilities] if spans is None else [probabilities, spans]
    return load_keras().Model(model.inputs, outputs)


def _as_onnx(model: keras.Model) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        # Keras exports only models that have been called.
        model.predict_on_batch(np.zeros((1, *model.inputs[0].shape[1:]), np.float32))
        model.export(str(path), format="onnx", verbose=False, opset_version=OPSET)
        return onnx.load(str(path))


def _with_preprocessing(
    model: keras.Model, network: onnx.ModelProto, task: ReadingTask, architecture: Architecture
) -> onnx.ModelProto:
    graph = GraphWriter()
    pixels = graph.input("pixels", TensorProto.UINT8, ["images", "height", "width", 4])
    prepared = onnx_preprocessing.prepare(graph, pixels, task.recipe)
    if architecture.needs_slices:
        boxes = graph.input("boxes", TensorProto.FLOAT, ["images", task.positions, 4])
    else:
        boxes = onnx_preprocessing.whole_picture(graph, prepared.pictures)
    height, width, channels = model.inputs[0].shape[1:]
    sampled = onnx_preprocessing.sample_boxes(graph, prepared.pictures, boxes, height, width)
    inputs = onnx_preprocessing.to_network_input(
        graph, sampled, (height, width, channels), task.recipe.channels
    )
    outputs = graph.include(network, inputs)
    probabilities = graph.call("Reshape", outputs[0], graph.int64([-1, task.positions, task.classes]))
    graph.output("probabilities", probabilities, TensorProto.FLOAT, ["images", task.positions, task.classes])
    if len(outputs) > 1:
        spans = onnx_preprocessing.spans_of_shares(graph, prepared, pixels, outputs[1])
    else:
        spans = onnx_preprocessing.spans_of_boxes(graph, prepared, pixels, boxes)
    graph.output("spans", spans, TensorProto.FLOAT, ["images", task.positions, 2])
    return graph.model(PRODUCER, {TASK_KEY: json.dumps(task.to_json()), "architecture": architecture.name})


def _largest_difference(
    path: Path, model: keras.Model, task: ReadingTask, architecture: Architecture, images: Sequence[Pixels]
) -> float:
    reader = Reader(path)
    shape = tuple(model.inputs[0].shape[1:])
    differences = [0.0]
    for pixels in images:
        inputs = network_inputs(pixels, task, architecture.needs_slices, shape)
        outputs = model.predict_on_batch(inputs)
        trained: NDArray[np.float32] = np.asarray(outputs[0] if isinstance(outputs, list) else outputs)
        exported, _ = reader.probabilities([pixels])
        differences.append(float(np.abs(trained.reshape(exported.shape[1:]) - exported[0]).max()))
    return max(differences)
