"""Pictures drawn from a stored image whenever a page asks: thumbnails and slices. None of them is stored.

What decides the pixels is in the address, so browsers keep what they have seen for ever.
"""

from io import BytesIO
from math import ceil, floor

import numpy as np
from PIL import Image as Pillow

from labeling.imaging.arrays import Pixels
from labeling.imaging.decode import decode_image
from labeling.imaging.rendering import picture_to_png
from labeling.models import Image, Slice
from labeling.models.images import THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH

SLICE_SIZE = 128
"""The largest width and height of a drawn slice, in pixels."""

SHARES = 10_000
"""Edges are written as whole ten-thousandths of the image's width."""


def draw_thumbnail(image: Image) -> bytes:
    """Return a PNG of the image that fits into the size of a thumbnail. Nothing is enlarged.

    Raises:
        OSError: the stored file is missing.
        UnreadableImage: the stored file is no image any more.
    """
    return _png(_stored_pixels(image), THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT)


def draw_part(image: Image, left: int, right: int) -> bytes:
    """Return a PNG of the part of the image between two edges, in ten-thousandths of its width.

    Raises:
        OSError: the stored file is missing.
        UnreadableImage: the stored file is no image any more.
    """
    pixels = _stored_pixels(image)
    width = pixels.shape[1]
    start = min(floor(left * width / SHARES), width - 1)
    end = max(ceil(right * width / SHARES), start + 1)
    return _png(pixels[:, start:end], SLICE_SIZE, SLICE_SIZE)


def draw_slice(piece: Slice) -> bytes:
    """Return a PNG of a slice, cut from its prepared picture.

    Raises:
        OSError: the stored file is missing.
        UnreadableImage: the stored file is no image any more.
    """
    picture = piece.preparation.recipe.prepare(_stored_pixels(piece.image))
    return picture_to_png(picture[piece.top : piece.bottom, piece.left : piece.right])


def _stored_pixels(image: Image) -> Pixels:
    with image.file.open("rb") as file:
        return decode_image(file.read()).pixels


def _png(pixels: Pixels, width: int, height: int) -> bytes:
    picture = Pillow.fromarray(np.ascontiguousarray(pixels))
    picture.thumbnail((width, height))
    file = BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()
