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

from labeling.imaging.fixed_noise import REACH, RemoveFixed
from labeling.imaging.recipe import Recipe
from labeling.imaging.step import TIE, Step
from labeling.imaging.steps import (
    FLAT,
    LUMA,
    Autocontrast,
    Channel,
    Crop,
    Invert,
    Median,
    Morphology,
    Otsu,
    Resize,
    Threshold,
)
from training.recognition.onnx_graph import GraphWriter

PLANES = ("red", "green", "blue")


@dataclass(frozen=True)
class PreparedPictures:
    """Names of values in the graph: the pictures, and where their columns lie in the raw image, at origin + column *
    scale (both float32, shape (1,))."""

    pictures: str
    origin: str
    scale: str


def prepare(graph: GraphWriter, pixels: str, recipe: Recipe) -> PreparedPictures:
    """`Recipe.prepare` for a batch: uint8 (n, height, width, 4) to pictures."""
    channel, *others = recipe.steps
    assert isinstance(channel, Channel)
    pictures = extract_channel(graph, pixels, channel)
    origin, scale = graph.float32([0]), graph.float32([1])
    for step in others:
        match step:
            case Crop():
                pictures, left = crop(graph, pictures, step)
                removed = graph.call("Cast", left, to=TensorProto.FLOAT)
                origin = graph.call("Add", origin, graph.call("Mul", removed, scale))
            case Resize():
                pictures, across = resize(graph, pictures, step)
                scale = graph.call("Mul", scale, graph.call("Cast", across, to=TensorProto.FLOAT))
            case RemoveFixed():
                pictures = remove_fixed(graph, pictures, step, recipe.channels)
            case _:
                pictures = apply(step, graph, pictures)
    return PreparedPictures(pictures, origin, scale)


def extract_channel(graph: GraphWriter, pixels: str, step: Channel) -> str:
    """`Channel.extract`: uint8 (n, height, width, 4) to pictures of 1 or 3 channels."""
    weights = np.zeros((4, 2 + len(PLANES)), np.float32)
    weights[3, 0] = 1
    weights[:3, 1] = LUMA
    weights[:3, 2:] = np.eye(3)
    wanted = {"colour": [0, 2, 3, 4], "grey": [0, 1], "alpha": [0]}
    columns = wanted[step.channel] if step.channel in wanted else [0, 2 + PLANES.index(step.channel)]
    # One product instead of one pass over the pixels for each plane.
    floats = graph.call("Cast", pixels, to=TensorProto.FLOAT)
    mixed = graph.call("MatMul", floats, graph.float32(weights[:, columns] / 255))
    planes = graph.call("Transpose", mixed, perm=[0, 3, 1, 2])
    one = graph.float32(1)
    if step.channel == "alpha":
        return graph.call("Sub", one, planes)
    alpha, ink = graph.call_many("Split", 2, planes, graph.int64([1, len(columns) - 1]), axis=1)
    on_white = graph.call("Add", graph.call("Mul", ink, alpha), graph.call("Sub", one, alpha))
    return graph.call("Min", on_white, one)


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


def resize(graph: GraphWriter, pictures: str, step: Resize) -> tuple[str, str]:
    """`Resize.apply`, and how many columns before it one column after it spans (float64, shape (1,))."""
    across, down = (
        graph.call(
            "Div",
            graph.call("Cast", side(graph, pictures, axis), to=TensorProto.DOUBLE),
            graph.constant([length], np.float64),
        )
        for axis, length in ((3, step.width), (2, step.height))
    )
    if step.mode == "pad":
        across = down = graph.call("Max", across, down)
    right = graph.call("Mul", across, graph.constant([[[step.width]]], np.float64))
    bottom = graph.call("Mul", down, graph.constant([[[step.height]]], np.float64))
    resized = _sample_from_corner(graph, pictures, right, bottom, step.height, step.width)
    return graph.call("Clip", resized, graph.float32(0), graph.float32(1)), across


def _sample_from_corner(
    graph: GraphWriter, pictures: str, right: str, bottom: str, height: int | str, width: int | str
) -> str:
    """The box from (0, 0) to (right, bottom), float64 (1, 1, 1), of every picture: `sample_box`."""
    zero = graph.constant([[[0]]], np.float64)
    rows = resize_matrices(graph, side(graph, pictures, 2), zero, bottom, height)
    columns = resize_matrices(graph, side(graph, pictures, 3), zero, right, width)
    tall = graph.call("MatMul", rows, pictures)
    return graph.call("MatMul", tall, graph.call("Transpose", columns, perm=[0, 1, 3, 2]))


