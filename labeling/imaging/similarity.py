"""Telling near-duplicates apart from other images: a tiny grey picture as fingerprint.

A thumbnail comparison is the simplest of the perceptual hashes; keeping grey levels instead of bits lets it
tell images of one family apart, which differ little.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

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


def near_any(fingerprints: Sequence[bytes], others: Sequence[bytes]) -> NDArray[np.bool_]:
    """Which of the fingerprints are near-duplicates of any of the others: bool (n,). Here the texts may be unknown."""
    if not fingerprints or not others:
        return np.zeros(len(fingerprints), np.bool_)
    levels = [
        np.frombuffer(b"".join(each), np.uint8).reshape(len(each), -1).astype(np.float32)
        for each in (fingerprints, others)
    ]
    nearest = cv2.BFMatcher(cv2.NORM_L1).match(*levels)
    return np.array([each.distance < NEAR * levels[0].shape[1] for each in nearest])


def near_duplicate_groups(fingerprints: Sequence[bytes]) -> list[list[int]]:
    """The indices of images, meant to be of the same text, in groups that keep near-duplicates together.

    Where one image is a near-duplicate of two others, all three are in one group, whether or not those two
    resemble each other; so the groups do not depend on the order of the images.
    """
    if not fingerprints:
        return []
    levels = np.frombuffer(b"".join(fingerprints), np.uint8).astype(np.int16).reshape(len(fingerprints), -1)
    group = np.arange(len(levels))
    for index in range(1, len(levels)):
        near = np.abs(levels[:index] - levels[index]).mean(axis=1) < NEAR
        joined = np.unique(group[:index][near])
        if len(joined):
            group[index] = joined[0]
            group[:index][np.isin(group[:index], joined)] = joined[0]
    return [[int(index) for index in np.flatnonzero(group == each)] for each in np.unique(group)]
