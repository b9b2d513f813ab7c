"""Styles: as JSON and back, and what makes no sense is refused in a sentence."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.recognition.synthesis.style import BROAD, Centre, FontChoice, Range, Style

SHARES = st.floats(0, 1)
NUMBERS = st.floats(-5, 5)


def ranges(least: float, most: float) -> st.SearchStrategy[Range]:
    return st.tuples(st.floats(least, most), st.floats(least, most)).map(lambda both: (min(both), max(both)))


@st.composite
def styles(draw: st.DrawFn) -> Style:
    height, width = draw(st.integers(4, 40)), draw(st.none() | st.integers(4, 60))
    ground = None if width is None else draw(st.none() | arrays(np.uint8, (height, width, 3)))
    cover = None if width is None else draw(st.none() | arrays(np.uint8, (height, width, 4)))
    channels = st.integers(0, 255)
    return Style(
        height=height,
        width=width,
        centres=tuple(draw(st.lists(st.builds(Centre, NUMBERS, NUMBERS, SHARES, SHARES), max_size=4))),
        scatter=draw(st.sampled_from(("even", "normal"))),
        anchor=draw(st.sampled_from(("ink", "line"))),
        letter_height=draw(st.none() | ranges(0.1, 2)),
        stroke=draw(ranges(-3, 3)),
        fonts=tuple(
            draw(st.lists(st.builds(FontChoice, st.text(), st.text(), st.floats(0.1, 9)), max_size=3))
        ),
        ground_picture=ground,
        cover=cover,
        inks=tuple(draw(st.lists(st.tuples(channels, channels, channels), max_size=3))),
        ink_jitter=draw(SHARES),
        rotation=draw(ranges(0, 180)),
        lines=draw(st.tuples(st.integers(0, 3), st.integers(3, 9))),
        grey=draw(SHARES),
    )


@settings(max_examples=100, deadline=None)
@given(styles())
def test_a_style_comes_back_from_json_as_it_was(style: Style) -> None:
    text = json.dumps(style.to_json(), allow_nan=False)
    assert Style.from_json(json.loads(text)) == style


def test_what_json_does_not_name_has_its_default() -> None:
    assert Style.from_json({"height": 50}) == dataclasses.replace(BROAD, height=50)


def test_styles_that_differ_in_a_pixel_are_not_equal() -> None:
    ground = np.zeros((20, 30, 3), np.uint8)
    one = Style(height=20, width=30, ground_picture=ground)
    ground = ground.copy()
    ground[3, 4, 1] = 1
    assert one != dataclasses.replace(one, ground_picture=ground)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"colour": 3}, "no value named 'colour'"),
        ({"height": "high"}, "height of this style cannot be read: 'high' is no number"),
        ({"height": 20.5}, "height of this style cannot be read: 20.5 is no whole number"),
        ({"height": True}, "height of this style cannot be read"),
        ({"height": 10**9}, "height is 1000000000; it lies between"),
        ({"height": 10**400}, "height of this style cannot be read: int too large"),
        ({"grey": 1.5}, r"grey is 1\.5; it lies between 0\.0 and 1\.0"),
        ({"grey": float("nan")}, "grey is nan"),
        ({"blur": [0.2, 0.1]}, "blur is .* lowest and a highest"),
        ({"blur": [0.1]}, "blur of this style cannot be read"),
        ({"blur": 0.1}, "blur of this style cannot be read: '0.1' is no list"),
        ({"stroke": [float("-inf"), 0]}, "stroke is"),
        ({"scatter": "wild"}, "scatter is 'wild'; it is one of even, normal"),
        ({"inks": [[0, 0, 300]]}, "outside of 0 to 255"),
        ({"inks": [[0, 0]]}, "inks of this style cannot be read"),
        ({"centres": [{"x": 1}]}, "centres of this style cannot be read"),
        ({"centres": [{"x": 1, "y": 1, "z": 1}]}, "'z' is no part of it"),
        ({"centres": [{"x": 0.5, "y": 0.5, "x_deviation": -1}]}, "centre 1 is"),
        ({"fonts": [{"name": "a", "weight": 0}]}, "one of them is more than 0"),
        ({"fonts": ["a"]}, "fonts of this style cannot be read: 'a' is no object"),
        ({"cover": "no base64!"}, "cover of this style cannot be read: it is no base64"),
        ({"cover": "AAAA"}, "cover of this style cannot be read"),
        ({"ground_picture": BROAD.to_json()}, "ground_picture of this style cannot be read"),
    ],
)
def test_values_that_make_no_sense_are_refused_in_a_sentence(
    values: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        Style.from_json(values)


def test_a_ground_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ground_picture is of shape \(20, 30, 3\)"):
        Style(height=20, width=31, ground_picture=np.zeros((20, 30, 3), np.uint8))
