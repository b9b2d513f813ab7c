"""A recipe proposed from the images themselves, with a reason for every choice.

Careful rather than clever: a step that is not clearly useful is not proposed, because a reader learns to look past
most noise, but never sees again what a step took away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from labeling.imaging.arrays import Picture, Pixels
from labeling.imaging.channel_suggestion import suggest_channel
from labeling.imaging.fixed_noise import NothingFixed, RemoveFixed, estimate_fixed
from labeling.imaging.recipe import Recipe
from labeling.imaging.slicing import (
    Box,
    Components,
    EqualParts,
    Projection,
    Slicing,
    TextBox,
    WholePicture,
    find_ink,
    find_text,
    natural_parts,
)
from labeling.imaging.step import PictureStep
from labeling.imaging.steps import Autocontrast, Channel, Crop

MIN_LINES = 0.005
"""Fixed lines are removed from this share of all pixels on."""

MAX_LINES = 0.15
"""What covers more than this share of all pixels is no line but text or ground."""

MIN_WIDTH = 1.5
"""Fixed marks count as lines where one is wider than this many characters: characters that stand in the same places
in every image share strokes, but none that wide."""

MIN_MARGIN = 0.15
"""A margin is cropped where that removes this share of the width or the height."""

SPARED = 0.04
"""This share of the width or height stays between a cropped margin and the nearest ink of the sample: the next
image may reach further."""

FAINT_SPAN, FAINT_SHARE = 0.5, 0.25
"""Contrast is stretched where this share of images spans less than this share of black to white."""

SEPARATE_SHARE = 0.6
"""Gaps or components are trusted where they find the known length in this share of images."""

MOSTLY_MARGIN = 0.6
"""Where the text's box covers at most this share of a typical picture, a reader of whole pictures gets the box."""

WIDEST = 2.5
"""A part wider than this many times the median part is not one character."""


@dataclass(frozen=True)
class Proposal:
    """A recipe and why each of its parts was chosen, in sentences for people."""

    recipe: Recipe
    reasons: tuple[str, ...]


def propose_recipe(images: Sequence[Pixels], lengths: tuple[int, int]) -> Proposal:
    """A recipe for RGBA uint8 (h, w, 4) images whose texts have from lengths[0] to lengths[1] characters.

    About 60 images are plenty. Raises ValueError without any.
    """
    if not images:
        raise ValueError("A recipe is proposed from images; there are none.")
    name, reason = suggest_channel(images)
    channel = Channel(name)
    pictures = [channel.extract(pixels) for pixels in images]
    steps: list[PictureStep] = []
    reasons = [reason]
    for propose in (partial(_remove_fixed, length=lengths[1]), _crop, _autocontrast):
        proposed = propose(pictures)
        if proposed is not None:
            step, reason = proposed
            steps.append(step)
            reasons.append(reason)
            pictures = [step.apply(picture) for picture in pictures]
    if not steps:
        reasons.append("No other step: none is clearly useful for these images.")
    slicing, reason = _slicing(pictures, lengths)
    return Proposal(Recipe((channel, *steps), slicing), (*reasons, reason))


def _remove_fixed(pictures: Sequence[Picture], length: int) -> tuple[RemoveFixed, str] | None:
    try:
        step = estimate_fixed(pictures, "and")
    except NothingFixed:
        return None
    pattern = step.read_pattern(1)
    assert pattern is not None
    lines = pattern[:, :, 0] > 0.5
    share = float(lines.mean())
    _, _, marks, _ = cv2.connectedComponentsWithStats(lines.astype(np.uint8), connectivity=8)
    widest = marks[1:, cv2.CC_STAT_WIDTH].max()
    if not MIN_LINES <= share <= MAX_LINES or widest <= MIN_WIDTH * lines.shape[1] / length:
        return None
    return (
        step,
        f"Remove fixed marks: the same thin lines cover {share:.0%} of all {len(pictures)} sample images.",
    )


def _crop(pictures: Sequence[Picture]) -> tuple[Crop, str] | None:
    margins = []
    for picture in pictures:
        ink = find_ink(picture)
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        if len(rows):
            height, width = ink.shape
            margins.append((columns[0], rows[0], width - 1 - columns[-1], height - 1 - rows[-1]))
    if not margins:
        return None
    height, width = (min(picture.shape[axis] for picture in pictures) for axis in (0, 1))
    spared = np.ceil(np.multiply(SPARED, (width, height, width, height))) + 1
    left, top, right, bottom = (int(each) for each in np.maximum(np.min(margins, axis=0) - spared, 0))
    if (left + right) / width < MIN_MARGIN:
        left = right = 0
    if (top + bottom) / height < MIN_MARGIN:
        top = bottom = 0
    sides = {"left": left, "top": top, "right": right, "bottom": bottom}
    if not any(sides.values()):
        return None
    removed = ", ".join(f"{pixels} pixels at the {side}" for side, pixels in sides.items() if pixels)
    return Crop(**sides), f"Crop: no sample image has ink there ({removed})."


def _autocontrast(pictures: Sequence[Picture]) -> tuple[Autocontrast, str] | None:
    faint = sum(float(np.ptp(picture)) < FAINT_SPAN for picture in pictures)
    if faint < FAINT_SHARE * len(pictures):
        return None
    return Autocontrast(), (
        f"Autocontrast: {faint} of {len(pictures)} sample images span less than half of the range from black to white."
    )


def _slicing(pictures: Sequence[Picture], lengths: tuple[int, int]) -> tuple[Slicing, str]:
    shortest, longest = lengths
    if shortest != longest:
        boxes = [find_text(each) for each in pictures]
        covered = float(
            np.median(
                [
                    box.width * box.height / each[..., 0].size
                    for box, each in zip(boxes, pictures, strict=True)
                ]
            )
        )
        if covered <= MOSTLY_MARGIN:
            return TextBox(), (
                f"The text's box: texts have {shortest} to {longest} characters, so nothing is cut, and the text fills "
                f"only {covered:.0%} of a typical picture: without its margin it is read larger."
            )
        return WholePicture(), (
            f"Whole picture: texts have {shortest} to {longest} characters, and readers of whole pictures need no cuts."
        )
    tried: list[tuple[Slicing, str]] = [(Projection(), "gaps"), (Components(), "connected marks")]
    found = [
        sum(_is_even(natural_parts(picture, slicing, longest), longest) for picture in pictures)
        for slicing, _ in tried
    ]
    # Of equals the first: gaps are simpler to foresee.
    best = found.index(max(found))
    slicing, what = tried[best]
    of_all = f"of {len(pictures)} sample images"
    if found[best] >= SEPARATE_SHARE * len(pictures):
        title = "Cut at gaps" if isinstance(slicing, Projection) else "Box connected marks"
        return slicing, f"{title}: in {found[best]} {of_all} {what} alone give {longest} characters."
    images = f"only {found[best]} {of_all}" if found[best] else f"none {of_all}"
    return EqualParts(), (
        f"Equal parts: {what} alone give {longest} characters in {images}, so most characters touch or are joined "
        "by lines."
    )


def _is_even(parts: Sequence[Box], length: int) -> bool:
    """Whether these are `length` parts of about the same width. (An i is narrow; two characters in one are wide.)"""
    widths = [part.width for part in parts]
    return len(widths) == length and max(widths) <= WIDEST * float(np.median(widths))
