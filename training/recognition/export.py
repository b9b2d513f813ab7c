"""One framework-free ONNX file per reader: preprocessing, network and the task it reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from labeling.imaging.arrays import Pixels
from training.recognition.architectures.base import Shape
from training.recognition.data import network_inputs
from training.recognition.decoding import get_decoder
from training.recognition.family import Family, learn_family
from training.recognition.onnx_frame import metadata, write_entrance, write_outputs
from training.recognition.onnx_graph import GraphWriter
from training.recognition.quantising import quantise
from training.recognition.reader import FAMILY_KEY, PRODUCER, Reader
from training.recognition.trained import TrainedModel, softmax

LARGEST_CHECK = 100


class ExportDisagrees(RuntimeError):
    """The exported model gives other probabilities than the trained one; the message is a sentence for
    people."""


@dataclass(frozen=True)
class ExportReport:
    """What was written: its size, the largest difference of a probability over the `checked` images before the file
    was quantised, and whether it was."""

    path: Path
    bytes: int
    checked: int
    largest_difference: float
    quantised: bool


def export_reader(
    model: TrainedModel, path: Path, check_pixels: Sequence[Pixels], *, exact: bool = False
) -> ExportReport:
    """Writes a trained reader as one ONNX file that takes raw pixels, and checks it.

    The file's inputs are `pixels` uint8 (n, h, w, 4) RGBA and, where the recipe looks for slices or for the text
    (see `takes_boxes`), `boxes` float32 (n, slices, 4) in pixels of the prepared picture (left, top, right,
    bottom); its outputs are `probabilities` float32 (n, steps, symbols), `spans` float32 (n, steps, 2), shares
    0..1 of the image's width, and `look` float32 (n, LOOK), see
    `onnx_look`. Its metadata name the task, the architecture and the decoder. Where that changes nothing
    of what it reads and nobody wants it `exact`, it is quantised (see `training.recognition.quantising`).

    Raises ExportDisagrees when the file and the model with NumPy preprocessing differ by more than the
    architecture's tolerance (1e-4) on one of the (at most 100) `check_pixels`; the file is not kept then.
    """
    network = model.to_onnx()
    shape = _input_shape(network)
    unchecked = path.with_suffix(".unchecked")
    unchecked.write_bytes(_with_preprocessing(model, network, shape).SerializeToString())
    checked = check_pixels[:LARGEST_CHECK]
    difference = _largest_difference(unchecked, model, shape, checked)
    tolerance = model.architecture.export_tolerance
    if not difference <= tolerance:
        unchecked.unlink()
        raise ExportDisagrees(
            f"The exported model's probabilities differ from the trained one's by up to "
            f"{difference:.1e}, more than {tolerance:.0e}: it was not kept. Please report this with the "
            "preparation and the architecture."
        )
    quantised = not exact and quantise(unchecked, checked)
    unchecked.replace(path)
    return ExportReport(path, path.stat().st_size, len(checked), difference, quantised)


def _input_shape(network: onnx.ModelProto) -> Shape:
    """Height, width and channels that the network takes."""
    constants = {each.name for each in network.graph.initializer}
    (entrance,) = (each for each in network.graph.input if each.name not in constants)
    _, height, width, channels = (each.dim_value for each in entrance.type.tensor_type.shape.dim)
    return height, width, channels


def _with_preprocessing(model: TrainedModel, network: onnx.ModelProto, shape: Shape) -> onnx.ModelProto:
    graph, task, architecture = GraphWriter(), model.task, model.architecture
    entrance = write_entrance(graph, task, architecture, shape)
    logits, *shares = graph.include(network, entrance.inputs)
    symbols = get_decoder(architecture.decoder).symbols(task)
    # The steps of an image's slices stand one after the other.
    steps = task.positions if architecture.needs_slices else -1
    images = -1 if architecture.needs_slices else 0
    logits = graph.call("Reshape", logits, graph.int64([images, steps, symbols]))
    tempered = graph.call("Div", logits, graph.float32(model.temperature))
    probabilities = graph.call("Softmax", tempered, axis=2)
    write_outputs(graph, entrance, probabilities, symbols, shares[0] if shares else None)
    return graph.model(PRODUCER, metadata(task, architecture))


def _largest_difference(path: Path, model: TrainedModel, shape: Shape, images: Sequence[Pixels]) -> float:
    reader = Reader(path)
    differences = [0.0]
    for pixels in images:
        inputs = network_inputs(pixels, model.task, model.architecture, shape)
        logits = model.input_logits(inputs)
        trained = softmax(logits.reshape(1, -1, logits.shape[-1]) / np.float32(model.temperature))
        exported, _ = reader.probabilities([pixels])
        differences.append(float(np.abs(trained - exported).max()))
    return max(differences)


def keep_family(path: Path, images: Iterable[Pixels]) -> Family | None:
    """Teaches an exported file what its family looks like, from images that the model was trained on and validated
    with; returns what it learnt, and None, with the file as it was, where there are too few of them.

    Looks are those that the file itself computes. A few hundred images, drawn at random, say as much as all of many.
    """
    reader = Reader(path)
    looks = [reader.looks([pixels]) for pixels in images]
    family = learn_family(np.concatenate(looks)) if looks else None
    if family is not None:
        model = onnx.load(path)
        known = {each.key: each.value for each in model.metadata_props}
        onnx.helper.set_model_props(model, known | {FAMILY_KEY: family.to_text()})
        onnx.save(model, path)
    return family
