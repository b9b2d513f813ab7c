"""What bending, scaling, printing and compressing do to a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.colours import Picture
from training.recognition.synthesis.style import Style

BLOCK = 16
"""Pixels of the side of the blocks that JPEG keeps colours in."""


def wear(picture: Picture, style: Style, random: Random) -> Picture:
    """The picture as it comes out of its use."""
    height, width, _ = picture.shape
    if random.random() < style.bent and style.ground_picture is None:
        (picture,) = bend([picture], height * random.uniform(*style.bend), random)
    if random.random() < style.coarse:
        share = random.uniform(0.6, 0.9)
        small = (max(int(width * share), 1), max(int(height * share), 1))
        small_picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        how = random.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST))
        picture = np.asarray(cv2.resize(small_picture, (width, height), interpolation=how), np.uint8)
    if random.random() < style.blurred and style.ground_picture is None:
        picture = blur(picture, style, random)
    if random.random() < style.noisy:
        deviation = 255 * random.uniform(*style.noise)
        generator = np.random.default_rng(random.getrandbits(32))
        channels = 1 if random.random() < style.grey_noise else 3
        grains = generator.standard_normal((height, width, channels), np.float32) * np.float32(deviation)
        picture = np.clip(picture + grains, 0, 255).astype(np.uint8)
    if random.random() < style.compressed:
        picture = _compress(picture, random.randint(*style.jpeg), style.ground_picture)
    return picture


def _compress(picture: Picture, quality: int, ground: Picture | None) -> Picture:
    """The picture after JPEG. Of a fixed ground, blocks that nothing was drawn on stay as they are: JPEG makes the same
    of the same block every time, and the ground is as it came out of that."""
    # OpenCV takes blue for the first channel; JPEG treats blue and red differently.
    bgr = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), np.uint8)
    _, packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    again = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    found = np.asarray(cv2.cvtColor(again, cv2.COLOR_BGR2RGB), np.uint8)
    if ground is None:
        return found
    height, width, _ = picture.shape
    drawn_on = (picture != ground).any(axis=2)
    drawn_on = np.pad(drawn_on, ((0, -height % BLOCK), (0, -width % BLOCK)))
    rows, columns = drawn_on.shape[0] // BLOCK, drawn_on.shape[1] // BLOCK
    blocks = drawn_on.reshape(rows, BLOCK, columns, BLOCK).any(axis=(1, 3))
    touched = blocks.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)[:height, :width, None]
    return np.where(touched, found, ground)


def blur(picture: NDArray[np.uint8], style: Style, random: Random) -> NDArray[np.uint8]:
    """A picture or mask, less sharp."""
    deviation = max(picture.shape[0] * random.uniform(*style.blur), 0.05)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation), np.uint8)


def bend(pictures: Sequence[NDArray[np.uint8]], amplitude: float, random: Random) -> list[NDArray[np.uint8]]:
    """Pictures of one size, all bent by the same wave that reaches `amplitude` pixels to either side."""
    height, width = pictures[0].shape[:2]
    length = height * random.uniform(1.5, 5)
    phase, other = random.uniform(0, 2 * math.pi), random.uniform(0, 2 * math.pi)
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    from_y = y[:, None] + (amplitude * np.sin(2 * np.pi * x / length + phase)).astype(np.float32)[None, :]
    from_x = x[None, :] + (amplitude * np.sin(2 * np.pi * y / length + other)).astype(np.float32)[:, None]
    return [
        np.asarray(
            cv2.remap(each, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
        )
        for each in pictures
    ]
