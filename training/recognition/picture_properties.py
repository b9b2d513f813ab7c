"""Properties of a picture with a text that may make it hard to read: few, and each defined by a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from labeling.imaging.arrays import Picture, Pixels
from labeling.imaging.slicing import find_ink, find_text
from labeling.intervals import Share, difference_interval

FEWEST_PER_HALF = 10
"""Halves of fewer images say nothing."""

SMALLEST_MARK = 6
"""Marks of fewer pixels are specks."""

STROKE = 3
"""What a square of so many pixels does not fit into is a thin line or a speck."""


@dataclass(frozen=True)
class Property:
    """A number that a picture has. `more` says in words what a greater one means."""

    name: str
    title: str
    formula: str
    more: str
    unit: str = ""


PROPERTIES = (
    Property(
        "contrast",
        "Contrast of the ink",
        "mean distance of inked pixels from the background's colour, 0 to 100",
        "stands out more clearly",
    ),
    Property(
        "thin_share",
        "Thin lines and specks",
        f"share of the ink into which no square of {STROKE} pixels fits, in %",
        "has more thin lines and specks",
        "%",
    ),
    Property(
        "unevenness",
        "Unevenness of the background",
        "standard deviation of the pixels without ink, 0 to 100",
        "has a less even background",
    ),
    Property(
        "marks",
        "Separate marks per character",
        "connected marks of ink by characters; below 1 characters touch or overlap, above 1 there is clutter",
        "falls into more separate marks",
    ),
    Property(
        "room",
        "Room per character",
        "width of the box around the text by its characters, in pixels",
        "has more room for each character",
        "px",
    ),
    Property(
        "height", "Height of the text", "height of the box around the text, in pixels", "is taller", "px"
    ),
    Property(
        "waviness",
        "Unevenness of the line",
        "standard deviation of the ink's middle from column to column, in % of the text's height",
        "stands less on one line",
        "%",
    ),
)


def properties_of(pixels: Pixels, text: str) -> dict[str, float]:
    """The properties of RGBA pixels (h, w, 4) that say `text`, by their names; as people see them on white paper."""
    picture = on_white(pixels)
    ink = find_ink(picture)
    box = find_text(picture)
    border = np.concatenate((picture[0], picture[-1], picture[:, 0], picture[:, -1]))
    distance = np.abs(picture - np.median(border, axis=0)).max(axis=2)
    inked = int(np.count_nonzero(ink))
    thick = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_OPEN, np.ones((STROKE, STROKE), np.uint8)) > 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    characters = max(len(text), 1)
    found = {
        "contrast": 100 * distance[ink].mean() if inked else 0.0,
        "thin_share": 100 * (1 - np.count_nonzero(thick & ink) / inked) if inked else 0.0,
        "unevenness": 100 * picture[~ink].std(axis=0).mean() if (~ink).any() else 0.0,
        "marks": np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] >= SMALLEST_MARK) / characters,
        "room": box.width / characters,
        "height": box.height,
        "waviness": _waviness(thick if thick.any() else ink, box.height),
    }
    # Plain numbers: NumPy's own cannot be written as JSON.
    return {name: float(value) for name, value in found.items()}


def on_white(pixels: Pixels) -> Picture:
    """RGBA pixels laid on white: float32 (h, w, 3) in 0..1."""
    alpha = pixels[..., 3:].astype(np.float32) / np.float32(255)
    paper = np.float32(1) - alpha
    picture: Picture = (pixels[..., :3].astype(np.float32) / np.float32(255) * alpha + paper).astype(
        np.float32
    )
    return picture


def _waviness(ink: NDArray[np.bool_], height: int) -> float:
    columns = np.flatnonzero(ink.any(axis=0))
    if len(columns) < 2:
        return 0.0
    rows = np.arange(ink.shape[0])[:, None]
    middles = (ink * rows).sum(axis=0)[columns] / ink.sum(axis=0)[columns]
    return float(100 * middles.std() / max(height, 1))


@dataclass(frozen=True)
class Halves:
    """How much is read right where a property is at most at its middle, and where it is above it.

    difference: of the shares (above minus below), as an interval that holds, together with those of all other
    properties, in 95 % of cases (Bonferroni).
    """

    name: str
    middle: float
    below: Share
    above: Share
    difference: tuple[float, float]

    @property
    def matters(self) -> bool:
        """Whether the difference is more than chance."""
        return not self.difference[0] <= 0 <= self.difference[1]

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return vars(self) | {
            "below": self.below.to_json(),
            "above": self.above.to_json(),
            "difference": list(self.difference),
            "matters": self.matters,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Halves:
        """What `to_json` wrote."""
        below, above = (Share(data[half]["count"], data[half]["n"]) for half in ("below", "above"))
        low, high = data["difference"]
        return cls(data["name"], data["middle"], below, above, (low, high))


def halves(properties: Sequence[Mapping[str, float]], right: Sequence[bool]) -> list[Halves]:
    """Share images out by the middle of each property; those that hardly differ in one are left out.

    `properties` and whether the reading is `right` are in the same order of images.
    """
    found = []
    for each in PROPERTIES:
        values = [one[each.name] for one in properties]
        middle = median(values) if values else 0.0
        above = [value > middle for value in values]
        if min(sum(above), len(above) - sum(above)) >= FEWEST_PER_HALF:
            found.append((each.name, middle, above))
    z = NormalDist().inv_cdf(1 - 0.025 / max(len(found), 1))
    rows = []
    for name, middle, above in found:
        low_half, high_half = (
            Share(
                sum(is_right for is_right, is_above in zip(right, above, strict=True) if is_above == wanted),
                sum(is_above == wanted for is_above in above),
            )
            for wanted in (False, True)
        )
        rows.append(Halves(name, middle, low_half, high_half, difference_interval(high_half, low_half, z)))
    return rows