def remove_fixed(graph: GraphWriter, pictures: str, step: RemoveFixed, channels: int) -> str:
    """`RemoveFixed.apply` for pictures of 1 or 3 channels."""
    pattern = step.read_pattern(1 if step.method == "and" else channels)
    if pattern is None:
        return pictures
    height, width = side(graph, pictures, 2), side(graph, pictures, 3)
    right = graph.constant([[[pattern.shape[1]]]], np.float64)
    bottom = graph.constant([[[pattern.shape[0]]]], np.float64)
    own_size = graph.float32(pattern.transpose(2, 0, 1)[None])
    fitted = _sample_from_corner(graph, own_size, right, bottom, height, width)
    zero, one = graph.float32(0), graph.float32(1)
    if step.method == "mean":
        difference = graph.call("Sub", graph.call("Add", one, pictures), fitted)
        return graph.call("Clip", graph.call("Div", difference, graph.float32(2)), zero, one)
    removed = graph.call("Greater", fitted, graph.float32(0.5 + TIE))
    kept = graph.call("Cast", graph.call("Not", removed), to=TensorProto.FLOAT)

    def sum_around(values: str) -> str:
        side_of_window = 2 * REACH + 1
        mean = graph.call(
            "AveragePool",
            values,
            kernel_shape=[side_of_window] * 2,
            pads=[REACH] * 4,
            count_include_pad=1,
        )
        return graph.call("Mul", mean, graph.float32(side_of_window**2))

    count = sum_around(kept)
    around = sum_around(graph.call("Mul", pictures, kept))
    mean = graph.call("Div", around, graph.call("Max", count, one))
    has_kept = graph.call("Greater", count, graph.float32(0.5))
    filled = graph.call("Where", graph.call("And", removed, has_kept), mean, pictures)
    return graph.call("Clip", filled, zero, one)


@singledispatch
def apply(step: Step, graph: GraphWriter, pictures: str) -> str:
    """A step from pictures to pictures. Raises TypeError for what is not a step of `STEPS`, all of which
    have their form below."""
    raise TypeError(f"{step!r} has no ONNX form.")


@apply.register
def _invert(step: Invert, graph: GraphWriter, pictures: str) -> str:
    return graph.call("Sub", graph.float32(1), pictures)


@apply.register
def _threshold(step: Threshold, graph: GraphWriter, pictures: str) -> str:
    above = graph.call("Greater", pictures, graph.float32(step.value + TIE))
    return graph.call("Cast", above, to=TensorProto.FLOAT)


@apply.register
def _otsu(step: Otsu, graph: GraphWriter, pictures: str) -> str:
    def double(value: str) -> str:
        return graph.call("Cast", value, to=TensorProto.DOUBLE)

    nearest = graph.call(
        "Add", graph.call("Mul", pictures, graph.float32(255)), graph.float32(0.5 + 255 * TIE)
    )
    levels = graph.call("Cast", graph.call("Floor", nearest), to=TensorProto.INT64)
    per_picture = graph.call("Reshape", levels, graph.int64([0, -1]))
    count = graph.call("Concat", side(graph, pictures, 0), graph.int64([256]), axis=0)
    empty = graph.call("Expand", graph.int64(0), count)
    ones = graph.call("Expand", graph.int64(1), graph.call("Shape", per_picture))
    histogram = graph.call("ScatterElements", empty, per_picture, ones, axis=1, reduction="add")
    by_level = graph.call("Mul", histogram, graph.int64(np.arange(256)))
    up_to = double(graph.call("CumSum", histogram, graph.int64(1)))
    sum_up_to = double(graph.call("CumSum", by_level, graph.int64(1)))
    last = graph.int64([255])
    total, sum_total = (graph.call("Gather", each, last, axis=1) for each in (up_to, sum_up_to))
    difference = graph.call("Sub", graph.call("Mul", sum_total, up_to), graph.call("Mul", total, sum_up_to))
    between = graph.call("Mul", difference, difference)
    pairs = graph.call("Mul", up_to, graph.call("Sub", total, up_to))
    some = graph.call("Greater", pairs, graph.constant(0, np.float64))
    divisor = graph.call("Where", some, pairs, graph.constant(1, np.float64))
    # Without pairs the difference is 0 as well.
    threshold = graph.call("ArgMax", graph.call("Div", between, divisor), axis=1, keepdims=1)
    threshold = graph.call("Unsqueeze", threshold, graph.int64([2, 3]))
    return graph.call("Cast", graph.call("Greater", levels, threshold), to=TensorProto.FLOAT)


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


