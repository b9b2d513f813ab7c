"""Cutting a prepared picture into one box per character, in reading order.

Projection profile and connected components are the two classic segmentations of printed text (see R. Casey
and E. Lecolinet, "A survey of methods and strategies in character segmentation", IEEE TPAMI 18(7), 1996).
Both find what is separate; where that is not the known number of characters, parts are merged, dropped or
split until it is. Removing stray lines first is the work of the recipe's steps.
"""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeling.imaging import opencv as cv2
from labeling.imaging.arrays import Picture
from labeling.imaging.parameters import (
    Configured,
    InvalidRecipe,
    from_json,
    whole_number,
)

Mask = NDArray[np.bool_]

MIN_CONTRAST = 8 / 255
"""A picture that nowhere differs from its background by more than this has no ink."""

SPECK = 0.1
"""Less than this share of an average character's ink is no character: a speck, or the tail of a line."""

UNEVENNESS = 0.5
"""Weight of even widths beside thin cuts when a part is split: at 0 only thinness counts."""


FAINT = 0.3
"""Share of Otsu's threshold from which on something counts as ink where text is looked for."""

ROUGHNESS = 4
"""What differs from the background by so many times the background's own unevenness counts as ink there, too."""

THICK_SHARE = 0.4
"""Share of the ink that must be left when thin strokes are taken for stray lines."""

TEXT_MARK = 6
"""Marks with fewer pixels than this are no text."""

TEXT_MARGIN = (0.3, 0.15)
"""Margin left and right, and above and below a text, as shares of its height."""


