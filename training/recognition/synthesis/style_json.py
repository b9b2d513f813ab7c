"""Styles as JSON and back."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from labeling.imaging.decode import UnreadableImage, decode_image
from training.recognition.synthesis.style_parts import Centre, FontChoice

if TYPE_CHECKING:
    from training.recognition.synthesis.style import Style

PICTURES = {"ground_picture": 3, "cover": 4}
"""Values that are pictures, and how many channels they have."""

COLOURS = ("grounds", "inks", "line_inks")
"""Values that are several colours."""

MANY = {"centres": Centre, "fonts": FontChoice}
"""Values that are several of a small class."""


def to_json(style: Style) -> dict[str, object]:
    """Every value by its name; pictures are base64 of a PNG."""
    return {field.name: _value(field.name, getattr(style, field.name)) for field in dataclasses.fields(style)}


def _value(name: str, value: object) -> object:
    if isinstance(value, np.ndarray):
        return _packed(value)
    if name in MANY:
        assert isinstance(value, tuple)
        return [dataclasses.asdict(each) for each in value]
    if isinstance(value, tuple):
        return [list(each) if isinstance(each, tuple) else each for each in value]
    return value


def _packed(picture: NDArray[np.uint8]) -> str:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def from_json(kind: type[Style], values: Mapping[str, object]) -> dict[str, Any]:
    """Arguments of a style. Raises ValueError with a sentence."""
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    unknown = sorted(set(values) - set(defaults))
    if unknown:
        raise ValueError(f"A style has no value named {unknown[0]!r}.")
    return {name: _read(name, value, defaults[name]) for name, value in values.items()}


def _read(name: str, value: object, default: object) -> object:
    try:
        if value is None and name in ("width", "letter_height", "line_width", *PICTURES):
            return None
        if name in PICTURES:
            return _unpacked(value, PICTURES[name])
        if name in MANY:
            return tuple(_small(MANY[name], each) for each in _list(value))
        if name in COLOURS:
            return tuple(_colour(each) for each in _list(value))
        if isinstance(default, str):
            return _text(value)
        if name == "width" or (isinstance(default, int) and not isinstance(default, bool)):
            return _whole(value)
        if isinstance(default, float):
            return _number(value)
        lowest, highest = _list(value)
        number = _whole if isinstance(default, tuple) and isinstance(default[0], int) else _number
        return (number(lowest), number(highest))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} of this style cannot be read: {error}.") from error


def _list(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"{str(value)[:40]!r} is no list")
    return list(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]!r} is no text")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{str(value)[:40]!r} is no number")
    return float(value)


def _whole(value: object) -> int:
    number = _number(value)
    if not number.is_integer():
        raise ValueError(f"{value} is no whole number")
    return int(number)


def _colour(value: object) -> tuple[int, int, int]:
    red, green, blue = map(_whole, _list(value))
    return red, green, blue


def _small(kind: type[Centre] | type[FontChoice], value: object) -> Centre | FontChoice:
    if not isinstance(value, dict):
        raise TypeError(f"{str(value)[:40]!r} is no object with names")
    if unknown := set(value) - {field.name for field in dataclasses.fields(kind)}:
        raise ValueError(f"{min(map(str, unknown))!r} is no part of it")
    read: dict[str, Any] = {
        name: _text(each) if name in ("name", "fingerprint") else _number(each)
        for name, each in value.items()
    }
    return kind(**read)


def _unpacked(value: object, channels: int) -> NDArray[np.uint8]:
    try:
        return decode_image(base64.b64decode(_text(value), validate=True)).pixels[:, :, :channels]
    except binascii.Error as error:
        raise ValueError("it is no base64") from error
    except UnreadableImage as error:
        raise ValueError(str(error).rstrip(".")) from error
