"""What the text stands on: a fixed picture with its fixed noise, or a colour for each picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from labeling.imaging.fixed_noise import thin_marks
from training.recognition.synthesis.fitting.gathering import Colours, Gathered

NEAR = 28
"""Values (of 255) that differ by no more are of one colour: compressing moves them so far near edges."""

STEADY = 0.55
"""Share of the pictures that must agree on a pixel for their median to be its ground."""

FIXED = 0.6
"""Share of the pixels that must be steady for a ground to be one fixed picture."""

NEAREST = 0.15
"""Where text mostly hides the ground, this share of the pictures, those nearest to what is around, shows it."""

CHANGING = (0.3, 0.97)
"""Where so large a share of the pictures agree on a pixel, text comes and goes there."""

ONE_INK = 0.6
"""Share of the strong ink that must have one colour to be the only ink."""

STANDS_OUT = 40
"""By how much (of 255) noise differs from what is around it."""

BLOCK, FEWEST_FREE = 16, 9
"""Pixels of the blocks that JPEG keeps colours in, and so many pictures without text in one show its ground."""

SMALLEST_NOISE = 4
"""Pixels of a mark of fixed noise."""

MOST = 500
"""So many pictures tell what they share."""


@dataclass(frozen=True)
class Ground:
    """What pictures show without their text.

    picture: uint8 (h, w, 3) where it is the same for all, fixed noise included; else None.
    colours: the ground's colour in each picture, float32 (n, 3); of a fixed one its commonest.
    noise: where fixed noise is, bool (h, w); None where the ground is not fixed.
    steady: share of the pixels on which the pictures agree; None for pictures of differing sizes.
    unevenness: standard deviation of the pixels around the ground, of 255.
    """

    picture: Colours | None
    colours: NDArray[np.float32]
    noise: NDArray[np.bool_] | None
    steady: float | None
    unevenness: float

    def distance(self, picture: Colours, index: int) -> NDArray[np.float32]:
        """How far each pixel of the picture with this index is from the ground: (h, w), 0..255, the largest over
        the colours."""
        ground = self.colours[index] if self.picture is None else self.picture.astype(np.float32)
        difference: NDArray[np.float32] = np.abs(picture.astype(np.float32) - ground).max(axis=2)
        return difference


def estimate_ground(gathered: Gathered) -> Ground:
    """The ground of pictures: their median where most pixels are the same in most of them, else a colour for each.

    A pixel that text covers in many pictures shows no steady median; there the ground is what those pictures show that
    come nearest to what is around it.
    """
    if gathered.width is not None:
        stack = _evenly(gathered.stack, MOST)
        median = _median(stack)
        agreement = _agreement(stack, median)
        steady = float((agreement >= STEADY).mean())
        if steady >= FIXED:
            picture = _of_free_blocks(stack, _fill_unsteady(stack, median, agreement))
            picture, noise = _without_specks(picture, _fixed_noise(picture))
            distances = np.abs(stack.astype(np.float32) - picture).max(axis=3)
            calm = distances[distances <= NEAR]
            common = np.median(picture.reshape(-1, 3), axis=0).astype(np.float32)
            colours = np.tile(common, (len(gathered.pictures), 1))
            return Ground(picture, colours, noise, steady, float(np.sqrt(np.square(calm).mean())))
    else:
        steady = None
    colours = np.stack([commonest_colour(each) for each in gathered.pictures])
    return Ground(None, colours, None, steady, _unevenness(gathered, colours))


def commonest_colour(picture: Colours) -> NDArray[np.float32]:
    """The mean of those pixels that are near the commonest colour, (3,)."""
    coarse = (picture >> 4).astype(np.int32)
    codes = (coarse[..., 0] << 8) | (coarse[..., 1] << 4) | coarse[..., 2]
    # The neighbours count, too: a colour at the edge of a bin must not lose to one in the middle.
    counts = np.bincount(codes.ravel(), minlength=4096).reshape(16, 16, 16).astype(np.float32)
    around = sum(np.roll(counts, shift, axis) for axis in range(3) for shift in (-1, 1)) / 3 + counts
    best = np.array(np.unravel_index(int(np.argmax(around)), around.shape)) * 16 + 8
    flat = picture.reshape(-1, 3).astype(np.float32)
    near = np.abs(flat - best).max(axis=1) <= 24
    colour: NDArray[np.float32] = np.median(flat[near], axis=0).astype(np.float32)
    return colour


def _evenly(stack: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    if len(stack) <= most:
        return stack
    some: NDArray[np.uint8] = stack[np.linspace(0, len(stack) - 1, most).astype(int)]
    return some


def _median(stack: NDArray[np.uint8]) -> Colours:
    middle = len(stack) // 2
    median: Colours = np.partition(stack, middle, axis=0)[middle]
    return median


def _agreement(stack: NDArray[np.uint8], ground: Colours) -> NDArray[np.float32]:
    """The share of the pictures that show the ground at a pixel, (h, w)."""
    near = np.ones(stack.shape[:3], bool)
    for channel in range(3):
        near &= (
            cv2.absdiff(stack[..., channel], np.broadcast_to(ground[..., channel], stack.shape[:3])) <= NEAR
        )
    share: NDArray[np.float32] = near.mean(axis=0, dtype=np.float32)
    return share


def _fill_unsteady(stack: NDArray[np.uint8], median: Colours, agreement: NDArray[np.float32]) -> Colours:
    """The median, and where it may be text the colour of those pictures that show none there."""
    ink = _only_ink(stack, median, agreement)
    if ink is not None:
        # What is furthest from the ink's colour is the ground, also where most pictures have text.
        distance = np.abs(stack.astype(np.int16) - ink).max(axis=3)
        last = int((1 - NEAREST / 2) * (len(stack) - 1))
        far = distance >= np.partition(distance, last, axis=0)[last] - NEAR
        ground = _mean(stack, far)
        for _ in range(2):
            ground = _mean(stack, far & (np.abs(stack.astype(np.int16) - ground).max(axis=3) <= NEAR), ground)
    else:
        unsteady = agreement < STEADY
        ground = median.astype(np.float32)
        around = cv2.inpaint(median, unsteady.astype(np.uint8), 3, cv2.INPAINT_TELEA)
        if unsteady.any():
            samples = stack[:, unsteady].astype(np.float32)
            distance = np.abs(samples - around[unsteady].astype(np.float32)).max(axis=2)
            count = max(5, int(NEAREST * len(stack)))
            nearest = np.argpartition(distance, count, axis=0)[:count]
            ground[unsteady] = np.median(np.take_along_axis(samples, nearest[..., None], axis=0), axis=0)
        ground = _mean(stack, np.abs(stack.astype(np.int16) - ground).max(axis=3) <= NEAR, ground)
    filled: Colours = np.rint(ground).clip(0, 255).astype(np.uint8)
    return filled


def _of_free_blocks(stack: NDArray[np.uint8], ground: Colours) -> Colours:
    """The ground, block by block, as the pictures show it that have no text there: JPEG spreads a stroke's traces over
    its block, so elsewhere they would be taken for the ground's."""
    free = ground.copy()
    height, width = ground.shape[:2]
    for top in range(0, height, BLOCK):
        for left in range(0, width, BLOCK):
            block = (slice(top, top + BLOCK), slice(left, left + BLOCK))
            off = np.abs(stack[:, *block].astype(np.int16) - ground[block]).max(axis=(1, 2, 3))
            without_text = off <= STANDS_OUT
            if without_text.sum() >= FEWEST_FREE:
                free[block] = _median(stack[without_text][:, *block])
    return free


