"""What the values of a style are made of."""

from dataclasses import dataclass

Range = tuple[float, float]
"""Lowest and highest value; every picture gets one in between."""

Colour = tuple[int, int, int]
"""Red, green and blue, 0..255."""


@dataclass(frozen=True)
class Centre:
    """Where the middle of one character lies: means as shares of the picture's width and height, with their
    standard deviations."""

    x: float
    y: float
    x_deviation: float = 0.0
    y_deviation: float = 0.0


@dataclass(frozen=True)
class FontChoice:
    """A font of a style and how often it is written in, compared with the others.

    `fingerprint` is the SHA-256 of its file in hexadecimal digits; where no such file is there, the `name` decides.
    """

    name: str
    fingerprint: str = ""
    weight: float = 1.0
