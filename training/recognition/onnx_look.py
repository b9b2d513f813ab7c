"""What a picture looks like, apart from what it says, in 95 numbers: computed inside of an exported model.

Families of images differ in size, colours, ground, noise and compression. A few small patches tell all of that at a
price that does not grow with the image: 8 x 24 of them, 4 x 4 neighbouring pixels each, spread evenly, as luma and two
colour differences, each turned into the 16 frequencies of a discrete cosine transform (as JPEG's, of half its size).
"""

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from labeling.imaging.steps import LUMA
from training.recognition.onnx_graph import GraphWriter
from training.recognition.onnx_preprocessing import side

ROWS, COLUMNS, SIDE = 8, 24, 4
"""Patches down, patches across, and pixels along the side of each."""

BANDS = 6
"""Parts that the width is divided into."""

FAINTEST = 1e-5
"""Added to energies before their logarithm is taken: no pixel of 8 bits shows less."""

LUMA_LEVELS, DETAIL_LEVELS = 7, 5
"""Steps of the histograms of luma, and of the logarithm of detail."""

CHANNELS = 3
FREQUENCIES = SIDE * SIDE

LOOK = 95
"""How many numbers a look has."""


def write_look(graph: GraphWriter, pixels: str) -> str:
    """The looks of a batch: uint8 (n, height, width, 4) to float32 (n, LOOK).

    In this order: mean luma and colour differences (3); histograms of the patches' luma (7) and detail (5); mean luma
    of each row of patches (8) and each sixth of the width (6); logarithms of the energy of each frequency but the mean
    (45), of the variance of the means (3), of both colour differences (2), of the detail of rows (8) and sixths (6);
    logarithms of height and width (2).
    """
    darkness = graph.call("MatMul", _patches(graph, pixels), graph.float32(_transform() / -(255**2)))
    # What is missing to white, of which nothing but the mean luma is not 0.
    white = np.zeros(CHANNELS * FREQUENCIES)
    white[0] = 1
    spectrum = graph.call("Add", darkness, graph.float32(white))
    parts = graph.int64([CHANNELS, CHANNELS * (FREQUENCIES - 1)])
    means, details = graph.call_many("Split", 2, spectrum, parts, axis=3)
    energies = graph.call("Mul", details, details)
    of_luma = np.repeat([1, 0, 0], FREQUENCIES - 1)[:, None]
    detail = graph.call("MatMul", energies, graph.float32(of_luma))
    luma = graph.call("Slice", means, graph.int64([0]), graph.int64([1]), graph.int64([3]))
    mean = _mean(graph, means)
    centred = graph.call("Sub", means, graph.call("Unsqueeze", mean, graph.int64([1, 2])))
    # Around the mean: the difference of two means of squares would lose its last digits.
    variance = _mean(graph, graph.call("Mul", centred, centred))
    differences = graph.call("Slice", means, graph.int64([1]), graph.int64([3]), graph.int64([3]))
    colourful = _mean(graph, graph.call("Mul", differences, differences))
    luma_profile, detail_profile = _profile(graph, luma), _profile(graph, detail)
    powers = graph.call("Concat", _mean(graph, energies), variance, colourful, detail_profile, axis=1)
    shape = graph.call("Concat", _histograms(graph, luma, detail), luma_profile, axis=1)
    return graph.call("Concat", mean, shape, _log(graph, powers), _size(graph, pixels), axis=1)


