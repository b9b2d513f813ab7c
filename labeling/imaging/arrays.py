"""The two shapes an image has on its way from a file to a model."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A decoded image: (height, width, 4), uint8, RGBA; alpha is 255 where the file had none."""

Picture = NDArray[np.float32]
"""A prepared image: (height, width, 1 or 3), float32, values 0..1."""
