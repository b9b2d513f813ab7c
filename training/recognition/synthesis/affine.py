"""Affine maps of the plane as six plain numbers: for single glyphs, arrays would take longer to make than to use."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


class Affine(NamedTuple):
    """Takes (u, v) to (xu u + xv v + x, yu u + yv v + y)."""

    xu: float
    xv: float
    yu: float
    yv: float
    x: float = 0.0
    y: float = 0.0

    def after(self, first: Affine) -> Affine:
        """The map that does `first` and then this one."""
        x, y = self.at(first.x, first.y)
        return Affine(
            self.xu * first.xu + self.xv * first.yu,
            self.xu * first.xv + self.xv * first.yv,
            self.yu * first.xu + self.yv * first.yu,
            self.yu * first.xv + self.yv * first.yv,
            x,
            y,
        )

    def at(self, u: float, v: float) -> tuple[float, float]:
        """Where a point goes."""
        return self.xu * u + self.xv * v + self.x, self.yu * u + self.yv * v + self.y

    def putting(self, point: tuple[float, float], where: tuple[float, float]) -> Affine:
        """This map, moved so that it takes the point there."""
        x, y = self.at(*point)
        return self.moved(where[0] - x, where[1] - y)

    def moved(self, across: float, down: float) -> Affine:
        return self._replace(x=self.x + across, y=self.y + down)

    def of(self, across: float, down: float) -> Affine:
        """This map of points that were first taken so many times as far from the origin."""
        return Affine(self.xu * across, self.xv * down, self.yu * across, self.yv * down, self.x, self.y)

    @property
    def scale(self) -> float:
        """How many times as long lengths become, on average."""
        return math.sqrt(abs(self.xu * self.yv - self.xv * self.yu))

    def box(self, width: float, height: float) -> Box:
        """What encloses a rectangle at the origin where it goes."""
        a, b, c, d = self.xu * width, self.xv * height, self.yu * width, self.yv * height
        return (
            self.x + min(a, 0) + min(b, 0),
            self.y + min(c, 0) + min(d, 0),
            self.x + max(a, 0) + max(b, 0),
            self.y + max(c, 0) + max(d, 0),
        )

    def for_pixels(self) -> NDArray[np.float64]:
        """As OpenCV wants it, shape (2, 3): it counts from the middle of pixels, not from their corners."""
        x, y = self.at(0.5, 0.5)
        return np.array([[self.xu, self.xv, x - 0.5], [self.yu, self.yv, y - 0.5]])
