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
DETAILS = CHANNELS * (FREQUENCIES - 1)
"""Frequencies of a patch besides its three means; those of luma come first."""

PATCHES = ROWS * COLUMNS

LOOK = 95
"""How many numbers a look has."""


def write_look(graph: GraphWriter, pixels: str) -> str:
    """The looks of a batch: uint8 (n, height, width, 4) to float32 (n, LOOK).

    In this order: mean luma and colour differences (3); histograms of the patches' luma (7) and detail (5); mean luma
    of each row of patches (8) and each sixth of the width (6); logarithms of the energy of each frequency but the mean
    (45), of the variance of the means (3), of both colour differences (2), of the detail of rows (8) and sixths (6);
    logarithms of height and width (2).

    There are few numbers and many steps, so it is steps that take the time: what is done alike to several values is
    done to all of them at once.
    """
    spectrum = _spectrum(graph, pixels)
    details_and_differences, luma = graph.call_many(
        "Split", 2, spectrum, graph.int64([DETAILS + 2, 1]), axis=1
    )
    means = graph.call(
        "Slice", spectrum, graph.int64([DETAILS]), graph.int64([DETAILS + 3]), graph.int64([1])
    )
    mean = graph.call("ReduceMean", means, axes=[2], keepdims=1)
    # Around the mean: the difference of two means of squares would lose its last digits.
    centred = graph.call("Sub", means, mean)
    both = graph.call("Concat", details_and_differences, centred, axis=1)
    energies = graph.call("Mul", both, both)
    of_luma = np.zeros((1, DETAILS + 5))
    of_luma[0, : FREQUENCIES - 1] = 1
    detail = graph.call("MatMul", graph.float32(of_luma), energies)
    near = _near_levels(graph, luma, detail)
    averages = graph.call("ReduceMean", graph.call("Concat", energies, near, axis=1), axes=[2], keepdims=0)
    profiles = _profiles(graph, graph.call("Concat", luma, detail, axis=1))
    found = graph.call("Concat", graph.call("Reshape", mean, graph.int64([0, 3])), averages, profiles, axis=1)
    plain, logarithmic = (graph.call("Gather", found, graph.int64(which), axis=1) for which in _order())
    return graph.call("Concat", plain, _log(graph, logarithmic), _size(graph, pixels), axis=1)


def _order() -> tuple[list[int], list[int]]:
    """Where the numbers of a look stand among what is found: those that stay as they are, then those whose logarithm is
    taken. Found are the means (both differences, luma), the averages (energies of the details, differences, and of all
    three around their mean; levels), and the profiles (luma, detail)."""
    energies = np.arange(3, 3 + DETAILS + 5)
    levels = np.arange(LUMA_LEVELS + DETAIL_LEVELS) + energies[-1] + 1
    profile = np.arange(ROWS + BANDS) + levels[-1] + 1
    variances, differences = energies[[-1, -3, -2]], energies[DETAILS : DETAILS + 2]
    plain = np.concatenate([[2, 0, 1], levels, profile])
    logarithmic = np.concatenate([energies[:DETAILS], variances, differences, profile + len(profile)])
    return plain.tolist(), logarithmic.tolist()


def _spectrum(graph: GraphWriter, pixels: str) -> str:
    """float32 (n, 3 * FREQUENCIES, PATCHES): of each patch, drawn on white, all frequencies but the means by channel,
    then the means of both colour differences and of luma."""
    for axis, count in ((1, ROWS), (2, COLUMNS)):
        pixels = graph.call("Gather", pixels, _places(graph, side(graph, pixels, axis), count), axis=axis)
    # Plane by plane: a factor for each pixel's three values would be looked up one by one.
    planes = graph.call("Cast", graph.call("Transpose", pixels, perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)
    ink, alpha = graph.call_many("Split", 2, planes, graph.int64([CHANNELS, 1]), axis=1)
    missing = graph.call("Mul", graph.call("Sub", graph.float32(255), ink), alpha)
    # By how much a patch lies below white, of which nothing but the mean luma is not 0.
    waves = _transform()[:, [*range(CHANNELS, CHANNELS * FREQUENCIES), 1, 2, 0]].T / -(255**2)
    kernels = graph.float32(waves.reshape(-1, CHANNELS, SIDE, SIDE))
    white = np.zeros(CHANNELS * FREQUENCIES)
    white[-1] = 1
    spectrum = graph.call("Conv", missing, kernels, graph.float32(white), strides=[SIDE, SIDE])
    return graph.call("Reshape", spectrum, graph.int64([0, CHANNELS * FREQUENCIES, PATCHES]))


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


def _near_levels(graph: GraphWriter, luma: str, detail: str) -> str:
    """How near each patch is to each level of luma and of the logarithm of detail, (n, levels, PATCHES): the two levels
    that it lies between share it."""
    both = graph.call("Concat", luma, _log(graph, detail), axis=1)
    lowest, step = np.log(FAINTEST), -np.log(FAINTEST) / (DETAIL_LEVELS - 1)
    scale = np.zeros((LUMA_LEVELS + DETAIL_LEVELS, 2, 1))
    scale[:LUMA_LEVELS, 0], scale[LUMA_LEVELS:, 1] = LUMA_LEVELS - 1, 1 / step
    origin = np.hstack([-np.arange(LUMA_LEVELS), -lowest / step - np.arange(DETAIL_LEVELS)])
    distance = graph.call("Conv", both, graph.float32(scale), graph.float32(origin))
    # 1 - distance, 0 at least.
    return graph.call("HardSigmoid", graph.call("Abs", distance), alpha=-1.0, beta=1.0)


def _profiles(graph: GraphWriter, values: str) -> str:
    """Means of (n, 2, PATCHES) over each row and each of the BANDS: (n, 2 * (ROWS + BANDS))."""
    row, column = np.divmod(np.arange(PATCHES), COLUMNS)
    of_rows = np.equal.outer(row, np.arange(ROWS)) / COLUMNS
    of_bands = np.equal.outer(column * BANDS // COLUMNS, np.arange(BANDS)) * BANDS / PATCHES
    profiles = graph.call("MatMul", values, graph.float32(np.hstack([of_rows, of_bands])))
    return graph.call("Reshape", profiles, graph.int64([0, 2 * (ROWS + BANDS)]))


def _size(graph: GraphWriter, pixels: str) -> str:
    """Logarithms of height and width, the same for each of a batch: float32 (n, 2)."""
    size = graph.call("Concat", side(graph, pixels, 1), side(graph, pixels, 2), axis=0)
    logarithms = graph.call("Log", graph.call("Cast", size, to=TensorProto.FLOAT))
    wanted = graph.call("Concat", side(graph, pixels, 0), graph.int64([2]), axis=0)
    return graph.call("Expand", logarithms, wanted)


def _log(graph: GraphWriter, values: str) -> str:
    return graph.call("Log", graph.call("Add", values, graph.float32(FAINTEST)))