def _patches(graph: GraphWriter, pixels: str) -> str:
    """float32 (n, ROWS, COLUMNS, 3 * FREQUENCIES): by how much red, green and blue of each patch's pixels, drawn on
    white, lie below it, 0..255²."""
    for axis, count in ((1, ROWS), (2, COLUMNS)):
        pixels = graph.call("Gather", pixels, _places(graph, side(graph, pixels, axis), count), axis=axis)
    # Plane by plane: a factor for each pixel's three values would be looked up one by one.
    planes = graph.call("Transpose", graph.call("Cast", pixels, to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    ink, alpha = graph.call_many("Split", 2, planes, graph.int64([CHANNELS, 1]), axis=1)
    missing = graph.call("Mul", graph.call("Sub", graph.float32(255), ink), alpha)
    cut = graph.call("Reshape", missing, graph.int64([0, CHANNELS, ROWS, SIDE, COLUMNS, SIDE]))
    patches = graph.call("Transpose", cut, perm=[0, 2, 4, 1, 3, 5])
    return graph.call("Reshape", patches, graph.int64([0, ROWS, COLUMNS, CHANNELS * FREQUENCIES]))


def _places(graph: GraphWriter, length: str, count: int) -> str:
    """Which of `length` pixels (int64, shape (1,)) the patches along an axis consist of: int64 (count * SIDE,). Where
    there are fewer than SIDE pixels, the last one is repeated."""
    room = graph.call("Max", graph.call("Sub", length, graph.int64([SIDE])), graph.int64([0]))
    # (2 i + 1) room / 2 count, in whole numbers.
    odd = graph.call("Mul", room, graph.int64(np.arange(count) * 2 + 1))
    starts = graph.call("Div", odd, graph.int64([2 * count]))
    starts = graph.call("Unsqueeze", starts, graph.int64([1]))
    places = graph.call("Reshape", graph.call("Add", starts, graph.int64(np.arange(SIDE))), graph.int64([-1]))
    return graph.call("Min", places, graph.call("Sub", length, graph.int64([1])))


def _transform() -> NDArray[np.float64]:
    """From a patch's pixels (channel, row, column) to its three means, then the other frequencies by channel."""
    index = np.arange(SIDE)
    waves = np.cos(np.pi * (index[None] + 0.5) * index[:, None] / SIDE) * np.sqrt(2 / SIDE)
    waves[0] /= np.sqrt(2)
    luma = np.array(LUMA)
    differences = np.stack([luma, np.eye(3)[0] - luma, np.eye(3)[2] - luma])
    # Divided by SIDE, so that the first frequency is the mean.
    whole = np.einsum("kc,ay,bx->cyxkab", differences, waves, waves) / SIDE
    by_channel = whole.reshape(CHANNELS * FREQUENCIES, CHANNELS, FREQUENCIES)
    others = by_channel[:, :, 1:].reshape(len(by_channel), -1)
    return np.hstack([by_channel[:, :, 0], others])


def _histograms(graph: GraphWriter, luma: str, detail: str) -> str:
    """Shares of the patches near each level of luma and of the logarithm of detail, (n, levels): each patch is shared
    by the two levels that it lies between."""
    both = graph.call("Concat", luma, _log(graph, detail), axis=3)
    levels = np.arange(LUMA_LEVELS), np.arange(DETAIL_LEVELS)
    lowest, step = np.log(FAINTEST), -np.log(FAINTEST) / (DETAIL_LEVELS - 1)
    scale = np.zeros((2, LUMA_LEVELS + DETAIL_LEVELS))
    scale[0, :LUMA_LEVELS], scale[1, LUMA_LEVELS:] = LUMA_LEVELS - 1, 1 / step
    origin = np.hstack([-levels[0], -lowest / step - levels[1]])
    distance = graph.call("Add", graph.call("MatMul", both, graph.float32(scale)), graph.float32(origin))
    near = graph.call("Relu", graph.call("Sub", graph.float32(1), graph.call("Abs", distance)))
    return _mean(graph, near)


def _profile(graph: GraphWriter, values: str) -> str:
    """Means of (n, ROWS, COLUMNS, 1) over each row and each of the BANDS: (n, ROWS + BANDS)."""
    row, column = np.divmod(np.arange(ROWS * COLUMNS), COLUMNS)
    of_rows = np.equal.outer(row, np.arange(ROWS)) / COLUMNS
    of_bands = np.equal.outer(column * BANDS // COLUMNS, np.arange(BANDS)) * BANDS / (ROWS * COLUMNS)
    flat = graph.call("Reshape", values, graph.int64([0, ROWS * COLUMNS]))
    return graph.call("MatMul", flat, graph.float32(np.hstack([of_rows, of_bands])))


def _size(graph: GraphWriter, pixels: str) -> str:
    """Logarithms of height and width, the same for each of a batch: float32 (n, 2)."""
    size = graph.call("Concat", side(graph, pixels, 1), side(graph, pixels, 2), axis=0)
    logarithms = graph.call("Log", graph.call("Cast", size, to=TensorProto.FLOAT))
    wanted = graph.call("Concat", side(graph, pixels, 0), graph.int64([2]), axis=0)
    return graph.call("Expand", logarithms, wanted)


def _mean(graph: GraphWriter, values: str) -> str:
    """Over the patches: (n, ROWS, COLUMNS, m) to (n, m)."""
    return graph.call("ReduceMean", values, axes=[1, 2], keepdims=0)


def _log(graph: GraphWriter, values: str) -> str:
    return graph.call("Log", graph.call("Add", values, graph.float32(FAINTEST)))
