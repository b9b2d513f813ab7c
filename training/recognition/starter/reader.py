"""The starter model as a reader of a task that nobody has trained for: an ONNX file made of its weights, without Keras.

The alphabet is a mask: what the starter makes of other characters takes no part, and both forms of a letter count for
it where case does not matter. The lengths are part of the decoding, as for any reader.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray

from training.recognition.architectures import get_architecture
from training.recognition.architectures.base import Shape
from training.recognition.architectures.columns import DILATIONS, FAINTEST, STRIDE
from training.recognition.onnx_frame import metadata, write_entrance, write_outputs
from training.recognition.onnx_graph import GraphWriter
from training.recognition.reader import PRODUCER, Reader
from training.recognition.starter import (
    ALPHABET,
    CLASSIFIER,
    Weights,
    forms_of_task,
    starter_temperature,
    starter_weights,
    unreadable_words,
)
from training.recognition.task import InvalidTask, ReadingTask

ARCHITECTURE = get_architecture("ctc")

EPSILON = 1e-3
"""What Keras adds to a batch normalisation's variance."""


def starter_reader(task: ReadingTask, threads: int | None = None) -> Reader:
    """The starter as a reader of a task; `threads` as in `Reader`. Raises InvalidTask with a sentence where it knows
    none of the task's characters."""
    return Reader(starter_onnx(task).SerializeToString(), threads)


def starter_onnx(
    task: ReadingTask, weights: Weights | None = None, temperature: float | None = None
) -> onnx.ModelProto:
    """The file of that reader (see `export_reader`); weights and temperature are the starter's where none are given.
    Raises as `starter_reader`."""
    problem = unreadable_words(task.alphabet.characters, case_sensitive=task.case_sensitive)
    if problem:
        raise InvalidTask(problem)
    weights = starter_weights() if weights is None else weights
    temperature = starter_temperature() if temperature is None else temperature
    height, width, _ = ARCHITECTURE.input_shape(task)
    shape = (height, width, 3)
    graph = GraphWriter()
    entrance = write_entrance(graph, task, ARCHITECTURE, shape)
    columns, merging = _symbols(task, weights)
    logits = _write_network(graph, entrance.inputs, shape, weights, columns)
    forms = graph.call("Softmax", graph.call("Div", logits, graph.float32(temperature)), axis=2)
    probabilities = graph.call("MatMul", forms, graph.float32(merging))
    shares = _equal_shares(graph, entrance.pixels, width // STRIDE)
    write_outputs(graph, entrance, probabilities, len(task.alphabet) + 1, shares)
    return graph.model(PRODUCER, metadata(task, ARCHITECTURE))


def _symbols(task: ReadingTask, weights: Weights) -> tuple[list[int], NDArray[np.float32]]:
    """Which of the starter's symbols take part (its blank is the last), and which of the task's symbols each is:
    (their number, characters and blank), 0 or 1."""
    known = [(index, form) for index, form in forms_of_task(task) if form in ALPHABET]
    columns = [ALPHABET.index(form) for _, form in known] + [len(weights[CLASSIFIER][1]) - 1]
    owners = [index for index, _ in known] + [len(task.alphabet)]
    return columns, np.eye(len(task.alphabet) + 1, dtype=np.float32)[owners]


def _write_network(
    graph: GraphWriter, pictures: str, shape: Shape, weights: Weights, symbols: Iterable[int]
) -> str:
    """`columns_of` and the classifier as ONNX operators: pictures (n, height, width, channels) to the logits of some
    symbols, (n, steps, symbols). Batch normalisations are part of the convolutions before them."""

    def convolution(features: str, name: str, **options: object) -> str:
        (kernel,) = weights[name]
        gamma, beta, mean, variance = weights[f"{name}_norm"]
        scale = gamma / np.sqrt(variance + EPSILON)
        if kernel.ndim == 3:
            kernel = kernel[None]
        # (height, width, in, out) to ONNX's (out, in, height, width).
        folded = graph.float32((kernel * scale).transpose(3, 2, 0, 1))
        # As wide and high as before, unless told otherwise.
        padding = {} if "pads" in options else {"auto_pad": "SAME_UPPER"}
        bias = graph.float32(beta - mean * scale)
        convolved = graph.call("Conv", features, folded, bias, **padding, **options)
        return graph.call("Relu", convolved)

    def halved(features: str) -> str:
        return graph.call("MaxPool", features, kernel_shape=[2, 2], strides=[2, 2])

    features = _standardised(graph, graph.call("Transpose", pictures, perm=[0, 3, 1, 2]))
    features = halved(convolution(features, "edges", strides=[2, 2]))
    features = halved(convolution(convolution(features, "strokes_1"), "strokes_2"))
    features = convolution(convolution(features, "shapes_1"), "shapes_2")
    columns = convolution(features, "columns", pads=[0] * 4)
    for dilation in DILATIONS:
        seen = convolution(columns, f"neighbours_{dilation}", dilations=[1, dilation], pads=[0, dilation] * 2)
        columns = graph.call("Add", columns, seen)
    kernel, bias = weights[CLASSIFIER]
    chosen = list(symbols)
    rows = graph.call("Transpose", graph.call("Squeeze", columns, graph.int64([2])), perm=[0, 2, 1])
    return graph.call(
        "Add", graph.call("MatMul", rows, graph.float32(kernel[:, chosen])), graph.float32(bias[chosen])
    )


def _standardised(graph: GraphWriter, pictures: str) -> str:
    """`Standardise`."""

    def mean(values: str) -> str:
        return graph.call("ReduceMean", values, axes=[1, 2, 3], keepdims=1)

    centred = graph.call("Sub", pictures, mean(pictures))
    variance = mean(graph.call("Mul", centred, centred))
    deviation = graph.call("Sqrt", graph.call("Add", variance, graph.float32(FAINTEST**2)))
    return graph.call("Div", centred, deviation)


def _equal_shares(graph: GraphWriter, pixels: str, steps: int) -> str:
    """Shares (n, steps, 2) of the input's width: the left and right edge of each step's column."""
    edges = np.linspace(0, 1, steps + 1, dtype=np.float32)
    parts = graph.float32(np.stack([edges[:-1], edges[1:]], axis=1)[None])
    count = graph.call("Shape", pixels, start=0, end=1)
    return graph.call("Expand", parts, graph.call("Concat", count, graph.int64([1, 1]), axis=0))
