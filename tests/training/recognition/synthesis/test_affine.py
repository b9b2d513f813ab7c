"""Affine maps, beside NumPy's matrices."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.recognition.synthesis.affine import Affine

NUMBERS = st.floats(-10, 10).map(lambda value: round(value, 3))
MAPS = st.builds(Affine, *[NUMBERS] * 6)


def matrix(one: Affine) -> np.ndarray:
    return np.array([[one.xu, one.xv, one.x], [one.yu, one.yv, one.y], [0, 0, 1]])


@given(MAPS, MAPS)
def test_one_map_after_another_is_the_product_of_matrices(one: Affine, other: Affine) -> None:
    np.testing.assert_allclose(matrix(one.after(other)), matrix(one) @ matrix(other), atol=1e-9)


@given(MAPS, NUMBERS, NUMBERS)
def test_a_point_goes_where_the_matrix_takes_it(one: Affine, u: float, v: float) -> None:
    np.testing.assert_allclose((*one.at(u, v), 1), matrix(one) @ (u, v, 1), atol=1e-9)


@given(MAPS, st.tuples(NUMBERS, NUMBERS), st.tuples(NUMBERS, NUMBERS))
def test_a_map_is_moved_so_that_a_point_goes_where_it_is_wanted(
    one: Affine, point: tuple[float, float], where: tuple[float, float]
) -> None:
    moved = one.putting(point, where)
    np.testing.assert_allclose(moved.at(*point), where, atol=1e-9)
    assert moved[:4] == one[:4]


@given(MAPS, st.floats(0, 20), st.floats(0, 20))
def test_the_box_encloses_the_corners_and_no_more(one: Affine, width: float, height: float) -> None:
    corners = np.array([one.at(u, v) for u in (0, width) for v in (0, height)])
    np.testing.assert_allclose(
        one.box(width, height), (*corners.min(axis=0), *corners.max(axis=0)), atol=1e-9
    )


def test_opencv_puts_a_glyph_where_the_map_says() -> None:
    """A block of two by two pixels, three times as large, from the corner at (3, 6) on."""
    block = np.full((2, 2), 255, np.uint8)
    drawn = cv2.warpAffine(block, Affine(3, 0, 0, 3, 3, 6).for_pixels(), (15, 15))
    middle = np.argwhere(drawn > 127).mean(axis=0) + 0.5
    np.testing.assert_allclose(middle, (9, 6))
