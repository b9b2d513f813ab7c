"""The numbers of a style that a simulation may turn, each as one number."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.style import Centre, Range, Style

Values = NDArray[np.float64]
"""One for each knob."""


@dataclass(frozen=True)
class Knob:
    """A number between `low` and `high` that starts at `start` and is first looked for within `spread` of it; `turn`
    sets it in a style."""

    name: str
    start: float
    spread: float
    low: float
    high: float
    turn: Callable[[Style, float], Style]


def turned(style: Style, knobs: Sequence[Knob], values: Values) -> Style:
    """The style with all knobs at these values, within their bounds."""
    for knob, value in zip(knobs, values, strict=True):
        style = knob.turn(style, float(np.clip(value, knob.low, knob.high)))
    return style


def knobs_of(style: Style) -> list[Knob]:
    """What can be turned in a fitted style; what it does without stays off."""
    assert style.letter_height is not None
    knobs = [
        Knob("size", 1.0, 0.08, 0.6, 1.6, _size),
        Knob("size_spread", _half(style.letter_height), 0.02, 0.0, 0.2, _size_spread),
        Knob(
            "stretch",
            _middle(style.stretch),
            0.08,
            0.6,
            1.6,
            lambda s, v: _set(s, stretch=_about(v, s.stretch)),
        ),
        Knob("stroke", style.stroke[0], 0.5, -2.0, 5.0, lambda s, v: _set(s, stroke=(v, v))),
        Knob("crisp", style.crisp, 0.3, 0.0, 1.0, lambda s, v: _set(s, crisp=v)),
        Knob("blur", style.blur[0], 0.006, 0.0, 0.06, lambda s, v: _set(s, blur=(v, v))),
        Knob("turn", style.rotation[1], 5.0, 0.0, 60.0, lambda s, v: _set(s, rotation=(v, v))),
        Knob("skew", style.skew[1], 0.06, 0.0, 0.6, lambda s, v: _set(s, skew=(v, v))),
        Knob("slant", style.slant, 3.0, 0.0, 30.0, lambda s, v: _set(s, slant=v)),
        Knob("resize", style.resize, 0.03, 0.0, 0.4, lambda s, v: _set(s, resize=v)),
    ]
    if style.noisy > 0:
        knobs.append(Knob("noise", style.noise[1], 0.004, 0.0, 0.1, lambda s, v: _set(s, noise=(v, v))))
    if style.centres:
        knobs += [
            Knob("scatter_across", 1.0, 0.15, 0.2, 3.0, lambda s, v: _scatter(s, v, 1.0)),
            Knob("scatter_down", 1.0, 0.15, 0.2, 3.0, lambda s, v: _scatter(s, 1.0, v)),
            Knob("move_across", 0.0, 0.01, -0.1, 0.1, lambda s, v: _move(s, v, 0.0)),
            Knob("move_down", 0.0, 0.02, -0.2, 0.2, lambda s, v: _move(s, 0.0, v)),
        ]
    else:
        knobs += [
            *_range_knobs(style, "spacing", 0.05, 0.04, -0.6, 3.0),
            *_range_knobs(style, "down", 0.08, 0.08, 0.0, 1.0),
            Knob("uneven", style.uneven_spacing, 0.03, 0.0, 0.4, lambda s, v: _set(s, uneven_spacing=v)),
            Knob("rise", style.rise, 0.08, 0.0, 1.0, lambda s, v: _set(s, rise=v)),
            Knob("slope", style.slope, 0.03, 0.0, 0.3, lambda s, v: _set(s, slope=v)),
        ]
        across = "across" if style.width is not None else "margin"
        knobs += _range_knobs(style, across, 0.08, 0.08, 0.0, 1.0 if across == "across" else 6.0)
    if style.lined > 0:
        knobs.append(Knob("lines", 1.0, 0.3, 0.2, 4.0, _lines))
    return knobs


def _set(style: Style, **values: object) -> Style:
    return dataclasses.replace(style, **values)  # type: ignore[arg-type]


def _middle(values: Range) -> float:
    return (values[0] + values[1]) / 2


def _half(values: Range) -> float:
    return (values[1] - values[0]) / 2


def _about(middle: float, like: Range) -> Range:
    """A range as wide as another about a middle."""
    return middle - _half(like), middle + _half(like)


def _size(style: Style, value: float) -> Style:
    assert style.letter_height is not None
    return _set(style, letter_height=_about(_middle(style.letter_height) * value, style.letter_height))


def _size_spread(style: Style, value: float) -> Style:
    assert style.letter_height is not None
    middle = _middle(style.letter_height)
    reach = min(value, 0.5 * middle)
    return _set(style, letter_height=(middle - reach, middle + reach))


def _scatter(style: Style, across: float, down: float) -> Style:
    return _set(
        style,
        centres=tuple(Centre(c.x, c.y, c.x_deviation * across, c.y_deviation * down) for c in style.centres),
    )


def _move(style: Style, across: float, down: float) -> Style:
    return _set(
        style, centres=tuple(dataclasses.replace(c, x=c.x + across, y=c.y + down) for c in style.centres)
    )


def _range_knobs(style: Style, name: str, move: float, widen: float, low: float, high: float) -> list[Knob]:
    """The middle of a range and half its width."""
    values: Range = getattr(style, name)

    def to_middle(each: Style, value: float) -> Style:
        half = _half(getattr(each, name))
        return _set(each, **{name: (max(value - half, low), min(value + half, high))})

    def to_half(each: Style, value: float) -> Style:
        middle = _middle(getattr(each, name))
        return _set(each, **{name: (max(middle - value, low), min(middle + value, high))})

    return [
        Knob(name, _middle(values), move, low, high, to_middle),
        Knob(f"{name}_spread", _half(values), widen, 0.0, (high - low) / 2, to_half),
    ]


def _lines(style: Style, value: float) -> Style:
    low, high = style.lines
    return _set(style, lines=(max(1, round(low * value)), max(1, round(high * value))))
