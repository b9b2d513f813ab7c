"""Whether the values of a style make sense together."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from training.recognition.synthesis.style import Style

LARGEST = 4_096
"""Pixels of a side; larger pictures are a mistake."""

SHARES = (
    "wide", "one_font", "upright", "bent", "crisp", "thinner", "thicker", "hollow",
    "ink_jitter", "ink_colourfulness", "ground_colourfulness", "grey", "many_colours", "dark", "contrast",
    "plain_ground", "white_ground", "lined", "arcs", "dotted", "behind", "in_ink", "coarse", "blurred", "noisy",
    "grey_noise", "compressed",
)  # fmt: skip
"""The values from 0 to 1."""

RANGES = {
    "letter_height": (0.01, 10.0),
    "text_height": (0.01, 10.0),
    "margin": (0.0, 100.0),
    "across": (0.0, 1.0),
    "down": (0.0, 1.0),
    "stretch": (0.05, 20.0),
    "spacing": (-10.0, 10.0),
    "wide_spacing": (-10.0, 10.0),
    "rotation": (0.0, 180.0),
    "skew": (0.0, 10.0),
    "bend": (0.0, 10.0),
    "stroke": (-100.0, 100.0),
    "blur": (0.0, 10.0),
    "noise": (0.0, 1.0),
    "ground_brightness": (0.0, 1.0),
    "ink_brightness": (0.0, 1.0),
    "lines": (0, 1_000),
    "line_width": (1, 100),
    "dot_radius": (0, 100),
    "dots": (0, 100_000),
    "jpeg": (1, 100),
}
"""The values that are ranges, and the least and most that they may hold."""

BOUNDS = {
    "height": (4, LARGEST),
    "width": (4, LARGEST),
    "max_width": (4, LARGEST),
    "uneven_spacing": (0.0, 10.0),
    "slant": (0.0, 80.0),
    "resize": (0.0, 0.95),
    "rise": (0.0, 10.0),
    "slope": (0.0, 10.0),
} | dict.fromkeys(SHARES, (0.0, 1.0))

WORDS = {"scatter": ("even", "normal"), "anchor": ("ink", "line")}


def check_style(style: Style) -> None:
    """Raises ValueError with a sentence about the first value that makes no sense."""
    for name, (least, most) in BOUNDS.items():
        value = getattr(style, name)
        if value is not None and not least <= value <= most:
            raise ValueError(f"{name} is {value}; it lies between {least} and {most}.")
    for name, (least, most) in RANGES.items():
        value = getattr(style, name)
        if value is not None and not (len(value) == 2 and least <= value[0] <= value[1] <= most):
            raise ValueError(
                f"{name} is {value}; it is a lowest and a highest value between {least} and {most}."
            )
    for name, words in WORDS.items():
        if getattr(style, name) not in words:
            raise ValueError(f"{name} is {getattr(style, name)!r}; it is one of {', '.join(words)}.")
    for name in ("ground_picture", "cover"):
        _check_picture(name, getattr(style, name), style, channels=3 if name == "ground_picture" else 4)
    for number, centre in enumerate(style.centres, start=1):
        if (
            not all(map(math.isfinite, dataclasses.astuple(centre)))
            or min(centre.x_deviation, centre.y_deviation) < 0
        ):
            raise ValueError(
                f"centre {number} is {centre}; its values are numbers, its deviations 0 or more."
            )
    for name, colours in (
        ("a ground", style.grounds),
        ("an ink", style.inks),
        ("a line's ink", style.line_inks),
    ):
        if any(not 0 <= channel <= 255 for colour in colours for channel in colour):
            raise ValueError(f"A channel of {name} lies outside of 0 to 255.")
    weights = [choice.weight for choice in style.fonts]
    if weights and not (min(weights) >= 0 and 0 < sum(weights) < math.inf):
        raise ValueError("The weights of fonts are 0 or more, and one of them is more than 0.")


def _check_picture(name: str, picture: NDArray[np.uint8] | None, style: Style, channels: int) -> None:
    if picture is None:
        return
    wanted = (style.height, style.width, channels)
    if picture.shape != wanted or picture.dtype != np.uint8:
        raise ValueError(
            f"{name} is of shape {picture.shape} and type {picture.dtype}; "
            f"this style's is of shape {wanted} and type uint8."
        )
