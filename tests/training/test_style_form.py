"""A style as a form: every value is there, and what is not changed comes back as it was."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.recognition.synthesis.style import Centre, FontChoice, Style
from training.style_form import StyleForm

STYLE = Style(
    height=20,
    width=60,
    ground_picture=np.full((20, 60, 3), 200, np.uint8),
    cover=np.zeros((20, 60, 4), np.uint8),
    inks=((255, 255, 255), (0, 128, 7)),
    centres=(Centre(0.25, 0.5, 0.01, 0.02), Centre(0.75, 0.5)),
    letter_height=(0.5, 0.6),
    fonts=(FontChoice("DejaVu Sans", "ab", 2.0), FontChoice("DejaVu Serif", "cd", 0.5)),
    stroke=(-0.5, 1.0),
)


def posted(form: StyleForm, **changes: Any) -> dict[str, Any]:
    """What a browser sends of a form that nobody touched, but for `changes`; None leaves a field out."""
    values = {
        field.name: "on" if field.value() is True else field.value()
        for field in form
        if field.value() is not None and field.value() is not False
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def sent(style: Style, **changes: Any) -> StyleForm:
    values = style.to_json()
    return StyleForm(values, posted(StyleForm(values), **changes))


def test_every_value_of_a_style_has_a_field() -> None:
    form = StyleForm(STYLE.to_json())
    shown = {value.name for _, values in form.groups for value in values}
    assert shown == {field.name for field in fields(Style)}


@pytest.mark.parametrize("style", [STYLE, Style()])
def test_a_form_that_nobody_touched_describes_the_same_style(style: Style) -> None:
    form = sent(style)
    assert form.is_valid(), form.errors
    assert Style.from_json(form.to_json()) == style


@given(
    rotation=st.tuples(st.integers(0, 90), st.integers(90, 180)),
    slant=st.integers(0, 80),
    ink=st.tuples(*[st.integers(0, 255)] * 3),
)
def test_what_is_changed_is_in_the_style(
    rotation: tuple[int, int], slant: int, ink: tuple[int, int, int]
) -> None:
    form = sent(
        STYLE,
        rotation_low=str(rotation[0]),
        rotation_high=str(rotation[1]),
        slant=str(slant),
        inks="#{:02x}{:02x}{:02x}".format(*ink),
    )
    assert form.is_valid(), form.errors
    style = Style.from_json(form.to_json())
    assert (style.rotation, style.slant, style.inks) == (rotation, slant, (ink,))


def test_fixed_pictures_and_fonts_can_be_let_go() -> None:
    form = sent(STYLE, ground_picture=None, cover=None, fonts_1="0", centres="", letter_height_low=None,
                letter_height_high=None)  # fmt: skip
    assert form.is_valid(), form.errors
    style = Style.from_json(form.to_json())
    assert style.ground_picture is None
    assert style.cover is None
    assert [font.weight for font in style.fonts] == [2.0, 0.0]
    assert style.centres == ()
    assert style.letter_height is None


@pytest.mark.parametrize(
    "changes",
    [
        {"height": "0"},
        {"height": "x"},
        {"height": "21"},
        {"rotation_low": "30", "rotation_high": "10"},
        {"rotation_low": "nan"},
        {"rotation_high": "1e999"},
        {"letter_height_low": None},
        {"inks": "#12"},
        {"inks": "#fff " * 100},
        {"centres": "0.5 0.5"},
        {"centres": "a b c d"},
        {"centres": "0.5 0.5 -1 0"},
        {"fonts_0": "0", "fonts_1": "0"},
        {"fonts_0": "-1"},
        {"scatter": "wild"},
        {"wide": "2"},
    ],
)
def test_values_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    form = sent(STYLE, **changes)
    assert not form.is_valid()
    assert all(str(error) for errors in form.errors.values() for error in errors)


def test_a_cover_cannot_come_out_of_nothing() -> None:
    form = sent(Style(), cover="on")
    assert form.is_valid()
    assert form.to_json()["cover"] is None
