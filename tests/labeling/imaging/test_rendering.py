"""Showing pictures."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from labeling.imaging.rendering import picture_to_png


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_a_picture_becomes_a_png_of_the_same_grey_levels(channels: int, mode: str) -> None:
    levels = np.random.default_rng(1).integers(0, 256, (9, 14, channels))
    image = Image.open(BytesIO(picture_to_png((levels / 255).astype(np.float32))))
    assert image.format == "PNG"
    assert image.mode == mode
    assert np.array_equal(np.asarray(image).reshape(levels.shape), levels)
