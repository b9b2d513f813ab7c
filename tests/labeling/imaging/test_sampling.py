"""Resizing a box of a picture."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labeling.imaging.sampling import resize_matrix, sample_box


@st.composite
def intervals(draw: st.DrawFn) -> tuple[int, float, float]:
    size = draw(st.integers(1, 60))
    a = draw(st.floats(0, size - 0.01))
    b = draw(st.floats(a + 0.005, size))
    return size, a, b


@settings(deadline=None)
@given(intervals(), st.integers(1, 40))
def test_every_row_of_weights_sums_to_one_and_is_never_negative(
    interval: tuple[int, float, float], n: int
) -> None:
    matrix = resize_matrix(*interval, n)
    assert matrix.shape == (n, interval[0])
    assert matrix.dtype == np.float32
    assert matrix.min() >= 0
    assert np.abs(matrix.sum(axis=1) - 1).max() < 1e-5


@settings(deadline=None)
@given(intervals(), st.integers(1, 40))
def test_pixels_outside_the_interval_have_no_weight(interval: tuple[int, float, float], n: int) -> None:
    size, a, b = interval
    outside = [j for j in range(size) if j + 1 <= a or j >= b]
    assert not resize_matrix(size, a, b, n)[:, outside].any()


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1, width=32), intervals(), intervals(), st.integers(1, 20), st.integers(1, 20))
def test_a_constant_picture_stays_constant(
    value: float, rows: tuple[int, float, float], columns: tuple[int, float, float], height: int, width: int
) -> None:
    picture = np.full((rows[0], columns[0], 3), value, np.float32)
    sampled = sample_box(picture, (columns[1], rows[1], columns[2], rows[2]), height, width)
    assert sampled.shape == (height, width, 3)
    assert sampled.dtype == np.float32
    assert np.abs(sampled - value).max() < 1e-5


def test_the_size_of_the_box_itself_changes_nothing() -> None:
    picture = np.random.default_rng(1).random((9, 14, 1), np.float32)
    assert np.allclose(sample_box(picture, (3, 2, 11, 8), 6, 8), picture[2:8, 3:11], atol=1e-6)


def test_a_box_sees_nothing_beyond_itself() -> None:
    picture = np.zeros((10, 20, 1), np.float32)
    picture[:, 10:] = 1
    assert sample_box(picture, (0, 0, 10, 10), 30, 32).max() == 0
    assert sample_box(picture, (10, 0, 20, 10), 30, 32).min() == pytest.approx(1)


@pytest.mark.parametrize(("height", "width"), [(20, 60), (7, 19), (64, 256), (50, 100)])
def test_it_agrees_with_the_antialiased_bilinear_filter_of_pillow(height: int, width: int) -> None:
    picture = np.random.default_rng(2).random((50, 200), np.float32)
    expected = np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR))
    sampled = sample_box(picture[:, :, None], (0, 0, 200, 50), height, width)[:, :, 0]
    assert np.abs(sampled - expected).max() < 1e-5


def test_every_channel_is_resized_alike() -> None:
    picture = np.random.default_rng(3).random((12, 30, 3), np.float32)
    sampled = sample_box(picture, (4, 1, 21, 11), 8, 9)
    for channel in range(3):
        alone = sample_box(picture[:, :, channel : channel + 1], (4, 1, 21, 11), 8, 9)
        assert np.allclose(sampled[:, :, channel : channel + 1], alone, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(intervals(), st.floats(0, 40), st.integers(1, 30))
def test_beyond_its_last_pixel_a_picture_is_continued_by_it(
    interval: tuple[int, float, float], beyond: float, n: int
) -> None:
    size, a, _ = interval
    b = size + beyond
    continued = resize_matrix(math.ceil(b), a, b, n)
    picture = np.random.default_rng(size).random(size, np.float32)
    expected = continued @ np.pad(picture, (0, math.ceil(b) - size), "edge")
    assert np.abs(resize_matrix(size, a, b, n) @ picture - expected).max() < 1e-5


def test_a_box_may_end_beyond_the_picture() -> None:
    picture = np.random.default_rng(4).random((5, 10, 3), np.float32)
    continued = np.pad(picture, ((0, 2), (0, 6), (0, 0)), "edge")
    sampled = sample_box(picture, (2, 1, 16, 7), 4, 9)
    assert np.allclose(sampled, sample_box(continued, (2, 1, 16, 7), 4, 9), atol=1e-6)


@pytest.mark.parametrize("box", [(0, 0, 0, 5), (3, 0, 2, 5), (-1, 0, 5, 5), (10, 0, 11, 5), (0, 5, 5, 6)])
def test_a_box_that_is_empty_or_begins_outside_is_refused(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="empty or begins outside"):
        sample_box(np.zeros((5, 10, 1), np.float32), box, 4, 4)


def test_shared_matrices_cannot_be_changed_by_a_caller() -> None:
    with pytest.raises(ValueError, match="read-only"):
        resize_matrix(10, 0, 10, 5)[0, 0] = 1
