"""Properties of pictures with texts, and what goes with misreading."""

import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from labeling.intervals import Share, difference_interval
from tests.factories import draw
from training.recognition.picture_properties import PROPERTIES, Halves, halves, properties_of


def rgba(picture: np.ndarray) -> np.ndarray:
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def bars(ink: int = 0, paper: int = 255, gap: int = 10, lift: int = 0) -> np.ndarray:
    """Four upright bars of 6 x 20 pixels; every other one is lifted."""
    picture = np.full((40, 20 + 4 * (6 + gap), 3), paper, np.uint8)
    for number in range(4):
        left, top = 10 + number * (6 + gap), 10 - lift * (number % 2)
        picture[top : top + 20, left : left + 6] = ink
    return rgba(picture)


def of(pixels: np.ndarray, text: str = "1111") -> dict[str, float]:
    return properties_of(pixels, text)


def test_every_property_is_measured() -> None:
    assert set(of(rgba(draw("123")), "123")) == {each.name for each in PROPERTIES}


def test_paler_ink_has_less_contrast() -> None:
    assert of(bars())["contrast"] == pytest.approx(100)
    assert of(bars(ink=204))["contrast"] == pytest.approx(20, abs=0.5)


def test_thin_lines_are_a_share_of_the_ink() -> None:
    pixels = bars()
    assert of(pixels)["thin_share"] == 0
    cv2.line(pixels, (0, 35), (pixels.shape[1] - 1, 35), (0, 0, 0, 255), 1)
    assert of(pixels)["thin_share"] == pytest.approx(100 * pixels.shape[1] / (pixels.shape[1] + 480), abs=0.5)


def test_characters_that_touch_are_fewer_marks() -> None:
    assert of(bars())["marks"] == 1
    assert of(bars(gap=0))["marks"] == 0.25


def test_a_speckled_background_is_uneven() -> None:
    pixels = bars()
    noise = np.random.default_rng(0).normal(0, 12, pixels.shape[:2])
    rough = pixels.copy()
    rough[..., :3] = np.clip(rough[..., :3] - np.abs(noise)[..., None], 0, 255)
    assert of(pixels)["unevenness"] == 0
    assert of(rough)["unevenness"] > 2


def test_lifted_characters_stand_less_on_one_line() -> None:
    assert of(bars())["waviness"] == pytest.approx(0)
    assert of(bars(lift=8))["waviness"] > 10


def test_room_and_height_are_of_the_text_and_not_of_the_paper() -> None:
    near, far = of(bars(gap=4)), of(bars(gap=12))
    assert far["room"] > near["room"]
    padded = cv2.copyMakeBorder(bars(), 30, 30, 30, 30, cv2.BORDER_REPLICATE)
    assert of(padded)["height"] == pytest.approx(of(bars())["height"], abs=2)


def test_a_text_in_the_alpha_channel_is_seen_on_white() -> None:
    picture = bars()
    inked = picture[..., 0] == 0
    clear = np.zeros_like(picture)
    clear[inked, 3] = 255
    assert of(clear) == of(picture)


@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(4))),
    st.text(max_size=4),
)
def test_any_picture_has_finite_properties(pixels: np.ndarray, text: str) -> None:
    values = properties_of(pixels, text)
    assert all(np.isfinite(value) for value in values.values())
    assert json.loads(json.dumps(values)) == values


def test_what_was_found_in_real_pictures_can_be_written_down() -> None:
    values = [properties_of(rgba(draw(f"{n:03}", seed=n)), f"{n:03}") for n in range(40)]
    rows = [row.to_json() for row in halves(values, [n % 3 > 0 for n in range(40)])]
    assert rows
    assert json.loads(json.dumps(rows)) == rows


def test_what_goes_with_misreading_differs_between_the_halves() -> None:
    values = [
        dict.fromkeys([each.name for each in PROPERTIES], 1.0) | {"contrast": float(n)} for n in range(200)
    ]
    [row] = halves(values, [n > 80 for n in range(200)])
    assert (row.name, row.middle) == ("contrast", 99.5)
    assert (row.below, row.above) == (Share(19, 100), Share(100, 100))
    assert row.matters
    assert Halves.from_json(row.to_json()) == row


def test_what_chance_may_have_brought_does_not_matter() -> None:
    values = [
        dict.fromkeys([each.name for each in PROPERTIES], 1.0) | {"contrast": float(n)} for n in range(40)
    ]
    [row] = halves(values, [n % 5 > 0 for n in range(40)])
    assert not row.matters


def test_of_too_few_images_nothing_is_said() -> None:
    values = [dict.fromkeys([each.name for each in PROPERTIES], float(n)) for n in range(19)]
    assert halves(values, [True] * 19) == []
    assert halves([], []) == []


def test_the_interval_of_a_difference_is_newcombes() -> None:
    # Example (a) of table II in Newcombe's paper, method 10: 56/70 - 48/80.
    low, high = difference_interval(Share(56, 70), Share(48, 80))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
