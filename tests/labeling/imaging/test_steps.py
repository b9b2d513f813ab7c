"""Preprocessing steps."""

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.imaging.arrays import Picture, Pixels
from labeling.imaging.fixed_noise import estimate_fixed
from labeling.imaging.parameters import InvalidRecipe
from labeling.imaging.steps import FLAT, MAX_STEPS, STEPS, apply_steps, parse_steps
from tests.labeling.imaging.pictures import pixels_of_any_size, solid, with_fixed_lines

GREY = {"step": "channel", "channel": "grey"}

later_steps = st.one_of(
    st.builds(
        lambda left, top, right, bottom: {
            "step": "crop",
            "left": left,
            "top": top,
            "right": right,
            "bottom": bottom,
        },
        *[st.integers(0, 30)] * 4,
    ),
    st.sampled_from(
        [{"step": "invert"}, {"step": "autocontrast"}, {"step": "otsu"}, {"step": "median", "size": 3}]
    ),
    st.builds(
        lambda width, height, mode: {"step": "resize", "width": width, "height": height, "mode": mode},
        *[st.integers(4, 40)] * 2,
        st.sampled_from(["stretch", "pad"]),
    ),
    st.sampled_from([estimate_fixed(with_fixed_lines(20), method).to_json() for method in ("and", "mean")]),
    st.builds(lambda value: {"step": "threshold", "value": value}, st.floats(0, 1)),
    st.builds(
        lambda name, size: {"step": name, "size": size},
        st.sampled_from(["erode", "dilate", "open", "close"]),
        st.sampled_from([3, 5]),
    ),
)
channel_steps = st.builds(
    lambda channel: {"step": "channel", "channel": channel},
    st.sampled_from(["grey", "colour", "red", "green", "blue", "alpha"]),
)
recipes = st.builds(
    lambda channel, others: [channel, *others],
    channel_steps,
    st.lists(later_steps, max_size=4),
)


def prepared(pixels: Pixels, *steps: dict[str, Any]) -> Picture:
    return apply_steps(pixels, parse_steps([GREY, *steps]))


def dotted(dot: int, ground: int) -> Pixels:
    """A 7x7 image with one different pixel in the middle."""
    pixels = solid(ground, ground, ground, height=7, width=7)
    pixels[3, 3, :3] = dot
    return pixels


def refusal(steps: object) -> str:
    with pytest.raises(InvalidRecipe) as caught:
        parse_steps(steps)
    return str(caught.value)


@settings(max_examples=150, deadline=None)
@given(pixels_of_any_size, recipes)
def test_any_recipe_gives_a_float32_picture_from_0_to_1(pixels: Pixels, steps: list[dict[str, Any]]) -> None:
    picture = apply_steps(pixels, parse_steps(steps))
    assert picture.dtype == np.float32
    assert picture.ndim == 3
    assert picture.shape[2] == (3 if steps[0]["channel"] == "colour" else 1)
    assert picture.size >= picture.shape[2]
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert picture.flags.c_contiguous


@settings(max_examples=50, deadline=None)
@given(pixels_of_any_size, recipes)
def test_no_step_changes_the_pixels_it_was_given(pixels: Pixels, steps: list[dict[str, Any]]) -> None:
    before = pixels.copy()
    apply_steps(pixels, parse_steps(steps))
    assert np.array_equal(pixels, before)


@settings(max_examples=50, deadline=None)
@given(recipes)
def test_steps_survive_json(steps: list[dict[str, Any]]) -> None:
    parsed = parse_steps(steps)
    assert parse_steps([step.to_json() for step in parsed]) == parsed


def test_grey_is_the_luma_of_the_601_recommendation() -> None:
    assert prepared(solid(255, 0, 0))[0, 0, 0] == pytest.approx(0.299)
    assert prepared(solid(0, 255, 0))[0, 0, 0] == pytest.approx(0.587)
    assert prepared(solid(0, 0, 255))[0, 0, 0] == pytest.approx(0.114)


def test_colours_are_laid_on_white() -> None:
    half = apply_steps(solid(255, 0, 0, alpha=51), parse_steps([{"step": "channel", "channel": "colour"}]))
    assert half[0, 0].tolist() == pytest.approx([1, 0.8, 0.8])


@pytest.mark.parametrize(("channel", "value"), [("red", 10 / 255), ("green", 20 / 255), ("blue", 30 / 255)])
def test_one_colour_channel_is_that_plane(channel: str, value: float) -> None:
    picture = apply_steps(solid(10, 20, 30), parse_steps([{"step": "channel", "channel": channel}]))
    assert picture.shape == (6, 8, 1)
    assert picture[0, 0, 0] == pytest.approx(value)


