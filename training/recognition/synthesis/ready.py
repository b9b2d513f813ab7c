"""Styles that are ready to be drawn in: the families that recognition of short texts is usually measured on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits

import cv2
import numpy as np

from training.recognition.synthesis.any_style import AnyStyle
from training.recognition.synthesis.packages import DIGITS_AND_CAPITALS, PackageStyle
from training.recognition.synthesis.style import BROAD, Centre, FontChoice, Style


@dataclass(frozen=True)
class ReadyStyle:
    """A style with the texts that belong to it."""

    name: str
    title: str
    description: str
    """One sentence for people."""
    style: AnyStyle
    alphabet: str
    lengths: tuple[int, int]


PLAIN = dataclasses.replace(
    BROAD,
    margin=(0.1, 0.1),
    stretch=(1.0, 1.0),
    uneven_spacing=0.0,
    wide=0.0,
    upright=0.0,
    slant=0.0,
    skew=(0.0, 0.0),
    slope=0.0,
    rise=0.0,
    resize=0.0,
    bent=0.0,
    thinner=0.0,
    thicker=0.0,
    hollow=0.0,
    dark=0.0,
    plain_ground=1.0,
    white_ground=0.0,
    coarse=0.0,
    blurred=0.0,
    noisy=0.0,
    compressed=0.0,
    lined=0.0,
    dotted=0.0,
)
"""Nothing happens that a family does not ask for."""

BOLD = (FontChoice("Arimo Bold", weight=2.0), FontChoice("Open Sans Bold"), FontChoice("Roboto Bold"))

USUAL = tuple(
    FontChoice(name)
    for name in (
        "Arimo", "Arimo Bold", "Tinos", "Tinos Bold", "Cousine", "Cousine Bold", "Open Sans", "Roboto",
        "Comic Neue Bold",
    )
)  # fmt: skip


def _row(count: int, x_deviation: float, y_deviation: float) -> tuple[Centre, ...]:
    """Characters in the middles of equal parts."""
    return tuple(Centre((place + 0.5) / count, 0.5, x_deviation, y_deviation) for place in range(count))


FIVE_DIGITS = dataclasses.replace(
    PLAIN,
    height=50,
    width=150,
    centres=_row(5, 0.012, 0.06),
    letter_height=(0.55, 0.7),
    fonts=USUAL,
    one_font=1.0,
    rotation=(0.0, 12.0),
    grey=0.5,
    many_colours=0.0,
    ground_brightness=(0.85, 1.0),
    ground_colourfulness=0.15,
    ink_brightness=(0.0, 0.6),
    ink_colourfulness=0.7,
    lined=1.0,
    lines=(1, 2),
    line_width=(1, 1),
    dotted=1.0,
    dots=(40, 120),
    dot_radius=(0, 0),
    behind=0.0,
    in_ink=1.0,
    blurred=0.5,
    blur=(0.005, 0.012),
)

SINGLE_CHARACTERS = dataclasses.replace(
    PLAIN,
    height=75,
    width=50,
    centres=(Centre(0.45, 0.5, 0.06, 0.02),),
    letter_height=(0.5, 0.85),
    fonts=(FontChoice("Droid Sans Mono"),),
    rotation=(30.0, 30.0),
    skew=(0.0, 0.35),
    resize=0.15,
    grey=0.0,
    contrast=0.2,
    many_colours=0.0,
    ground_brightness=(0.94, 0.99),
    ground_colourfulness=0.06,
    ink_brightness=(0.15, 0.7),
    ink_colourfulness=0.6,
    lined=1.0,
    lines=(1, 1),
    line_width=(1, 1),
    arcs=1.0,
    dotted=1.0,
    dots=(90, 90),
    dot_radius=(1, 1),
    behind=0.0,
    in_ink=1.0,
    blurred=1.0,
    blur=(0.008, 0.01),
)

SIX_DIGITS = dataclasses.replace(
    PLAIN,
    height=40,
    width=120,
    centres=_row(6, 0.0145, 0.058),
    letter_height=(0.6, 0.75),
    fonts=(FontChoice("Droid Sans Mono"), FontChoice("Cousine"), FontChoice("Roboto Mono")),
    one_font=1.0,
    rotation=(20.0, 20.0),
    grey=0.0,
    many_colours=1.0,
    ground_brightness=(0.88, 0.97),
    ground_colourfulness=0.12,
    ink_brightness=(0.15, 0.4),
    ink_colourfulness=0.6,
    lined=1.0,
    lines=(1, 1),
    line_width=(1, 1),
    arcs=0.0,
    dotted=1.0,
    dots=(60, 60),
    dot_radius=(0, 0),
    behind=0.0,
    in_ink=0.0,
    blurred=1.0,
    blur=(0.012, 0.016),
)

LETTERS = dataclasses.replace(
    PLAIN,
    height=60,
    width=60,
    centres=(Centre(0.5, 0.5, 0.06, 0.06),),
    letter_height=(0.6, 0.95),
    fonts=USUAL,
    rotation=(0.0, 12.0),
    skew=(0.0, 0.2),
    stretch=(0.85, 1.15),
    stroke=(-0.8, 1.2),
    grey=1.0,
    many_colours=0.0,
    ground_brightness=(0.75, 1.0),
    lined=0.7,
    lines=(1, 1),
    line_width=(1, 3),
    arcs=0.0,
    in_ink=1.0,
    behind=0.0,
    blurred=0.8,
    blur=(0.01, 0.025),
    noisy=0.5,
    noise=(0.0, 0.03),
    grey_noise=1.0,
)

BANDS = ((176, 4, 36), (178, 146, 4), (108, 178, 4), (178, 134, 4))
"""Four broad upright bands."""

BAND_LINES = ((10, 11, 94, 26), (18, 33, 88, 49), (11, 15, 88, 31), (24, 22, 76, 4), (20, 12, 92, 11))
"""The ends of thin lines, always the same: x, y, x, y of 100x50."""


def _banded() -> Style:
    ground = np.repeat(np.repeat(np.array(BANDS, np.uint8)[None], 25, axis=1), 50, axis=0)
    for x, y, to_x, to_y in BAND_LINES:
        cv2.line(ground, (x, y), (to_x, to_y), (255, 255, 236), 1)
    return dataclasses.replace(
        PLAIN,
        height=50,
        width=100,
        ground_picture=ground,
        inks=((255, 255, 255),),
        centres=tuple(Centre(x, 0.5, 0.035, 0.155) for x in (0.13, 0.38, 0.63, 0.88)),
        anchor="line",
        letter_height=(0.42, 0.42),
        stretch=(1.1, 1.1),
        stroke=(0.7, 0.9),
        fonts=BOLD,
        one_font=1.0,
        rotation=(25.0, 25.0),
        many_colours=0.0,
        compressed=1.0,
        jpeg=(70, 80),
    )


BANDED = _banded()

BALANCED = "2345678bcdefgmnpwxy"
"""Nineteen characters that are hard to mistake for one another."""

READY = {
    each.name: each
    for each in (
        ReadyStyle(
            "broad",
            "Everything at once",
            "Any font, ground, colour and noise, for a reader that has to begin somewhere.",
            BROAD,
            digits + ascii_uppercase + ascii_lowercase,
            (3, 8),
        ),
        ReadyStyle(
            "five-digits",
            "Five digits in equal parts",
            "Each digit stands in the middle of its fifth, a little moved and turned, under dots and a line.",
            FIVE_DIGITS,
            digits,
            (5, 5),
        ),
        ReadyStyle(
            "single-characters",
            "Single characters",
            "One digit or capital as PyPI's captcha draws it: turned, slanted, with dots and an arc in its colour.",
            SINGLE_CHARACTERS,
            DIGITS_AND_CAPITALS,
            (1, 1),
        ),
        ReadyStyle(
            "bands",
            "White letters on bands",
            "Four turned bold characters in white over coloured bands and thin lines that never change.",
            BANDED,
            digits + ascii_lowercase,
            (4, 4),
        ),
        ReadyStyle(
            "letters",
            "Single letters in grey",
            "One of nineteen characters, each equally often, blurred, often with a line across.",
            LETTERS,
            BALANCED,
            (1, 1),
        ),
        ReadyStyle(
            "six-digits",
            "Six digits in colours",
            "Each digit turned and in a colour of its own, on a pale ground with dots and a line.",
            SIX_DIGITS,
            digits,
            (6, 6),
        ),
        ReadyStyle(
            "captcha",
            "PyPI's captcha",
            "As the package captcha draws it, with its own font.",
            PackageStyle("captcha", 160, 60, (FontChoice("Droid Sans Mono"),)),
            DIGITS_AND_CAPITALS,
            (4, 6),
        ),
        ReadyStyle(
            "wheezy-captcha",
            "PyPI's wheezy.captcha",
            "As the package wheezy.captcha draws it: warped characters and a curve in one colour.",
            PackageStyle("wheezy.captcha", 200, 75, BOLD),
            DIGITS_AND_CAPITALS,
            (4, 4),
        ),
        ReadyStyle(
            "claptcha",
            "PyPI's claptcha",
            "As the package claptcha draws it: black distorted characters and a line on white.",
            PackageStyle("claptcha", 200, 80, USUAL),
            DIGITS_AND_CAPITALS,
            (4, 6),
        ),
        ReadyStyle(
            "multicolorcaptcha",
            "PyPI's multicolorcaptcha",
            "As the package multicolorcaptcha draws it: four characters on squares of colour, in fonts of its own.",
            PackageStyle("multicolorcaptcha", 256, 64),
            DIGITS_AND_CAPITALS,
            (4, 4),
        ),
    )
}
"""Ready styles by their names."""
