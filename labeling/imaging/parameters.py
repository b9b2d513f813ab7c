"""Typed, bounded parameters of preprocessing steps and slicings, and their reading from JSON.

A step or a slicing is a frozen dataclass whose fields are made with `choice`, `whole_number`, `share`,
`small_png` or `image_count`. The
same field description validates JSON, and gives a page what it needs to draw a form
(`dataclasses.fields(cls)`, then `field.metadata["parameter"]`).
"""

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, ClassVar, Protocol, TypeVar

from labeling.imaging.decode import DecodedImage, UnreadableImage, decode_image

MAX_PNG_CHARACTERS = 100_000
"""How long a picture inside a recipe may be: the recipe travels with every version, export and page."""

MAX_PNG_PIXELS = 1_000_000


class InvalidRecipe(ValueError):
    """A recipe, a step or a slicing that cannot be used; the message is a sentence for people."""


class Parameter(Protocol):
    """What a value may be. `check` returns the value, or raises InvalidRecipe."""

    @property
    def help(self) -> str: ...

    def check(self, owner: str, name: str, value: object) -> object: ...


@dataclass(frozen=True)
class Choice:
    """One of some given values."""

    values: tuple[Any, ...]
    help: str

    def check(self, owner: str, name: str, value: object) -> object:
        if isinstance(value, bool) or value not in self.values:
            allowed = ", ".join(str(one) for one in self.values)
            raise InvalidRecipe(f"{owner}: {name} is {value!r}; choose one of {allowed}.")
        return value


@dataclass(frozen=True)
class WholeNumber:
    """An int from `low` to `high`, both included."""

    low: int
    high: int
    help: str

    def check(self, owner: str, name: str, value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise InvalidRecipe(
                f"{owner}: {name} is {value!r}; give a whole number from {self.low} to {self.high}."
            )
        return value


@dataclass(frozen=True)
class ImageCount(WholeNumber):
    """How many images an estimate comes from: people read it, a program sets it."""


@dataclass(frozen=True)
class Share:
    """A float from 0 to 1, both included."""

    help: str

    def check(self, owner: str, name: str, value: object) -> object:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not 0 <= value <= 1:  # type: ignore[arg-type,operator]
            raise InvalidRecipe(f"{owner}: {name} is {value!r}; give a number from 0 to 1.")
        return float(value)  # type: ignore[arg-type]


@lru_cache(maxsize=16)
def read_png(text: str) -> DecodedImage:
    """What a SmallPng holds. Recipes are read for every image, so the last few are remembered.

    Raises binascii.Error or UnreadableImage.
    """
    return decode_image(base64.b64decode(text, validate=True), max_pixels=MAX_PNG_PIXELS)


@dataclass(frozen=True)
class SmallPng:
    """A PNG file as base64 text of at most MAX_PNG_CHARACTERS, or an empty text."""

    help: str

    def check(self, owner: str, name: str, value: object) -> object:
        if not isinstance(value, str) or len(value) > MAX_PNG_CHARACTERS:
            raise InvalidRecipe(
                f"{owner}: {name} must be a PNG file as base64 text of at most {MAX_PNG_CHARACTERS:,} characters."
            )
        try:
            if value and read_png(value).format != "PNG":
                raise InvalidRecipe(f"{owner}: {name} is no PNG file but one of another format.")
        except (binascii.Error, UnreadableImage) as error:
            raise InvalidRecipe(f"{owner}: {name} is no PNG file as base64 text: {error}") from error
        return value


def choice(*values: Any, default: Any, help: str) -> Any:
    return field(default=default, metadata={"parameter": Choice(values, help)})


def whole_number(low: int, high: int, *, default: int, help: str) -> Any:
    return field(default=default, metadata={"parameter": WholeNumber(low, high, help)})


def image_count(*, help: str) -> Any:
    return field(default=0, metadata={"parameter": ImageCount(0, 1_000_000, help)})


def share(*, default: float, help: str) -> Any:
    return field(default=default, metadata={"parameter": Share(help)})


def small_png(*, help: str) -> Any:
    return field(default="", metadata={"parameter": SmallPng(help)})


@dataclass(frozen=True)
class Configured:
    """Base of steps and slicings: a name, a sentence on what it does, and parameters as dataclass fields."""

    kind: ClassVar[str]
    """The key that carries the name in JSON: "step" or "slicing"."""
    name: ClassVar[str]
    summary: ClassVar[str]

    def __post_init__(self) -> None:
        for one in fields(self):
            parameter: Parameter = one.metadata["parameter"]
            checked = parameter.check(self.name, one.name, getattr(self, one.name))
            object.__setattr__(self, one.name, checked)

    def to_json(self) -> dict[str, Any]:
        return {self.kind: self.name} | {one.name: getattr(self, one.name) for one in fields(self)}


ConfiguredType = TypeVar("ConfiguredType", bound=Configured)


def from_json(kind: str, classes: Mapping[str, type[ConfiguredType]], value: object) -> ConfiguredType:
    """The step or slicing that a JSON object such as {"step": "median", "size": 3} describes.

    Left-out parameters take their defaults. Raises InvalidRecipe for anything else that is not as described.
    """
    if not isinstance(value, Mapping):
        raise InvalidRecipe(f'A {kind} must be an object such as {{"{kind}": NAME}}, not {value!r}.')
    name = value.get(kind)
    if not isinstance(name, str) or name not in classes:
        raise InvalidRecipe(f"There is no {kind} named {name!r}; choose one of {', '.join(classes)}.")
    given = {str(key): given for key, given in value.items() if key != kind}
    known = [one.name for one in fields(classes[name])]
    if unknown := [key for key in given if key not in known]:
        takes = f"takes {', '.join(known)}" if known else "takes no parameters"
        raise InvalidRecipe(f"{name}: there is no parameter {unknown[0]!r}; this {kind} {takes}.")
    return classes[name](**given)