def test_in_the_alpha_channel_opaque_ink_is_dark() -> None:
    pixels = solid(0, 0, 0, alpha=0)
    pixels[2, 2, 3] = 255
    picture = apply_steps(pixels, parse_steps([{"step": "channel", "channel": "alpha"}]))
    assert picture[2, 2, 0] == 0
    assert picture[0, 0, 0] == 1


def test_crop_removes_pixels_at_each_side() -> None:
    pixels = solid(0, 0, 0)
    pixels[1:4, 2:7, :3] = 255
    picture = prepared(pixels, {"step": "crop", "left": 2, "top": 1, "right": 1, "bottom": 2})
    assert picture.shape == (3, 5, 1)
    assert (picture == 1).all()


def test_crop_always_leaves_a_pixel() -> None:
    assert prepared(solid(1, 1, 1), {"step": "crop", "left": 50, "top": 50}).shape == (1, 1, 1)
    assert prepared(solid(1, 1, 1), {"step": "crop", "right": 50, "bottom": 50}).shape == (1, 1, 1)
    assert prepared(solid(1, 1, 1), {"step": "crop", "left": 4, "right": 50}).shape == (6, 1, 1)


def test_invert_swaps_dark_and_light() -> None:
    assert prepared(solid(255, 255, 255), {"step": "invert"}).max() == 0


def test_threshold_makes_values_above_white_and_the_others_black() -> None:
    picture = prepared(dotted(200, 100), {"step": "threshold", "value": 0.5})
    assert picture[3, 3, 0] == 1
    assert picture.sum() == 1


def test_a_grey_level_that_equals_the_threshold_is_black() -> None:
    for level in range(256):
        assert prepared(solid(level, level, level), {"step": "threshold", "value": level / 255}).max() == 0


def test_a_grey_level_just_above_the_threshold_is_white() -> None:
    for level in range(1, 256):
        assert (
            prepared(solid(level, level, level), {"step": "threshold", "value": (level - 1) / 255}).min() == 1
        )


def test_otsu_parts_two_groups_of_values_wherever_they_lie() -> None:
    for low, high in ((10, 60), (100, 120), (200, 255), (0, 1)):
        picture = prepared(dotted(high, low), {"step": "otsu"})
        assert picture[3, 3, 0] == 1
        assert picture.sum() == 1


def test_otsu_agrees_with_opencv() -> None:
    random = np.random.default_rng(5)
    levels = np.where(
        random.random((30, 40)) < 0.3, random.normal(80, 20, (30, 40)), random.normal(180, 20, (30, 40))
    )
    grey = levels.clip(0, 255).astype(np.uint8)
    _, expected = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    pixels = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    assert np.array_equal(prepared(pixels, {"step": "otsu"})[:, :, 0], expected)


def test_otsu_makes_a_picture_of_one_level_white_unless_it_is_black() -> None:
    assert prepared(solid(9, 9, 9), {"step": "otsu"}).min() == 1
    assert prepared(solid(0, 0, 0), {"step": "otsu"}).max() == 0


def test_stretching_ignores_the_proportions() -> None:
    pixels = solid(0, 0, 0, height=10, width=20)
    pixels[:, 10:, :3] = 255
    picture = prepared(pixels, {"step": "resize", "width": 40, "height": 10, "mode": "stretch"})
    assert picture.shape == (10, 40, 1)
    assert (picture[:, :19] == 0).all()
    assert (picture[:, 21:] == 1).all()


def test_padding_keeps_the_proportions_and_continues_the_border() -> None:
    pixels = solid(0, 0, 0, height=10, width=20)
    pixels[:, 10:, :3] = 255
    wide = prepared(pixels, {"step": "resize", "width": 60, "height": 20, "mode": "pad"})
    assert wide.shape == (20, 60, 1)
    assert (wide[:, :19] == 0).all()
    assert (wide[:, 21:] == 1).all()
    tall = prepared(pixels, {"step": "resize", "width": 20, "height": 30, "mode": "pad"})
    assert np.array_equal(tall[:10], prepared(pixels))
    assert np.array_equal(tall[10:], np.repeat(tall[9:10], 20, axis=0))


def test_autocontrast_stretches_to_the_full_range() -> None:
    picture = prepared(dotted(120, 100), {"step": "autocontrast"})
    assert picture[3, 3, 0] == 1
    assert picture[0, 0, 0] == 0


def test_autocontrast_stretches_all_channels_together() -> None:
    pixels = solid(50, 100, 150)
    steps = parse_steps([{"step": "channel", "channel": "colour"}, {"step": "autocontrast"}])
    assert apply_steps(pixels, steps)[0, 0].tolist() == pytest.approx([0, 0.5, 1], abs=1e-6)


