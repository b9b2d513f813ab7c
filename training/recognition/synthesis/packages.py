"""Styles that are not drawn here but by generators from PyPI, each behind a thin adapter."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from random import Random
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from PIL import Image, ImageFont

from training.recognition.synthesis.colours import Picture
from training.recognition.synthesis.style_parts import FontChoice

Item = TypeVar("Item")

Painter = Callable[[str, Random], Image.Image]
"""Draws a text with random numbers from there."""

DIGITS_AND_CAPITALS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class PackageStyle:
    """Pictures as a package from PyPI draws them. Raises ValueError with a sentence.

    `width` and `height` are pixels. `fonts` are those that are written in; empty: any. `multicolorcaptcha` writes four
    characters, in fonts of its own.
    """

    package: str
    width: int = 160
    height: int = 60
    fonts: tuple[FontChoice, ...] = ()

    def __post_init__(self) -> None:
        if self.package not in PACKAGES:
            raise ValueError(f"{self.package!r} is none of the generators: {', '.join(PACKAGES)}.")
        if not (16 <= self.width <= 2_000 and 16 <= self.height <= 2_000):
            raise ValueError(
                f"A picture of {self.width}x{self.height} cannot be drawn: 16 to 2000 pixels a side."
            )

    def to_json(self) -> dict[str, object]:
        return dataclasses.asdict(self) | {"fonts": [dataclasses.asdict(each) for each in self.fonts]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> PackageStyle:
        """What `to_json` wrote. Raises ValueError with a sentence."""
        try:
            fonts = tuple(FontChoice(**each) for each in values.get("fonts", ()))
            return cls(**{**values, "fonts": fonts})
        except TypeError as error:
            raise ValueError(f"This style of a package cannot be read: {error}.") from error


def draw_with_package(text: str, font: Path, style: PackageStyle, random: Random) -> Picture:
    """A picture of `text` by the style's package; equal seeds of `random` give equal pictures.

    Raises ValueError with a sentence for texts that the package cannot draw.
    """
    painter = _painter(style, font)
    return np.asarray(painter(text, random).convert("RGB"), np.uint8)


@lru_cache(maxsize=256)
def _painter(style: PackageStyle, font: Path) -> Painter:
    return PACKAGES[style.package](style, str(font))


_one_at_a_time = Lock()
"""Packages draw from the random numbers of their module."""


@contextmanager
def _with(module: ModuleType, **stand_ins: object) -> Iterator[None]:
    """Has a module draw its random numbers elsewhere, so that a seed decides its pictures."""
    with _one_at_a_time:
        before = {name: getattr(module, name) for name in stand_ins}
        try:
            for name, stand_in in stand_ins.items():
                setattr(module, name, stand_in)
            yield
        finally:
            for name, value in before.items():
                setattr(module, name, value)


class Secrets:
    """Stands in for the module `secrets`."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def randbelow(self, bound: int) -> int:
        return self._random.randrange(bound)

    def randbits(self, bits: int) -> int:
        return self._random.getrandbits(bits)

    def choice(self, options: Sequence[Item]) -> Item:
        return self._random.choice(options)


def _captcha(style: PackageStyle, font: str) -> Painter:
    module = import_module("captcha.image")
    image_captcha = module.ImageCaptcha(
        style.width, style.height, fonts=[font], font_sizes=_sizes(style, 0.7, 0.83, 0.93)
    )

    def paint(text: str, random: Random) -> Image.Image:
        with _with(module, secrets=Secrets(random)):
            return image_captcha.generate_image(text)  # type: ignore[no-any-return]

    return paint


def _wheezy(style: PackageStyle, font: str) -> Painter:
    """Its own example's parts: warped, turned and moved characters, a curve, noise, smoothed."""
    module = import_module("wheezy.captcha.image")
    drawings = [module.warp(), module.rotate(), module.offset()]
    text_drawing = module.text([font], _sizes(style, 0.87, 0.93, 1.0), drawings)
    parts = [module.background(), text_drawing, module.curve(), module.noise(), module.smooth()]
    render = module.captcha(parts, style.width, style.height)

    def paint(text: str, random: Random) -> Image.Image:
        with _with(module, random=random):
            return render(text)  # type: ignore[no-any-return]

    return paint


def _claptcha(style: PackageStyle, font: str) -> Painter:
    module = import_module("claptcha.claptcha")

    class Claptcha(module.Claptcha):  # type: ignore[misc,name-defined]
        """Measures texts as Pillow does since version 10; the package's last version is older."""

        @property
        def font(self) -> ImageFont.FreeTypeFont:
            return self._sized_font

        @font.setter
        def font(self, path: str) -> None:
            self._sized_font = _Measured(path, max(self.h - 2 * self.margin_y, 8))

    margin = (style.width // 10, style.height // 4)

    def paint(text: str, random: Random) -> Image.Image:
        with _with(module, random=random):
            return Claptcha(text, font, (style.width, style.height), margin).image[1]  # type: ignore[no-any-return]

    return paint


class _Measured(ImageFont.FreeTypeFont):
    def getsize(self, text: str) -> tuple[int, int]:
        _, _, right, bottom = self.getbbox(text)
        return max(int(right), 1), max(int(bottom), 1)


def _multicolorcaptcha(style: PackageStyle, font: str) -> Painter:
    module = import_module("multicolorcaptcha._generator")
    generator = module.CaptchaGenerator(captcha_size_num=2)

    def paint(text: str, random: Random) -> Image.Image:
        if len(text) != 4:
            raise ValueError(f"multicolorcaptcha draws four characters, and {text!r} has {len(text)}.")
        characters = iter(text)
        # In this mode it asks `choice` for nothing but characters.
        with _with(module, randint=random.randint, choice=lambda _: next(characters)):
            drawn = generator.gen_captcha_image(2, chars_mode="ascii", multicolor=True, margin=False)
        # Of a fixed size, four times as wide as high.
        return drawn.image.resize((style.width, style.height), Image.Resampling.BOX)  # type: ignore[no-any-return]

    return paint


def _sizes(style: PackageStyle, *shares: float) -> list[int]:
    """Font sizes that fill a picture as the package's own sizes fill one of its own."""
    return [round(style.height * share) for share in shares]


PACKAGES: dict[str, Callable[[PackageStyle, str], Painter]] = {
    "captcha": _captcha,
    "wheezy.captcha": _wheezy,
    "claptcha": _claptcha,
    "multicolorcaptcha": _multicolorcaptcha,
}
