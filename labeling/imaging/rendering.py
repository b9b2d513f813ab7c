"""Showing a prepared picture to people."""

from io import BytesIO

import numpy as np
from PIL import Image

from labeling.imaging.arrays import Picture


def picture_to_png(picture: Picture) -> bytes:
    """A float32 (h, w, 1 or 3) picture in 0..1 as an 8-bit grey or RGB PNG file."""
    levels = np.rint(picture * 255).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(levels[:, :, 0] if levels.shape[2] == 1 else levels)
    file = BytesIO()
    # Previews are made by the dozen and seen once: time counts more than bytes.
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()
