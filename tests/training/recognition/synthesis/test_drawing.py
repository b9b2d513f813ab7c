"""Drawn texts: what they look like, and that a seed decides it."""

import dataclasses
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest
from captcha.image import DEFAULT_FONTS
from hypothesis import given, settings
from hypothesis import strategies as st

from training.recognition.synthesis.drawing import draw
from training.recognition.synthesis.style import BROAD
from training.recognition.synthesis.typefaces import SIZES, Typeface, UnusableFont

FACE = Typeface(Path(DEFAULT_FONTS[0]))

CLEAN = dataclasses.replace(
    BROAD,
    text_height=(0.6, 0.8),
    spacing=(0.1, 0.2),
    wide=0.0,
    upright=1.0,
    slant=0.0,
    bent=0.0,
    thinner=0.0,
    thicker=0.0,
    hollow=0.0,
    grey=1.0,
    dark=0.0,
    plain_ground=1.0,
    white_ground=1.0,
    contrast=0.7,
    lined=0.0,
    dotted=0.0,
    coarse=0.0,
    blurred=0.0,
    noisy=0.0,
    compressed=0.0,
)
"""Dark grey characters on white and nothing else."""


def test_a_seed_decides_the_picture() -> None:
    one, same, other = (draw("a1B2", [FACE], BROAD, Random(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert one.shape != other.shape or (one != other).any()


@settings(max_examples=60, deadline=None)
@given(
    text=st.text("0123456789abcXYZgjW", min_size=1, max_size=8),
    seed=st.integers(0, 10_000),
    height=st.integers(16, 80),
)
def test_any_text_fits_into_the_styles_size(text: str, seed: int, height: int) -> None:
    style = dataclasses.replace(BROAD, height=height, max_width=5 * height)
    picture = draw(text, [FACE], style, Random(seed))
    assert picture.dtype == np.uint8
    assert picture.shape[0] == height
    assert 1 <= picture.shape[1] <= 5 * height
    assert picture.shape[2] == 3


@pytest.mark.parametrize("text", ["HLT", "EHEH", "LTCEFH"])
def test_every_character_leaves_its_ink_apart_from_the_others(text: str) -> None:
    for seed in range(20):
        picture = draw(text, [FACE], CLEAN, Random(seed))
        ink = (picture.max(axis=2) < 160).astype(np.uint8)
        assert cv2.connectedComponents(ink)[0] - 1 == len(text)


def test_texts_are_as_high_as_the_style_says() -> None:
    for seed in range(20):
        rows = (draw("HH", [FACE], CLEAN, Random(seed)).min(axis=(1, 2)) < 200).nonzero()[0]
        assert 0.6 * 40 - 3 <= rows[-1] - rows[0] + 1 <= 0.8 * 40 + 3


def test_a_coloured_text_may_have_a_colour_per_character() -> None:
    style = dataclasses.replace(CLEAN, grey=0.0, many_colours=1.0)
    picture = draw("HHHHHH", [FACE], style, Random(3))
    inks = picture[(picture.min(axis=2) < 120) | (np.ptp(picture, axis=2) > 60)]
    assert len(np.unique(inks.reshape(-1, 3), axis=0)) >= 6


@pytest.mark.parametrize("size", SIZES)
def test_a_glyph_is_cut_to_its_ink(size: int) -> None:
    mask = FACE.glyph("H", size).mask
    assert all(edge.any() for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))


def test_a_font_tells_what_it_can_write() -> None:
    assert FACE.writes("a\u3042Z9\U0001f600") == "aZ9"


def test_what_is_no_font_is_refused_by_name(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    with pytest.raises(UnusableFont, match=r"broken\.ttf is not a font"):
        Typeface(broken)
