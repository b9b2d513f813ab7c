"""Resizing a box of a picture to a fixed size, as two matrix products.

The filter is a triangle that widens when shrinking, so it neither aliases nor depends on a library's
rounding: the exported model computes the very same weights in its graph. (The triangle filter with
antialiasing is the "linear" resampling of Pillow, TensorFlow and JAX.)
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from labeling.imaging.arrays import Picture

BoxLike = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels of the picture; right and bottom are exclusive."""


@lru_cache(maxsize=256)
def resize_matrix(size: int, a: float, b: float, n: int) -> NDArray[np.float32]:
    """The (n, size) float32 matrix that resizes the interval [a, b) of `size` pixels to `n` pixels.

    For output i: s = (b - a) / n, centre = a + (i + 0.5) * s - 0.5, weight(j) = max(0, 1 - |j - centre| /
    max(s, 1)) for the pixels j that [a, b) touches, 0 elsewhere; each row is then divided by its sum. Where b
    exceeds `size`, the last pixel is repeated: it also gets the weights of all pixels beyond it. Weights are
    computed in float64 and rounded once. The matrix is shared between callers and read-only.

    Raises ValueError unless 0 <= a < b, a < size and n >= 1.
    """
    if not (0 <= a < b and a < size and n >= 1):
        raise ValueError(f"Cannot resize [{a}, {b}) of {size} pixels to {n} pixels.")
    scale = (b - a) / n
    centre = a + (np.arange(n, dtype=np.float64)[:, None] + 0.5) * scale - 0.5
    pixel = np.arange(max(size, math.ceil(b)), dtype=np.float64)[None, :]
    weight = np.maximum(0, 1 - np.abs(pixel - centre) / max(scale, 1))
    weight *= (pixel >= math.floor(a)) & (pixel < math.ceil(b))
    weight = np.hstack((weight[:, : size - 1], weight[:, size - 1 :].sum(axis=1, keepdims=True)))
    weight /= weight.sum(axis=1, keepdims=True)
    matrix = weight.astype(np.float32)
    matrix.setflags(write=False)
    return matrix


def sample_box(picture: Picture, box: BoxLike, height: int, width: int) -> Picture:
    """The box of a float32 (h, w, c) picture, resized to float32 (height, width, c).

    `box` is (left, top, right, bottom); its left top corner lies inside the picture. Where its right or
    bottom edge lies beyond the picture, the picture is continued by its last column or row. Raises ValueError
    if the box is empty or begins outside.
    """
    left, top, right, bottom = (float(edge) for edge in box)
    if not (0 <= left < min(right, picture.shape[1]) and 0 <= top < min(bottom, picture.shape[0])):
        raise ValueError(
            f"The box {tuple(box)} is empty or begins outside a picture of "
            f"{picture.shape[1]}x{picture.shape[0]}."
        )
    first_column, first_row = math.floor(left), math.floor(top)
    part = picture[first_row : math.ceil(bottom), first_column : math.ceil(right)]
    # Matrices over the box alone are the same wherever a box of that size lies, so the cache serves them.
    rows = resize_matrix(part.shape[0], top - first_row, bottom - first_row, height)
    columns = resize_matrix(part.shape[1], left - first_column, right - first_column, width)
    channels = picture.shape[2]
    tall = (rows @ part.reshape(part.shape[0], -1)).reshape(height, part.shape[1], channels)
    return np.ascontiguousarray(np.matmul(columns, tall))
