"""What every file that a `Reader` opens has around its network: from raw pixels to what the network sees, and from its
probabilities to the file's outputs."""

import json
from dataclasses import dataclass

from onnx import TensorProto

from training.recognition import onnx_preprocessing
from training.recognition.architectures.base import Architecture, Shape
from training.recognition.data import takes_boxes
from training.recognition.onnx_graph import GraphWriter
from training.recognition.onnx_look import LOOK, write_look
from training.recognition.onnx_preprocessing import PreparedPictures
from training.recognition.reader import DECODER_KEY, TASK_KEY
from training.recognition.task import ReadingTask


@dataclass(frozen=True)
class Entrance:
    """Names of values in the graph: the raw pixels, the prepared pictures, where in them the network looks, and what
    it sees there, float32 (m, height, width, channels)."""

    pixels: str
    prepared: PreparedPictures
    boxes: str
    inputs: str


def write_entrance(
    graph: GraphWriter, task: ReadingTask, architecture: Architecture, shape: Shape
) -> Entrance:
    """Declares the file's inputs, prepares the pictures and samples what a network of that input shape (height, width,
    channels) sees; see `export_reader`."""
    height, width, _ = shape
    pixels = graph.input("pixels", TensorProto.UINT8, ["images", "height", "width", 4])
    prepared = onnx_preprocessing.prepare(graph, pixels, task.recipe)
    if takes_boxes(task, architecture):
        slices = task.positions if architecture.needs_slices else 1
        boxes = graph.input("boxes", TensorProto.FLOAT, ["images", slices, 4])
    else:
        boxes = onnx_preprocessing.whole_picture(graph, prepared.pictures)
    if architecture.keeps_proportions:
        boxes = onnx_preprocessing.in_proportion(graph, boxes, height, width)
    sampled = onnx_preprocessing.sample_boxes(graph, prepared.pictures, boxes, height, width)
    inputs = onnx_preprocessing.to_network_input(graph, sampled, shape, task.recipe.channels)
    return Entrance(pixels, prepared, boxes, inputs)


def write_outputs(
    graph: GraphWriter, entrance: Entrance, probabilities: str, symbols: int, shares: str | None
) -> None:
    """Declares the file's outputs: probabilities (n, steps, symbols), the look, and the spans, told by `shares` (n,
    steps, 2) of the network's input or, where it has none, by the boxes that it saw."""
    graph.output("probabilities", probabilities, TensorProto.FLOAT, ["images", "steps", symbols])
    if shares is None:
        spans = onnx_preprocessing.spans_of_boxes(graph, entrance.prepared, entrance.pixels, entrance.boxes)
    else:
        spans = onnx_preprocessing.spans_of_shares(
            graph, entrance.prepared, entrance.pixels, entrance.boxes, shares
        )
    graph.output("spans", spans, TensorProto.FLOAT, ["images", "steps", 2])
    graph.output("look", write_look(graph, entrance.pixels), TensorProto.FLOAT, ["images", LOOK])


def metadata(task: ReadingTask, architecture: Architecture) -> dict[str, str]:
    """What a `Reader` has to know beside the graph."""
    return {
        TASK_KEY: json.dumps(task.to_json()),
        DECODER_KEY: architecture.decoder,
        "architecture": architecture.name,
    }