class Box(NamedTuple):
    """A rectangle in pixels of the prepared picture; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True)
class Slicing(Configured):
    """A way to cut a picture."""

    kind: ClassVar[str] = "slicing"


@dataclass(frozen=True)
class WholePicture(Slicing):
    name: ClassVar[str] = "none"
    summary: ClassVar[str] = "Keep the picture whole."


@dataclass(frozen=True)
class EqualParts(Slicing):
    name: ClassVar[str] = "equal"
    summary: ClassVar[str] = "Cut into equally wide parts, one per character."


@dataclass(frozen=True)
class Projection(Slicing):
    name: ClassVar[str] = "projection"
    summary: ClassVar[str] = "Cut where columns hold no ink, or the least."

    min_gap: int = whole_number(
        1, 100, default=1, help="Narrower gaps, in pixels, do not separate characters."
    )


@dataclass(frozen=True)
class Components(Slicing):
    name: ClassVar[str] = "components"
    summary: ClassVar[str] = "Box each connected mark of ink."

    min_area: int = whole_number(1, 100_000, default=8, help="Marks with fewer pixels are ignored.")


@dataclass(frozen=True)
class TextBox(Slicing):
    name: ClassVar[str] = "text"
    summary: ClassVar[str] = (
        "Find the text: one box around all ink but thin lines. For readers of whole images."
    )


SLICINGS: Mapping[str, type[Slicing]] = {
    slicing.name: slicing for slicing in (WholePicture, TextBox, EqualParts, Projection, Components)
}
"""Every slicing by name, in the order a page offers them."""


def parse_slicing(value: object) -> Slicing:
    """The slicing that a JSON object such as {"slicing": "projection", "min_gap": 2} describes.

    Raises InvalidRecipe with a sentence.
    """
    return from_json("slicing", SLICINGS, value)


def slice_boxes(
    picture: Picture, slicing: Slicing | Mapping[str, Any], length: int | None = None
) -> list[Box]:
    """The boxes of a float32 (h, w, c) picture in reading order.

    `none` and `text` give one box. The others give exactly `length` boxes; without a length, projection and components
    give as many as they find. A picture without ink is cut into equal parts. Boxes are never empty; they
    overlap only where connected components do, or where a picture is narrower than `length` pixels.

    Raises InvalidRecipe for equal parts without a length, or a length below 1.
    """
    if not isinstance(slicing, Slicing):
        slicing = parse_slicing(slicing)
    if length is not None and length < 1:
        raise InvalidRecipe(f"A text has at least one character; the length cannot be {length}.")
    height, width = picture.shape[:2]
    match slicing:
        case EqualParts():
            if length is None:
                raise InvalidRecipe(
                    "Equal parts need a fixed number of characters; choose projection or components instead."
                )
            return equal_parts(width, height, length)
        case WholePicture():
            return [Box(0, 0, width, height)]
        case TextBox():
            return [find_text(picture)]
    ink = find_ink(picture)
    parts = _separate(ink, slicing)
    if length is None:
        return parts or [Box(0, 0, width, height)]
    speck = _speck(ink, length)
    parts = _merge([part for part in parts if _ink_in(ink, part) >= speck], length)
    if not parts or sum(part.width for part in parts) < length:
        return equal_parts(width, height, length)
    return _split(parts, ink, length, speck, tighten=isinstance(slicing, Components))


def natural_parts(picture: Picture, slicing: Slicing, length: int) -> list[Box]:
    """What projection or components find by themselves where about `length` characters are expected: specks left
    out, but nothing merged or split."""
    ink = find_ink(picture)
    speck = _speck(ink, length)
    return [part for part in _separate(ink, slicing) if _ink_in(ink, part) >= speck]


def _separate(ink: Mask, slicing: Slicing) -> list[Box]:
    match slicing:
        case Projection(min_gap=min_gap):
            return _runs(ink, min_gap)
        case Components(min_area=min_area):
            return _components(ink, min_area)
    raise TypeError(f"{slicing!r} does not look for separate parts.")


def _speck(ink: Mask, length: int) -> float:
    """With less ink than this, a part is none of `length` characters."""
    return SPECK * float(np.count_nonzero(ink)) / length


def equal_parts(width: int, height: int, parts: int) -> list[Box]:
    """`parts` boxes side by side that cover the width exactly; their widths differ by one pixel at most.

    Where there are more parts than pixels, boxes are one pixel wide and some share a pixel.
    """
    edges = [index * width // parts for index in range(parts + 1)]
    return [Box(left, 0, max(right, left + 1), height) for left, right in pairwise(edges)]


def find_text(picture: Picture) -> Box:
    """The box around all text, with a margin; the whole picture where there is no ink.

    Ink is what stands out from the background by a share of Otsu's threshold or, where the background is evener than
    that, from its unevenness, so that pale characters count beside dark ones. Strokes thinner than three pixels,
    then two, are taken for stray lines, unless little would be left without them: then the text itself is that thin.
    """
    height, width = picture.shape[:2]
    ink = _find_faint_ink(picture)
    enough = THICK_SHARE * np.count_nonzero(ink)
    thick = ink
    for side in (3, 2):
        element = np.ones((side, side), np.uint8)
        opened = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_OPEN, element) > 0
        if np.count_nonzero(opened) >= enough:
            thick = opened
            break
    marks = _components(thick, TEXT_MARK)
    if not marks:
        return Box(0, 0, width, height)
    left, right = min(each.left for each in marks), max(each.right for each in marks)
    top, bottom = min(each.top for each in marks), max(each.bottom for each in marks)
    across, above = (math.ceil(share * (bottom - top)) for share in TEXT_MARGIN)
    return Box(
        max(left - across, 0), max(top - above, 0), min(right + across, width), min(bottom + above, height)
    )


def find_ink(picture: Picture) -> Mask:
    """Which pixels differ from the background, darker or lighter: bool (h, w).

    The background is the median of the border, per channel; the threshold on the distance from it (the
    largest over channels) is Otsu's (IEEE Transactions on Systems, Man, and Cybernetics 9(1), 1979).
    """
    distance, _ = _distances(picture)
    return distance > _otsu(distance)


def _find_faint_ink(picture: Picture) -> Mask:
    """As `find_ink`, with pale ink."""
    distance, border = _distances(picture)
    uneven = ROUGHNESS * float(np.quantile(border, 0.75))
    ink: Mask = distance > max(min(FAINT * _otsu(distance), uneven), MIN_CONTRAST)
    return ink


def _distances(picture: Picture) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far each pixel (h, w), and each along the border (n,), is from the background."""
    border = np.concatenate((picture[0], picture[-1], picture[:, 0], picture[:, -1]))
    background = np.median(border, axis=0)
    return _largest(np.abs(picture - background)), _largest(np.abs(border - background))


