"""Removing what all images of a family share: fixed lines, bands, a gradient.

Many images together give such marks away: the characters change from image to image, the marks do not. Two ways
to find them are the mean of many images, and the bitwise AND of their ink, which https://github.com/rickyhan/SimGAN-Captcha
uses. What was found travels inside the recipe as a small PNG, so a recipe needs nothing beside itself.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from labeling.imaging import opencv as cv2
from labeling.imaging.arrays import Picture
from labeling.imaging.parameters import MAX_PNG_CHARACTERS, choice, image_count, read_png, small_png
from labeling.imaging.sampling import sample_box
from labeling.imaging.slicing import Mask, find_ink
from labeling.imaging.step import TIE, PictureStep

REACH = 2
"""Marks that are narrower than 2 * REACH + 1 pixels count as lines; a removed pixel is filled from this far."""

SHARED = 0.95
"""A pixel that holds ink in this share of all images belongs to a fixed line. Not in all: one noisy image would
erase it."""

MIN_IMAGES = 20
"""From fewer images, characters that happen to repeat could pass for fixed marks."""


class NothingFixed(ValueError):
    """No pattern can be estimated; the message is a sentence for people."""


@dataclass(frozen=True)
class RemoveFixed(PictureStep):
    """Removes a pattern that was estimated from many images (`estimate_fixed`); without one it changes nothing.

    mean: the pattern is the mean picture. The result is (1 + picture - pattern) / 2: mid-grey where a picture is
    as the others are, darker or lighter where it differs.
    and: the pattern is the ink that (nearly) all images share, white on black. Each of its pixels becomes the
    mean of those pixels around it, at most REACH away, that do not belong to it.

    A pattern of another size than the picture is resized to it (`sampling.resize_matrix`); a pattern in colour is
    averaged over its channels for a picture of one channel.
    """

    name: ClassVar[str] = "remove_fixed"
    summary: ClassVar[str] = "Remove what all images share: fixed lines, bands, a gradient."

    method: Literal["mean", "and"] = choice(
        "and",
        "mean",
        default="and",
        help="and: thin lines, filled from around them. mean: bands and gradients.",
    )
    pattern: str = small_png(help="What all images share, estimated from many of them.")
    images: int = image_count(help="How many images the pattern comes from.")

    def read_pattern(self, channels: int) -> Picture | None:
        """The pattern in its own size for pictures of 1 or 3 channels: float32 (h, w, channels) in 0..1."""
        if not self.pattern:
            return None
        pattern = _read_png(self.pattern)
        if pattern.shape[2] > channels:
            pattern = pattern.mean(axis=2, keepdims=True, dtype=np.float32)
        return np.repeat(pattern, channels, axis=2) if pattern.shape[2] < channels else pattern

    def apply(self, picture: Picture) -> Picture:
        pattern = self.read_pattern(1 if self.method == "and" else picture.shape[2])
        if pattern is None:
            return picture
        height, width = picture.shape[:2]
        fitted = sample_box(pattern, (0, 0, pattern.shape[1], pattern.shape[0]), height, width)
        if self.method == "mean":
            difference: Picture = ((1 + picture - fitted) / 2).clip(0, 1)
            return difference
        return _fill(picture, fitted[:, :, 0] > np.float32(0.5 + TIE))


def estimate_fixed(pictures: Iterable[Picture], method: Literal["mean", "and"]) -> RemoveFixed:
    """The step that removes what float32 (h, w, c) pictures of one size share.

    Raises NothingFixed with a sentence where there are fewer than MIN_IMAGES, of differing sizes, or where the
    method finds nothing to remove.
    """
    shape: tuple[int, ...] = ()
    total: NDArray[np.float64] | None = None
    count = 0
    for picture in pictures:
        if total is None:
            shape = picture.shape
            total = np.zeros(shape if method == "mean" else shape[:2])
        if picture.shape != shape:
            raise NothingFixed(
                "Fixed marks need images of one size; here some are "
                f"{shape[1]}x{shape[0]} and some {picture.shape[1]}x{picture.shape[0]} pixels at this step. "
                "Crop or resize them before it, or remove the step."
            )
        total += picture if method == "mean" else find_ink(picture)
        count += 1
    if total is None or count < MIN_IMAGES:
        raise NothingFixed(
            f"Fixed marks show in many images together; there are {count}, and at least {MIN_IMAGES} are needed. "
            "Import more, or remove the step."
        )
    pattern = total / count
    if method == "and":
        lines = thin_marks(pattern >= SHARED)
        if not lines.any():
            raise NothingFixed(
                f"No thin line is in the same place in {count} images, so there is none to remove. "
                "Choose mean for bands and gradients, or remove the step."
            )
        pattern = lines.astype(np.float64)
    return RemoveFixed(method, _write_png(pattern.reshape(*pattern.shape[:2], -1).astype(np.float32)), count)


def thin_marks(ink: Mask) -> Mask:
    """The ink without its thick parts (the top-hat of mathematical morphology): what is left can be filled from
    around it."""
    element = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    thick = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_OPEN, element)
    thin: Mask = ink & (thick == 0)
    return thin


def _fill(picture: Picture, removed: Mask) -> Picture:
    """Each removed pixel as the mean of the kept ones at most REACH away; as it is where there is none."""
    kept = (~removed).astype(np.float32)[:, :, None]
    count = _sum_around(kept)
    mean = _sum_around(picture * kept) / np.maximum(count, 1)
    filled: Picture = np.where(removed[:, :, None] & (count > 0.5), mean, picture).clip(0, 1)
    return filled


def _sum_around(values: Picture) -> Picture:
    side = 2 * REACH + 1
    total: Picture = cv2.boxFilter(values, -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return total.reshape(values.shape).astype(np.float32, copy=False)


@lru_cache(maxsize=16)
def _read_png(text: str) -> Picture:
    pixels = read_png(text).pixels[:, :, :3]
    is_grey = np.ptp(pixels, axis=2).max() == 0
    picture = np.ascontiguousarray(pixels[:, :, :1] if is_grey else pixels).astype(np.float32) / np.float32(
        255
    )
    picture.setflags(write=False)
    return picture


def _write_png(pattern: Picture) -> str:
    """As base64 text; a pattern too large for a recipe is halved until it fits."""
    levels = np.rint(pattern * 255).clip(0, 255).astype(np.uint8)
    file = BytesIO()
    Image.fromarray(levels[:, :, 0] if levels.shape[2] == 1 else levels).save(file, "PNG", optimize=True)
    text = base64.b64encode(file.getvalue()).decode()
    if len(text) <= MAX_PNG_CHARACTERS:
        return text
    height, width = pattern.shape[:2]
    return _write_png(sample_box(pattern, (0, 0, width, height), (height + 1) // 2, (width + 1) // 2))
