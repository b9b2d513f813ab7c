"""Telling near-duplicates apart from other images: a tiny grey picture as fingerprint.

A thumbnail comparison is the simplest of the perceptual hashes; keeping grey levels instead of bits lets it
tell images of one family apart, which differ little.
"""

import cv2
import numpy as np

from labeling.imaging.arrays import Pixels
from labeling.imaging.steps import Channel

FINGERPRINT_HEIGHT, FINGERPRINT_WIDTH = 8, 16

NEAR = 3
"""Near-duplicates differ by less than this many grey levels of 255, on average."""

_GREY = Channel("grey")


def fingerprint(pixels: Pixels) -> bytes:
    """128 bytes: the image (RGBA uint8 (h, w, 4), laid on white) in grey, area-resized to 8 rows of 16."""
    grey = _GREY.extract(pixels)[:, :, 0]
    small = cv2.resize(grey, (FINGERPRINT_WIDTH, FINGERPRINT_HEIGHT), interpolation=cv2.INTER_AREA)
    return np.rint(small * 255).clip(0, 255).astype(np.uint8).tobytes()


def near_duplicates(a: bytes, b: bytes) -> bool:
    """Whether two fingerprints are of images that hardly differ; meant for images of the same text."""
    levels_a, levels_b = (np.frombuffer(one, np.uint8).astype(np.int16) for one in (a, b))
    return bool(np.abs(levels_a - levels_b).mean() < NEAR)