def test_autocontrast_leaves_a_flat_picture_alone() -> None:
    assert prepared(solid(77, 77, 77), {"step": "autocontrast"}).max() == pytest.approx(77 / 255)


def test_autocontrast_stretches_a_difference_of_one_grey_level() -> None:
    assert FLAT < 1 / 255
    assert np.ptp(prepared(dotted(101, 100), {"step": "autocontrast"})) == 1


def test_median_removes_a_speck() -> None:
    assert np.ptp(prepared(dotted(0, 255), {"step": "median"})) == 0


def test_median_continues_the_border_by_its_own_pixels() -> None:
    pixels = solid(255, 255, 255, height=3, width=3)
    pixels[0, 0, :3] = 0
    pixels[0, 1, :3] = 0
    # With replicated borders the corner sees itself 4 times and its black neighbour twice, of 9 values.
    assert prepared(pixels, {"step": "median"})[0, 0, 0] == 0


@pytest.mark.parametrize(
    ("name", "dot", "ground", "dark_pixels"),
    [
        ("erode", 0, 255, 9),
        ("dilate", 0, 255, 0),
        ("open", 0, 255, 1),
        ("close", 0, 255, 0),
        ("erode", 255, 0, 49),
        ("dilate", 255, 0, 40),
        ("open", 255, 0, 49),
        ("close", 255, 0, 48),
    ],
)
def test_morphology_works_on_values(name: str, dot: int, ground: int, dark_pixels: int) -> None:
    picture = prepared(dotted(dot, ground), {"step": name, "size": 3})
    assert np.count_nonzero(picture == 0) == dark_pixels


def test_morphology_of_size_5_reaches_two_pixels() -> None:
    assert np.count_nonzero(prepared(dotted(0, 255), {"step": "erode", "size": 5}) == 0) == 25


def test_morphology_ignores_what_lies_beyond_the_border() -> None:
    grey = solid(100, 100, 100)
    for name in ("erode", "dilate", "open", "close"):
        assert np.ptp(prepared(grey, {"step": name, "size": 5})) == 0


def test_steps_work_on_every_channel_by_itself() -> None:
    pixels = solid(255, 255, 255, height=7, width=7)
    pixels[3, 3] = (0, 255, 255, 255)
    steps = parse_steps([{"step": "channel", "channel": "colour"}, {"step": "erode", "size": 3}])
    assert (apply_steps(pixels, steps) == 0).sum(axis=(0, 1)).tolist() == [9, 0, 0]


def test_left_out_parameters_take_their_defaults() -> None:
    assert parse_steps([{"step": "channel"}, {"step": "erode"}])[1].to_json() == {"step": "erode", "size": 3}


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([], "first step must be channel"),
        ([{"step": "invert"}], "first step must be channel"),
        ([GREY, GREY], "only one channel step"),
        ([{"step": "channel", "channel": "cyan"}], "choose one of grey, colour"),
        ([GREY, {"step": "sharpen"}], "no step named 'sharpen'"),
        ([GREY, {"step": ["erode"]}], "no step named"),
        ([GREY, {"step": "threshold", "value": 1.5}], "from 0 to 1"),
        ([GREY, {"step": "threshold", "value": float("nan")}], "from 0 to 1"),
        ([GREY, {"step": "threshold", "value": True}], "from 0 to 1"),
        ([GREY, {"step": "resize", "width": 0}], "from 4 to 1000"),
        ([GREY, {"step": "otsu", "value": 0.5}], "takes no parameters"),
        ([GREY, {"step": "remove_fixed", "pattern": "?"}], "no PNG file"),
        ([GREY, {"step": "crop", "left": -1}], "from 0 to 10000"),
        ([GREY, {"step": "crop", "left": 1.5}], "whole number"),
        ([GREY, {"step": "crop", "depth": 1}], "takes left, top, right, bottom"),
        ([GREY, {"step": "invert", "size": 3}], "takes no parameters"),
        ([GREY, {"step": "erode", "size": 4}], "choose one of 3, 5"),
        ([GREY, {"step": "erode", "size": [3]}], "choose one of 3, 5"),
        ([GREY, "invert"], "must be an object"),
        ("invert", "must be a list"),
        ({"step": "invert"}, "must be a list"),
        ([GREY] + [{"step": "invert"}] * MAX_STEPS, f"at most {MAX_STEPS}"),
    ],
)
def test_steps_that_cannot_be_used_are_refused_with_a_reason(steps: object, says: str) -> None:
    assert says in refusal(steps)


def test_every_step_says_what_it_does() -> None:
    assert all(step.summary.endswith(".") for step in STEPS.values())
