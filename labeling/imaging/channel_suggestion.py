"""Which channel carries the text.

Text is told from its ground by edges, whatever the ground looks like further away. So the channels are compared
by their contrast at the edges that any of them shows, and there at the faintest tenth: a channel in which one
character of many vanishes is worse than one that shows them all a little paler.
"""

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from labeling.imaging.arrays import Pixels
from labeling.imaging.steps import Channel

Plane = NDArray[np.float32]

ChannelName = Literal["grey", "colour", "red", "green", "blue", "alpha"]

FAINTEST = 10
"""The percentile of the contrast at edges by which channels are compared."""

CLEARLY_BETTER = 1.2
"""A single channel is preferred to grey from this ratio of contrasts on."""

WORTH_COLOUR = 1.5
"""Colour is preferred to the best single channel from this ratio on: it means three times the numbers."""

MIN_EDGE = 12 / 255
"""An image in which no channel has a steeper edge is flat."""

MIN_IMAGES = 10
"""Fewer images say little about the next ones: grey, which loses the least, is kept."""

MAX_IMAGES = 40
"""Images that are looked at, evenly spread over those given: more would change nothing but the time."""


def suggest_channel(images: Sequence[Pixels]) -> tuple[ChannelName, str]:
    """The channel to read RGBA uint8 (h, w, 4) images by, and the reason in a sentence.

    Grey, unless another single channel shows the faintest edges CLEARLY_BETTER, or colour shows them so much
    better than every single channel that hue, and not lightness, must be what separates text and ground.
    """
    if len(images) < MIN_IMAGES:
        return (
            "grey",
            f"Grey: {len(images)} images are too few to tell; {MIN_IMAGES} or more show which is best.",
        )
    sample = images[:: max(1, -(-len(images) // MAX_IMAGES))]
    rows = [row for image in sample if (row := _contrasts(image)) is not None]
    if not rows:
        return "grey", "Grey: the images are flat, so no channel shows any text."
    contrast = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    best: ChannelName = max(("red", "green", "blue", "alpha"), key=lambda name: contrast[name])
    ratio = contrast[best] / max(contrast["grey"], 1e-6)
    single: ChannelName = best if ratio >= CLEARLY_BETTER else "grey"
    gain = contrast["colour"] / max(contrast[single], 1e-6)
    if gain >= WORTH_COLOUR:
        return "colour", (
            f"Colour: hue more than lightness tells the text from its ground; its faintest edges have {gain:.1f} "
            f"times the contrast that they have in {single}."
        )
    if single == "alpha":
        return single, "Alpha: the text is in the transparency of the images, and hardly in their colours."
    if single != "grey":
        return single, (
            f"{single.capitalize()}: the faintest edges of the text have {_times(ratio)} the contrast "
            "that they have in grey."
        )
    return "grey", "Grey: no other channel shows the text clearly better."


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 20 else "many times"


def _contrasts(image: Pixels) -> dict[ChannelName, float] | None:
    """By channel the contrast at the faintest edges, 0..1; None for an image without edges."""
    colour = Channel("colour").extract(image)
    red, green, blue = (_steepness(colour[:, :, plane]) for plane in range(3))
    grey = _steepness(Channel("grey").extract(image)[:, :, 0])
    alpha = _steepness(image[:, :, 3].astype(np.float32) / np.float32(255))
    coloured = np.maximum(np.maximum(red, green), blue)
    steepest = np.maximum(coloured, alpha)
    if steepest.max(initial=0) < MIN_EDGE:
        return None
    levels = np.rint(steepest * 255).astype(np.uint8)
    threshold, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    edges = levels > threshold

    def faintest(steepness: Plane) -> float:
        return float(np.percentile(steepness[edges], FAINTEST))

    return {
        "grey": faintest(grey),
        "colour": faintest(coloured),
        "red": faintest(red),
        "green": faintest(green),
        "blue": faintest(blue),
        "alpha": faintest(alpha),
    }


def _steepness(plane: Plane) -> Plane:
    """How much each value's left and right, or upper and lower neighbours differ: float32 (h, w) in 0..1."""
    padded = np.pad(plane, 1, mode="edge")
    across = np.abs(padded[1:-1, 2:] - padded[1:-1, :-2])
    down = np.abs(padded[2:, 1:-1] - padded[:-2, 1:-1])
    steepness: Plane = np.maximum(across, down)
    return steepness
