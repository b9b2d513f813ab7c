"""The preprocessing steps and the resizing of `labeling.imaging`, written as ONNX operators.

Each function mirrors its NumPy twin value for value (to 1e-5), so that an exported model takes raw pixels and
no second implementation of the preprocessing runs anywhere. Pictures are float32 (n, channels, height, width)
here.
"""

from dataclasses import dataclass
from functools import singledispatch

import numpy as np
from numpy.typing import ArrayLike
from onnx import TensorProto

from labeling.imaging.recipe import Recipe
from labeling.imaging.steps import (
    FLAT,
    LUMA,
    TIE,
    Autocontrast,
    Channel,
    Crop,
    Invert,
    Median,
    Morphology,
    Step,
    Threshold,
)
from training.recognition.onnx_graph import GraphWriter

PLANES = ("red", "green", "blue")


@dataclass(frozen=True)
class PreparedPictures:
    """Names of values in the graph: the pictures and how many pixels were cropped at their left (int64, shape
    (1,))."""

    pictures: str
    cropped_left: str


def prepare(graph: GraphWriter, pixels: str, recipe: Recipe) -> PreparedPictures:
    """`Recipe.prepare` for a batch: uint8 (n, height, width, 4) to pictures."""
    channel, *others = recipe.steps
    assert isinstance(channel, Channel)
    pictures = extract_channel(graph, pixels, channel)
    cropped_left = graph.int64([0])
    for step in others:
        if isinstance(step, Crop):
            pictures, left = crop(graph, pictures, step)
            cropped_left = graph.call("Add", cropped_left, left)
        else:
            pictures = apply(step, graph, pictures)
    return PreparedPictures(pictures, cropped_left)


def extract_channel(graph: GraphWriter, pixels: str, step: Channel) -> str:
    """`Channel.extract`: uint8 (n, height, width, 4) to pictures of 1 or 3 channels."""
    floats = graph.call("Div", graph.call("Cast", pixels, to=TensorProto.FLOAT), graph.float32(255))
    planes = graph.call("Transpose", floats, perm=[0, 3, 1, 2])
    red, green, blue, alpha = graph.call_many("Split", 4, planes, graph.int64([1, 1, 1, 1]), axis=1)
    transparency = graph.call("Sub", graph.float32(1), alpha)
    if step.channel == "alpha":
        return transparency
    on_white = [
        graph.call("Add", graph.call("Mul", colour, alpha), transparency) for colour in (red, green, blue)
    ]
    if step.channel == "colour":
        return graph.call("Concat", *on_white, axis=1)
    if step.channel == "grey":
        weighted = [
            graph.call("Mul", graph.float32(weight), colour)
            for weight, colour in zip(LUMA, on_white, strict=True)
        ]
        grey = graph.call("Add", graph.call("Add", weighted[0], weighted[1]), weighted[2])
        return graph.call("Min", grey, graph.float32(1))
    return on_white[PLANES.index(step.channel)]


def side(graph: GraphWriter, pictures: str, axis: int) -> str:
    """The length of an axis: int64, shape (1,)."""
    return graph.call("Shape", pictures, start=axis, end=axis + 1)


def crop(graph: GraphWriter, pictures: str, step: Crop) -> tuple[str, str]:
    """`Crop.apply`, and how many pixels it removed at the left (int64, shape (1,))."""
    one = graph.int64([1])

    def bounds(axis: int, before: int, after: int) -> tuple[str, str]:
        size = side(graph, pictures, axis)
        start = graph.call("Min", graph.int64([before]), graph.call("Sub", size, one))
        end = graph.call("Max", graph.call("Sub", size, graph.int64([after])), graph.call("Add", start, one))
        return start, end

    top, bottom = bounds(2, step.top, step.bottom)
    left, right = bounds(3, step.left, step.right)
    starts = graph.call("Concat", top, left, axis=0)
    ends = graph.call("Concat", bottom, right, axis=0)
    return graph.call("Slice", pictures, starts, ends, graph.int64([2, 3])), left


@singledispatch
def apply(step: Step, graph: GraphWriter, pictures: str) -> str:
    """A step from pictures to pictures. Raises NotImplementedError for one without an ONNX form."""
    raise NotImplementedError(f"The step {step.name!r} has no ONNX form yet.")