def in_proportion(graph: GraphWriter, boxes: str, height: int, width: int) -> str:
    """Boxes (n, slices, 4) at whole pixels, reaching further to the right where height by width is a wider
    shape than theirs."""
    whole = graph.call("Cast", boxes, to=TensorProto.INT64)
    left, top, right, bottom = graph.call_many("Split", 4, whole, graph.int64([1, 1, 1, 1]), axis=2)
    own_height = graph.call("Sub", bottom, top)
    # The ceiling of own_height * width / height.
    raised = graph.call("Add", graph.call("Mul", own_height, graph.int64(width)), graph.int64(height - 1))
    wanted = graph.call("Add", left, graph.call("Div", raised, graph.int64(height)))
    wide = graph.call("Concat", left, top, graph.call("Max", right, wanted), bottom, axis=2)
    return graph.call("Cast", wide, to=TensorProto.FLOAT)


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


def resize_matrices(graph: GraphWriter, size: str, starts: str, ends: str, n: int | str) -> str:
    """`resize_matrix` for many intervals: starts and ends float32 (m, slices, 1) to float32 (m, slices, n,
    size). Intervals may end beyond `size`; `n` may also name a value of the graph (int64, shape (1,)).

    In double precision inside, as its twin: positions of several hundred pixels would cost float32 its last
    digits.
    """

    def double(value: ArrayLike) -> str:
        return graph.constant(value, np.float64)

    start, end = (
        graph.call("Unsqueeze", graph.call("Cast", each, to=TensorProto.DOUBLE), graph.int64([3]))
        for each in (starts, ends)
    )
    length = graph.int64([n]) if isinstance(n, int) else n
    scale = graph.call(
        "Div", graph.call("Sub", end, start), graph.call("Cast", length, to=TensorProto.DOUBLE)
    )
    outputs = _count_to(graph, graph.call("Squeeze", length, graph.int64([0])))
    middles = graph.call("Unsqueeze", graph.call("Add", outputs, double(0.5)), graph.int64([1]))
    centre = graph.call("Sub", graph.call("Add", start, graph.call("Mul", middles, scale)), double(0.5))
    furthest = graph.call(
        "Cast", graph.call("Ceil", graph.call("ReduceMax", end, keepdims=0)), to=TensorProto.INT64
    )
    count = graph.call("Max", graph.call("Squeeze", size, graph.int64([0])), furthest)
    pixel = _count_to(graph, count)
    distance = graph.call("Abs", graph.call("Sub", pixel, centre))
    reach = graph.call("Max", scale, double(1))
    weight = graph.call("Max", graph.call("Sub", double(1), graph.call("Div", distance, reach)), double(0))
    # Pixel j is touched where j >= floor(start) and j < ceil(end), that is, where j > start - 1 and j < end.
    after_start = graph.call("Greater", pixel, graph.call("Sub", start, double(1)))
    touched = graph.call("And", after_start, graph.call("Less", pixel, end))
    weight = _repeat_last_pixel(graph, graph.call("Where", touched, weight, double(0)), size)
    total = graph.call("ReduceSum", weight, graph.int64([3]), keepdims=1)
    return graph.call("Cast", graph.call("Div", weight, total), to=TensorProto.FLOAT)


def _count_to(graph: GraphWriter, count: str) -> str:
    """0, 1, ... up to an int64 number of values: float64, shape (count,)."""
    numbers = graph.call("Range", graph.int64(0), count, graph.int64(1))
    return graph.call("Cast", numbers, to=TensorProto.DOUBLE)


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


def spans_of_shares(
    graph: GraphWriter, prepared: PreparedPictures, pixels: str, boxes: str, shares: str
) -> str:
    """Spans (n, steps, 2) given as shares of the width of the one box per image (n or 1, 1, 4) that a network saw,
    as shares of the raw image's width, at most 1."""
    left, right = (
        _share_of_image(graph, prepared, pixels, graph.call("Gather", boxes, graph.int64([edge]), axis=2))
        for edge in (0, 2)
    )
    spans = graph.call("Add", left, graph.call("Mul", shares, graph.call("Sub", right, left)))
    return graph.call("Min", spans, graph.float32(1))


def spans_of_boxes(graph: GraphWriter, prepared: PreparedPictures, pixels: str, boxes: str) -> str:
    """Left and right of boxes (n, positions, 4) in the prepared picture, as shares of the raw image's
    width."""
    edges = graph.call("Gather", boxes, graph.int64([0, 2]), axis=2)
    return graph.call("Min", _share_of_image(graph, prepared, pixels, edges), graph.float32(1))


def _share_of_image(graph: GraphWriter, prepared: PreparedPictures, pixels: str, columns: str) -> str:
    """Columns of the prepared picture as shares of the raw image's width."""
    width = graph.call("Cast", side(graph, pixels, 2), to=TensorProto.FLOAT)
    in_image = graph.call("Add", prepared.origin, graph.call("Mul", columns, prepared.scale))
    return graph.call("Div", in_image, width)
