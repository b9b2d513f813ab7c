"""From estimates of single things to a first style."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.fitting.gathering import Gathered
from training.recognition.synthesis.fitting.ground import Ground
from training.recognition.synthesis.fitting.ink import Ink, InkMap
from training.recognition.synthesis.fitting.lines import Lines
from training.recognition.synthesis.fitting.marks import Mark, Marks
from training.recognition.synthesis.fitting.placing import Placing
from training.recognition.synthesis.fitting.ranking import Ranking
from training.recognition.synthesis.style import Colour, FontChoice, Range, Style
from training.recognition.synthesis.typefaces import EM

MOST_GROUNDS = 48
"""So many observed colours stand for grounds that are drawn at random."""

BELIEVED = 0.4
"""Share of the turns and slants that is believed of characters that were cut out."""

LEAST_TURN, LEAST_SLANT = 5.0, 0.1
"""Degrees, and width by height: less cannot be told from none."""

LEAST_GRAIN = 0.004
"""Less grain than this share of 255 is none."""


@dataclass(frozen=True)
class Estimates:
    """Everything that was told from the pictures before anything was drawn."""

    gathered: Gathered
    ground: Ground
    ink: Ink
    maps: list[InkMap]
    lines: Lines
    marks: Marks
    ranking: Ranking
    placing: Placing
    turn: float
    slant: float
    stretch: float
    quality: int | None
    grain: float
    lengths: list[int]


def lengths_of(marks: Marks, min_length: int, max_length: int) -> list[int]:
    """The lengths of texts, as often as they seem to occur; every one at least once."""
    per_picture = Counter(mark.picture for mark in marks.marks)
    seen = [count for count in per_picture.values() if min_length <= count <= max_length]
    everyone = list(range(min_length, max_length + 1))
    if marks.cut or len(seen) < 30:
        return everyone
    counted = Counter(seen)
    return everyone + [length for length in everyone for _ in range(round(20 * counted[length] / len(seen)))]


def first_style(estimates: Estimates) -> Style:
    """The style that the estimates ask for."""
    ground, ink, placing, lines = estimates.ground, estimates.ink, estimates.placing, estimates.lines
    gathered, matches = estimates.gathered, estimates.ranking.matches
    height = gathered.height
    widths = [each.shape[1] for each in gathered.pictures]
    across, down, margin = _room(estimates.marks.marks, estimates.maps)
    fixed = ground.picture is not None
    style = Style(
        height=height,
        width=gathered.width,
        max_width=gathered.width or int(np.quantile(widths, 0.99)),
        centres=placing.centres,
        scatter=placing.scatter,
        anchor=placing.anchor,
        letter_height=(placing.em[0] / height, placing.em[1] / height),
        margin=(0.0, 0.0) if gathered.width is not None else margin,
        across=across,
        down=down,
        stretch=(0.97 * estimates.stretch, 1.03 * estimates.stretch),
        spacing=placing.spacing,
        wide=0.0,
        uneven_spacing=placing.uneven,
        fonts=_choices(estimates.ranking),
        one_font=estimates.ranking.one_font,
        rotation=(estimates.turn, estimates.turn),
        upright=0.0,
        slant=0.0,
        resize=0.03,
        skew=(estimates.slant, estimates.slant),
        rise=placing.rise,
        slope=0.0,
        bend=(0.0, 0.0),
        bent=0.0,
        # An outline that moves outwards by a pixel of the EM makes strokes wider by two.
        stroke=(2 * matches.stroke * float(np.median(matches.em)) / EM,) * 2,
        crisp=0.1,
        thinner=0.0,
        thicker=0.0,
        hollow=0.0,
        ground_picture=ground.picture,
        grounds=() if fixed else _few(ground.colours),
        inks=_colours(ink.colours),
        ink_jitter=ink.jitter,
        grey=0.0,
        many_colours=1.0 if ink.many else 0.0,
        dark=0.0,
        plain_ground=1.0,
        white_ground=0.0,
        contrast=0.2,
        lines=lines.count,
        lined=lines.share,
        line_inks=_colours(lines.colours),
        line_width=(max(1, int(lines.width)), max(1, round(lines.width + 0.3))),
        dots=(0, 0),
        dotted=0.0,
        coarse=0.0,
        blur=(0.006, 0.006),
        blurred=1.0,
        noise=(estimates.grain, estimates.grain),
        noisy=1.0 if estimates.grain > LEAST_GRAIN else 0.0,
        jpeg=(estimates.quality or 95, estimates.quality or 95),
        compressed=1.0 if estimates.quality is not None else 0.0,
    )
    return style if style.noisy else dataclasses.replace(style, noise=(0.0, 0.0))


def _choices(ranking: Ranking) -> tuple[FontChoice, ...]:
    return tuple(
        dataclasses.replace(each.font.choice, weight=round(each.weight, 3))
        for each in ranking.fonts
        if each.weight > 0
    )


def _room(marks: list[Mark], maps: list[InkMap]) -> tuple[Range, Range, Range]:
    """Where texts stand: shares of the free width that is left of them and of the free height above, and margins as
    shares of the height."""
    of_picture: dict[int, list[Mark]] = {}
    for mark in marks:
        of_picture.setdefault(mark.picture, []).append(mark)
    across, down, margins = [], [], []
    for picture, found in of_picture.items():
        height, width = maps[picture].shape
        left, right = min(m.box.left for m in found), max(m.box.right for m in found)
        top, bottom = min(m.box.top for m in found), max(m.box.bottom for m in found)
        across.append(left / max(width - (right - left), 1))
        down.append(top / max(height - (bottom - top), 1))
        margins += [left / height, (width - right) / height]
    return _inner(across), _inner(down), _inner(margins)


def _inner(values: list[float]) -> Range:
    low, high = np.quantile(values, (0.08, 0.92)) if values else (0.0, 1.0)
    return float(low), float(high)


def _few(colours: NDArray[np.float32]) -> tuple[Colour, ...]:
    """The colour where all are alike, else some of them."""
    middle = np.median(colours, axis=0)
    if np.abs(colours - middle).max() <= 3:
        return _colours(np.rint(middle)[None].astype(np.uint8))
    chosen = np.linspace(0, len(colours) - 1, min(MOST_GROUNDS, len(colours))).astype(int)
    return _colours(np.rint(colours[chosen]).clip(0, 255).astype(np.uint8))


def _colours(colours: NDArray[np.uint8]) -> tuple[Colour, ...]:
    return tuple((int(red), int(green), int(blue)) for red, green, blue in colours)


def turns_of(ranking: Ranking, cut: bool = False) -> tuple[float, float, float]:
    """The largest turn in degrees, the largest slant, and the usual stretch of characters.

    Of an even distribution the middle four fifths are 1.6 times as wide as its reach.
    Characters that had to be `cut` out have lost and got ends, which look like turns: less than half is believed.
    """
    matches, sure = ranking.matches, ranking.sure
    low, high = np.quantile(matches.turns[sure], (0.1, 0.9))
    turn, slant = float(high - low) / 1.6, float(np.quantile(np.abs(matches.slants[sure]), 0.75))
    believed = BELIEVED if cut else 1.0
    return (
        believed * turn if turn > LEAST_TURN else 0.0,
        believed * slant if slant > LEAST_SLANT else 0.0,
        float(np.mean(matches.stretches[sure])),
    )