def _only_ink(
    stack: NDArray[np.uint8], median: Colours, agreement: NDArray[np.float32]
) -> NDArray[np.float32] | None:
    """The colour of the ink, (3,); None where it has several.

    Where text comes and goes, one of two colours is the ink's, be it the commoner or the rarer one, and it is the same
    everywhere; where none ever comes, nothing but ground is seen.
    """
    changing = (agreement >= CHANGING[0]) & (agreement <= CHANGING[1])
    if changing.sum() < 20:
        return None
    samples = stack[:, changing].astype(np.float32)
    distance = np.abs(samples - median[changing].astype(np.float32)).max(axis=2)
    # Edges are mixtures of ink and ground: the strongest marks of a pixel are one or the other.
    strongest = np.quantile(distance, 0.95, axis=0)
    strong = (distance > STANDS_OUT) & (distance > 0.75 * strongest)
    marks = samples[strong]
    if len(marks) < len(stack):
        return None
    grounds = median[agreement > CHANGING[1]].astype(np.float32)
    pixels = np.broadcast_to(np.arange(samples.shape[1]), strong.shape)[strong]
    best, explained = None, 0.0
    for candidate in (
        commonest_colour(marks[None].astype(np.uint8)),
        commonest_colour(median[changing][None]),
    ):
        if len(grounds) and (np.abs(grounds - candidate).max(axis=1) <= NEAR).mean() > 0.2:
            continue
        is_median = np.abs(median[changing] - candidate).max(axis=1) <= 2 * NEAR
        is_mark = np.abs(marks - candidate).max(axis=1) <= 2 * NEAR
        share = float((is_mark | is_median[pixels]).mean())
        if share > explained:
            best, explained = candidate, share
    return best if explained >= ONE_INK else None


def _mean(
    stack: NDArray[np.uint8], used: NDArray[np.bool_], otherwise: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """The mean colour of each pixel over the pictures in which it is used, (h, w, 3)."""
    count = used.sum(axis=0)[..., None]
    total = np.stack([(stack[..., c] * used).sum(axis=0, dtype=np.float32) for c in range(3)], axis=-1)
    mean: NDArray[np.float32] = (total / np.maximum(count, 1)).astype(np.float32)
    return mean if otherwise is None else np.where(count >= 3, mean, otherwise)


def _fixed_noise(ground: Colours) -> NDArray[np.bool_]:
    """Thin marks of the ground, unlike what is around them."""
    smooth = np.stack([cv2.medianBlur(ground[..., channel], 7) for channel in range(3)], axis=-1)
    return thin_marks(np.abs(ground.astype(np.int16) - smooth).max(axis=2) > STANDS_OUT)


def _without_specks(ground: Colours, noise: NDArray[np.bool_]) -> tuple[Colours, NDArray[np.bool_]]:
    """What is left of text where hardly a picture shows the ground is no noise: such specks are filled from around."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(noise.astype(np.uint8), connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < SMALLEST_NOISE
    small[0] = False
    specks = small[labels]
    filled = cv2.inpaint(
        ground, cv2.dilate(specks.astype(np.uint8), np.ones((3, 3), np.uint8)), 2, cv2.INPAINT_TELEA
    )
    return (np.asarray(filled, np.uint8) if specks.any() else ground), noise & ~specks


def _unevenness(gathered: Gathered, colours: NDArray[np.float32]) -> float:
    spreads = []
    for picture, colour in zip(gathered.pictures[:200], colours, strict=False):
        distance = np.abs(picture.astype(np.float32) - colour).max(axis=2)
        calm = distance[distance <= NEAR]
        spreads.append(float(np.square(calm).mean()))
    return float(np.sqrt(np.mean(spreads)))