@apply.register
def _invert(step: Invert, graph: GraphWriter, pictures: str) -> str:
    return graph.call("Sub", graph.float32(1), pictures)


@apply.register
def _threshold(step: Threshold, graph: GraphWriter, pictures: str) -> str:
    above = graph.call("Greater", pictures, graph.float32(step.value + TIE))
    return graph.call("Cast", above, to=TensorProto.FLOAT)


@apply.register
def _autocontrast(step: Autocontrast, graph: GraphWriter, pictures: str) -> str:
    low = graph.call("ReduceMin", pictures, axes=[1, 2, 3], keepdims=1)
    high = graph.call("ReduceMax", pictures, axes=[1, 2, 3], keepdims=1)
    span = graph.call("Sub", high, low)
    flat = graph.call("Less", span, graph.float32(FLAT))
    divisor = graph.call("Where", flat, graph.float32(1), span)
    stretched = graph.call("Div", graph.call("Sub", pictures, low), divisor)
    return graph.call("Where", flat, pictures, stretched)


@apply.register
def _median(step: Median, graph: GraphWriter, pictures: str) -> str:
    reach = step.size // 2
    padded = graph.call("Pad", pictures, graph.int64([0, 0, reach, reach] * 2), mode="edge")
    height, width = side(graph, pictures, 2), side(graph, pictures, 3)
    neighbours = []
    for row in range(step.size):
        for column in range(step.size):
            start = graph.int64([row, column])
            end = graph.call("Add", start, graph.call("Concat", height, width, axis=0))
            shifted = graph.call("Slice", padded, start, end, graph.int64([2, 3]))
            neighbours.append(graph.call("Unsqueeze", shifted, graph.int64([4])))
    together = graph.call("Concat", *neighbours, axis=4)
    middle = step.size**2 // 2
    smallest, _ = graph.call_many("TopK", 2, together, graph.int64([middle + 1]), axis=4, largest=0, sorted=1)
    return graph.call("Gather", smallest, graph.int64(middle), axis=4)


@apply.register
def _morphology(step: Morphology, graph: GraphWriter, pictures: str) -> str:
    reach = step.size // 2
    element = {"kernel_shape": [step.size] * 2, "pads": [reach] * 4}
    for operation in step.operations:
        if operation == "dilate":
            pictures = graph.call("MaxPool", pictures, **element)
        else:
            pictures = graph.call("Neg", graph.call("MaxPool", graph.call("Neg", pictures), **element))
    return pictures


def whole_picture(graph: GraphWriter, pictures: str) -> str:
    """One box over the whole of every picture: float32 (1, 1, 4)."""
    size = graph.call("Concat", side(graph, pictures, 3), side(graph, pictures, 2), axis=0)
    corner = graph.call("Cast", size, to=TensorProto.FLOAT)
    box = graph.call("Concat", graph.float32([0, 0]), corner, axis=0)
    return graph.call("Reshape", box, graph.int64([1, 1, 4]))


def sample_boxes(graph: GraphWriter, pictures: str, boxes: str, height: int, width: int) -> str:
    """`sample_box` for all boxes float32 (n or 1, slices, 4): float32 (n, slices, channels, height,
    width)."""
    left, top, right, bottom = graph.call_many("Split", 4, boxes, graph.int64([1, 1, 1, 1]), axis=2)
    rows = resize_matrices(graph, side(graph, pictures, 2), top, bottom, height)
    columns = resize_matrices(graph, side(graph, pictures, 3), left, right, width)
    one_slice = graph.call("Unsqueeze", pictures, graph.int64([1]))
    tall = graph.call("MatMul", graph.call("Unsqueeze", rows, graph.int64([2])), one_slice)
    across = graph.call("Transpose", graph.call("Unsqueeze", columns, graph.int64([2])), perm=[0, 1, 2, 4, 3])
    return graph.call("MatMul", tall, across)