def _largest(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Along the last axis; for so few channels much faster than NumPy's own reduction."""
    return functools.reduce(np.maximum, np.moveaxis(values, -1, 0))


def _otsu(distance: NDArray[np.float32]) -> float:
    """Otsu's threshold; infinite where nothing differs from the background."""
    furthest = float(distance.max())
    if furthest <= MIN_CONTRAST:
        return math.inf
    levels = np.rint(distance * (255 / furthest)).astype(np.uint8)
    threshold, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    # Half a level more, because what is equal to the rounded threshold is background.
    return (float(threshold) + 0.5) * furthest / 255


def _runs(ink: Mask, min_gap: int) -> list[Box]:
    """Full-height boxes around the runs of inked columns; gaps narrower than `min_gap` do not separate."""
    inked = np.count_nonzero(ink, axis=0) > 0
    edges = np.flatnonzero(np.diff(inked.astype(np.int8), prepend=0, append=0))
    boxes: list[Box] = []
    for left, right in edges.reshape(-1, 2).tolist():
        if boxes and left - boxes[-1].right < min_gap:
            left = boxes.pop().left
        boxes.append(Box(left, 0, right, ink.shape[0]))
    return boxes


def _components(ink: Mask, min_area: int) -> list[Box]:
    """Tight boxes of 8-connected marks; marks mostly above one another (the dot of an i) count as one."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    marks = sorted(
        Box(left, top, left + width, top + height)
        for left, top, width, height, area in stats[1:].tolist()
        if area >= min_area
    )
    boxes: list[Box] = []
    for mark in marks:
        if boxes and min(boxes[-1].right, mark.right) - mark.left > min(boxes[-1].width, mark.width) / 2:
            mark = _union(boxes.pop(), mark)
        boxes.append(mark)
    return boxes


def _union(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )


def _ink_in(ink: Mask, box: Box) -> int:
    return int(np.count_nonzero(ink[box.top : box.bottom, box.left : box.right]))


def _merge(parts: list[Box], length: int) -> list[Box]:
    """Merges the neighbours that are narrowest together until no more than `length` parts are left."""
    parts = list(parts)
    while len(parts) > length:
        unions = [_union(one, other) for one, other in pairwise(parts)]
        index = min(range(len(unions)), key=lambda index: unions[index].width)
        parts[index : index + 2] = [unions[index]]
    return parts


def _split(parts: list[Box], ink: Mask, length: int, speck: float, *, tighten: bool) -> list[Box]:
    """Splits the parts that are widest per character until there are `length`; `tighten` fits rows to ink.

    The parts are `length` at most, and together at least `length` pixels wide.
    """
    shares = [1] * len(parts)
    for _ in range(length - len(parts)):
        shares[max(range(len(parts)), key=lambda index: parts[index].width / shares[index])] += 1
    boxes: list[Box] = []
    for part, share in zip(parts, shares, strict=True):
        boxes += _split_part(part, ink, share, speck, tighten=tighten) if share > 1 else [part]
    return boxes


def _split_part(part: Box, ink: Mask, share: int, speck: float, *, tighten: bool) -> list[Box]:
    """One part as `share` parts side by side; tails with less ink than a speck are cut off at both ends."""
    profile = np.count_nonzero(ink[part.top : part.bottom, part.left : part.right], axis=0)
    first = int(np.searchsorted(np.cumsum(profile), speck))
    last = len(profile) - int(np.searchsorted(np.cumsum(profile[::-1]), speck))
    if last - first < share:
        first, last = 0, len(profile)
    cuts = (first, *(first + cut for cut in best_cuts(profile[first:last], share)), last)
    boxes = [
        Box(part.left + left, part.top, part.left + right, part.bottom) for left, right in pairwise(cuts)
    ]
    return [_fit_rows(box, ink) for box in boxes] if tighten else boxes


def _fit_rows(box: Box, ink: Mask) -> Box:
    rows = np.flatnonzero(ink[box.top : box.bottom, box.left : box.right].any(axis=1))
    if not len(rows):
        return box
    return Box(box.left, box.top + int(rows[0]), box.right, box.top + int(rows[-1]) + 1)


def best_cuts(profile: NDArray[np.integer[Any]], parts: int) -> list[int]:
    """Where to cut a run of columns into `parts`: the `parts - 1` first columns of the parts after the first.

    `profile` is the ink per column, (width,) with width >= parts. Of all ways to cut, dynamic programming
    over the columns finds the one with the least ink at the cuts (as shares of the tallest column) plus
    UNEVENNESS times the squared relative deviations of the widths from even ones.
    """
    width = len(profile)
    even = width / parts
    narrowest, widest = max(1, int(even / 3)), int(np.ceil(even * 2))
    ink = profile / max(int(profile.max()), 1)
    # A cut between two columns severs the strokes that cross both of them.
    severed = np.minimum(ink[1:], ink[:-1])
    cost_at = np.concatenate(([0.0], severed, [0.0]))
    best = np.full(width + 1, np.inf)
    best[0] = 0
    steps: list[NDArray[np.int64]] = []
    for _ in range(parts):
        reached = np.full(width + 1, np.inf)
        step = np.zeros(width + 1, np.int64)
        for size in range(narrowest, min(widest, width) + 1):
            cost = best[: width + 1 - size] + UNEVENNESS * ((size - even) / even) ** 2
            better = cost < reached[size:]
            reached[size:][better] = cost[better]
            step[size:][better] = size
        best = reached + cost_at
        steps.append(step)
    cuts: list[int] = []
    end = width
    for step in reversed(steps[1:]):
        end -= int(step[end])
        cuts.append(end)
    return cuts[::-1]
