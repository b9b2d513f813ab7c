"""Cutting pictures into characters."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.imaging.arrays import Picture
from labeling.imaging.parameters import InvalidRecipe
from labeling.imaging.slicing import (
    Box,
    TextBox,
    best_cuts,
    equal_parts,
    find_ink,
    parse_slicing,
    slice_boxes,
)
from tests.labeling.imaging.pictures import pictures_of_any_size, written

PROJECTION = {"slicing": "projection", "min_gap": 1}
COMPONENTS = {"slicing": "components", "min_area": 8}
FINDING = [PROJECTION, COMPONENTS]


def covers(box: Box, left: int, right: int) -> bool:
    """Whether a box holds most of the columns from left to right and little else."""
    common = min(box.right, right) - max(box.left, left)
    return common > 0.75 * (right - left) and common > 0.6 * box.width


@settings(max_examples=200, deadline=None)
@given(
    pictures_of_any_size,
    st.sampled_from([{"slicing": "equal"}, PROJECTION, COMPONENTS, {"slicing": "projection", "min_gap": 4}]),
    st.integers(1, 12),
)
def test_there_are_exactly_as_many_boxes_as_characters_inside_and_in_order(
    picture: Picture, slicing: dict[str, Any], length: int
) -> None:
    boxes = slice_boxes(picture, slicing, length)
    height, width = picture.shape[:2]
    assert len(boxes) == length
    assert all(0 <= box.left < box.right <= width and 0 <= box.top < box.bottom <= height for box in boxes)
    assert all(one.left <= other.left for one, other in pairwise(boxes))


@settings(max_examples=100, deadline=None)
@given(pictures_of_any_size, st.sampled_from(FINDING))
def test_without_a_length_there_is_at_least_one_box(picture: Picture, slicing: dict[str, Any]) -> None:
    boxes = slice_boxes(picture, slicing)
    height, width = picture.shape[:2]
    assert boxes
    assert all(0 <= box.left < box.right <= width and 0 <= box.top < box.bottom <= height for box in boxes)


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(1, 40))
def test_equal_parts_cover_the_width_exactly(width: int, parts: int) -> None:
    boxes = equal_parts(width, 10, parts)
    assert {column for box in boxes for column in range(box.left, box.right)} == set(range(width))
    if parts <= width:
        assert all(one.right == other.left for one, other in pairwise(boxes))
        assert max(box.width for box in boxes) - min(box.width for box in boxes) <= 1


def test_none_keeps_the_picture_whole() -> None:
    assert slice_boxes(written({10: "42"}), {"slicing": "none"}, 2) == [Box(0, 0, 200, 40)]


@pytest.mark.parametrize("slicing", FINDING)
@pytest.mark.parametrize(("ink", "paper"), [(0.0, 1.0), (1.0, 0.0), (0.3, 0.6)])
def test_separate_characters_get_a_box_each_on_any_ground(
    slicing: dict[str, Any], ink: float, paper: float
) -> None:
    picture = written({10: "4", 60: "7", 120: "2"}, ink=ink, paper=paper)
    boxes = slice_boxes(picture, slicing, 3)
    assert all(covers(box, left, left + 16) for box, left in zip(boxes, (10, 60, 120), strict=True))
    assert slice_boxes(picture, slicing) == boxes


@pytest.mark.parametrize("slicing", FINDING)
def test_ink_of_the_same_luminance_as_the_ground_is_found_by_its_colour(slicing: dict[str, Any]) -> None:
    shape = written({10: "4", 60: "7"})
    picture = np.concatenate(
        (0.5 + 0.4 * (1 - shape), 0.5 - 0.2 * (1 - shape), np.full_like(shape, 0.5)), axis=2
    )
    boxes = slice_boxes(picture, slicing, 2)
    assert covers(boxes[0], 10, 26)
    assert covers(boxes[1], 60, 76)


@pytest.mark.parametrize("slicing", FINDING)
def test_ink_that_differs_in_one_channel_only_counts_like_ink_that_differs_in_all(
    slicing: dict[str, Any],
) -> None:
    grey_ink, blue_ink = 0.6 * (1 - written({10: "4"})), 0.6 * (1 - written({60: "7"}))
    picture = 1 - np.concatenate((grey_ink, grey_ink, grey_ink + blue_ink), axis=2)
    boxes = slice_boxes(picture, slicing)
    assert len(boxes) == 2
    assert covers(boxes[1], 60, 76)


@pytest.mark.parametrize("slicing", FINDING)
def test_touching_characters_are_split_to_the_length(slicing: dict[str, Any]) -> None:
    picture = written({10: "0", 25: "0", 100: "0"})
    picture[20, 10:45] = 0
    boxes = slice_boxes(picture, slicing, 3)
    assert 22 <= boxes[0].right <= 30
    assert boxes[0].right <= boxes[1].left + 1
    assert covers(boxes[2], 100, 118)


@pytest.mark.parametrize("slicing", FINDING)
def test_a_broken_character_is_merged_to_the_length(slicing: dict[str, Any]) -> None:
    picture = written({10: "H", 80: "H"})
    picture[:, 18:21] = 1
    boxes = slice_boxes(picture, slicing, 2)
    assert covers(boxes[0], 11, 29)
    assert covers(boxes[1], 81, 99)


@pytest.mark.parametrize("slicing", [PROJECTION, {"slicing": "components", "min_area": 1}])
def test_specks_take_no_characters_place(slicing: dict[str, Any]) -> None:
    picture = written({40: "4", 60: "7", 120: "2"})
    picture[5:7, 5:7] = 0
    picture[30:32, 190:192] = 0
    boxes = slice_boxes(picture, slicing, 3)
    assert all(covers(box, left, left + 16) for box, left in zip(boxes, (40, 60, 120), strict=True))


@pytest.mark.parametrize("slicing", FINDING)
def test_the_tails_of_a_line_through_the_text_take_no_characters_place(slicing: dict[str, Any]) -> None:
    picture = written({40: "8", 60: "8", 80: "8"})
    picture[18, 28:112] = 0
    boxes = slice_boxes(picture, slicing, 3)
    assert all(covers(box, left + 1, left + 17) for box, left in zip(boxes, (40, 60, 80), strict=True))


def test_the_dot_of_an_i_belongs_to_it() -> None:
    boxes = slice_boxes(written({20: "i", 60: "i"}), COMPONENTS)
    assert len(boxes) == 2
    assert all(box.height > 18 for box in boxes)


def test_components_are_boxed_tightly() -> None:
    picture = np.ones((20, 30, 1), np.float32)
    picture[4:9, 3:7] = 0
    picture[10:18, 20:25] = 0
    assert slice_boxes(picture, COMPONENTS, 2) == [Box(3, 4, 7, 9), Box(20, 10, 25, 18)]


def test_marks_smaller_than_the_minimum_are_no_components() -> None:
    picture = np.ones((20, 30, 1), np.float32)
    picture[4:9, 3:7] = 0
    picture[10:13, 20:23] = 0
    assert slice_boxes(picture, {"slicing": "components", "min_area": 10}) == [Box(3, 4, 7, 9)]


def test_a_gap_narrower_than_the_minimum_does_not_separate() -> None:
    picture = np.ones((20, 30, 1), np.float32)
    picture[4:9, 3:7] = 0
    picture[4:9, 9:12] = 0
    assert slice_boxes(picture, {"slicing": "projection", "min_gap": 2}) == [
        Box(3, 0, 7, 20),
        Box(9, 0, 12, 20),
    ]
    assert slice_boxes(picture, {"slicing": "projection", "min_gap": 3}) == [Box(3, 0, 12, 20)]


@pytest.mark.parametrize("slicing", FINDING)
def test_a_picture_without_ink_is_cut_into_equal_parts(slicing: dict[str, Any]) -> None:
    blank = np.full((20, 60, 1), 0.5, np.float32)
    assert slice_boxes(blank, slicing, 4) == equal_parts(60, 20, 4)
    assert slice_boxes(blank, slicing) == [Box(0, 0, 60, 20)]


def test_a_gentle_gradient_of_the_ground_is_no_ink() -> None:
    picture = written({40: "4", 60: "7"}) * np.linspace(0.75, 1, 200, dtype=np.float32)[None, :, None]
    ink = find_ink(picture)
    assert not ink[:, :35].any()
    assert not ink[:, 90:].any()
    assert ink[:, 40:80].any()


def test_a_run_is_cut_where_the_ink_is_thinnest() -> None:
    profile = np.array([8, 8, 8, 8, 1, 8, 8, 8, 8, 8, 1, 8, 8, 8])
    assert best_cuts(profile, 3) in ([4, 10], [5, 10], [4, 11], [5, 11])


def test_a_run_of_even_ink_is_cut_evenly() -> None:
    assert best_cuts(np.full(40, 5), 4) == [10, 20, 30]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=80), st.integers(1, 12))
def test_cuts_leave_no_part_empty(profile: list[int], parts: int) -> None:
    if parts > len(profile):
        parts = len(profile)
    edges = [0, *best_cuts(np.array(profile), parts), len(profile)]
    assert len(edges) == parts + 1
    assert all(one < other for one, other in pairwise(edges))


@pytest.mark.parametrize(
    ("slicing", "length", "says"),
    [
        ({"slicing": "equal"}, None, "need a fixed number of characters"),
        ({"slicing": "equal"}, 0, "at least one character"),
        ({"slicing": "magic"}, 3, "no slicing named 'magic'"),
        ({"slicing": "projection", "min_gap": 0}, 3, "from 1 to 100"),
    ],
)
def test_what_cannot_be_cut_is_refused_with_a_reason(
    slicing: dict[str, Any], length: int | None, says: str
) -> None:
    with pytest.raises(InvalidRecipe, match=says):
        slice_boxes(written({10: "4"}), slicing, length)


@pytest.mark.parametrize("slicing", [{"slicing": "none"}, {"slicing": "equal"}, PROJECTION, COMPONENTS])
def test_a_slicing_survives_json(slicing: dict[str, Any]) -> None:
    assert parse_slicing(slicing).to_json() == slicing


def page_with(*marks: tuple[int, int, int, int], size: tuple[int, int] = (60, 200)) -> Picture:
    picture = np.ones((*size, 1), np.float32)
    for left, top, right, bottom in marks:
        picture[top:bottom, left:right] = 0.2
    return picture


def test_a_text_is_found_with_a_margin() -> None:
    (box,) = slice_boxes(page_with((50, 20, 60, 40), (80, 20, 95, 40)), TextBox())
    assert box == Box(44, 17, 101, 43)


def test_pale_characters_belong_to_the_text() -> None:
    picture = page_with((50, 20, 60, 40))
    picture[20:40, 100:110] = 0.75
    (box,) = slice_boxes(picture, TextBox())
    assert box.right >= 110


def test_thin_lines_do_not_belong_to_a_text_of_thicker_strokes() -> None:
    picture = page_with((50, 20, 60, 40), (80, 20, 95, 40))
    picture[10, 5:190] = 0
    (box,) = slice_boxes(picture, TextBox())
    assert box == Box(44, 17, 101, 43)


def test_a_text_of_thin_strokes_is_found_too() -> None:
    picture = np.ones((60, 200, 1), np.float32)
    picture[20:41, 50], picture[20:41, 70], picture[20, 50:71], picture[40, 50:71] = 0, 0, 0, 0
    (box,) = slice_boxes(picture, TextBox())
    assert box.left < 50 < 71 < box.right


def test_without_ink_the_text_may_be_anywhere() -> None:
    assert slice_boxes(page_with(), TextBox()) == [Box(0, 0, 200, 60)]


def test_on_an_even_background_the_palest_characters_belong_to_the_text() -> None:
    picture = page_with((50, 20, 60, 40))
    picture[20:40, 100:110] = 0.95
    (box,) = slice_boxes(picture, TextBox())
    assert box.right >= 110


def test_on_an_uneven_background_its_spots_do_not_belong_to_the_text() -> None:
    picture = page_with((50, 20, 60, 40), (80, 20, 95, 40))
    picture[:, ::2] -= 0.05
    picture[5:15, 150:160] -= 0.05
    (box,) = slice_boxes(picture, TextBox())
    assert box.right < 150