def resize_matrices(graph: GraphWriter, size: str, starts: str, ends: str, n: int) -> str:
    """`resize_matrix` for many intervals: starts and ends float32 (m, slices, 1) to float32 (m, slices, n,
    size). Intervals may end beyond `size`.

    In double precision inside, as its twin: positions of several hundred pixels would cost float32 its last
    digits.
    """

    def double(value: ArrayLike) -> str:
        return graph.constant(value, np.float64)

    start, end = (
        graph.call("Unsqueeze", graph.call("Cast", each, to=TensorProto.DOUBLE), graph.int64([3]))
        for each in (starts, ends)
    )
    scale = graph.call("Div", graph.call("Sub", end, start), double(n))
    middles = double(np.arange(n)[:, None] + 0.5)
    centre = graph.call("Sub", graph.call("Add", start, graph.call("Mul", middles, scale)), double(0.5))
    furthest = graph.call(
        "Cast", graph.call("Ceil", graph.call("ReduceMax", end, keepdims=0)), to=TensorProto.INT64
    )
    count = graph.call("Max", graph.call("Squeeze", size, graph.int64([0])), furthest)
    whole = graph.call("Range", graph.int64(0), count, graph.int64(1))
    pixel = graph.call("Cast", whole, to=TensorProto.DOUBLE)
    distance = graph.call("Abs", graph.call("Sub", pixel, centre))
    reach = graph.call("Max", scale, double(1))
    weight = graph.call("Max", graph.call("Sub", double(1), graph.call("Div", distance, reach)), double(0))
    # Pixel j is touched where j >= floor(start) and j < ceil(end), that is, where j > start - 1 and j < end.
    after_start = graph.call("Greater", pixel, graph.call("Sub", start, double(1)))
    touched = graph.call("And", after_start, graph.call("Less", pixel, end))
    weight = _repeat_last_pixel(graph, graph.call("Where", touched, weight, double(0)), size)
    total = graph.call("ReduceSum", weight, graph.int64([3]), keepdims=1)
    return graph.call("Cast", graph.call("Div", weight, total), to=TensorProto.FLOAT)


def _repeat_last_pixel(graph: GraphWriter, weight: str, size: str) -> str:
    """Weights of `size` pixels and any beyond them (m, slices, n, more): the last pixel gets those beyond."""
    before_last = graph.call("Sub", size, graph.int64([1]))
    axis, end = graph.int64([3]), graph.int64([np.iinfo(np.int64).max])
    first = graph.call("Slice", weight, graph.int64([0]), before_last, axis)
    others = graph.call("Slice", weight, before_last, end, axis)
    return graph.call("Concat", first, graph.call("ReduceSum", others, axis, keepdims=1), axis=3)


def to_network_input(graph: GraphWriter, sampled: str, shape: tuple[int, int, int], channels: int) -> str:
    """(n, slices, channels, height, width) to one input per slice, (n * slices, height, width, shape's
    channels): `fit_channels`."""
    if shape[2] == 1 and channels == 3:
        weights = graph.float32(np.reshape(LUMA, (1, 1, 3, 1, 1)))
        sampled = graph.call("ReduceSum", graph.call("Mul", sampled, weights), graph.int64([2]), keepdims=1)
    elif shape[2] != channels:
        sampled = graph.call("Concat", *[sampled] * shape[2], axis=2)
    flat = graph.call("Reshape", sampled, graph.int64([-1, shape[2], shape[0], shape[1]]))
    return graph.call("Transpose", flat, perm=[0, 2, 3, 1])


def spans_of_shares(graph: GraphWriter, prepared: PreparedPictures, pixels: str, shares: str) -> str:
    """Spans (n, positions, 2) given as shares of the prepared picture's width, as shares of the raw image's
    width."""
    width = graph.call("Cast", side(graph, prepared.pictures, 3), to=TensorProto.FLOAT)
    return _share_of_image(graph, prepared, pixels, graph.call("Mul", shares, width))


def spans_of_boxes(graph: GraphWriter, prepared: PreparedPictures, pixels: str, boxes: str) -> str:
    """Left and right of boxes (n, positions, 4) in the prepared picture, as shares of the raw image's
    width."""
    edges = graph.call("Gather", boxes, graph.int64([0, 2]), axis=2)
    return _share_of_image(graph, prepared, pixels, edges)


def _share_of_image(graph: GraphWriter, prepared: PreparedPictures, pixels: str, columns: str) -> str:
    cropped = graph.call("Cast", prepared.cropped_left, to=TensorProto.FLOAT)
    width = graph.call("Cast", side(graph, pixels, 2), to=TensorProto.FLOAT)
    return graph.call("Div", graph.call("Add", columns, cropped), width)
