"""Removing what all images share."""

import base64
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from labeling.imaging.arrays import Picture
from labeling.imaging.fixed_noise import MIN_IMAGES, NothingFixed, RemoveFixed, estimate_fixed, thin_marks
from labeling.imaging.parameters import MAX_PNG_CHARACTERS, InvalidRecipe
from labeling.imaging.slicing import find_ink
from tests.labeling.imaging.pictures import with_fixed_lines


@pytest.fixture(scope="module")
def lined() -> list[Picture]:
    return with_fixed_lines()


def lines_only() -> Picture:
    """The lines of `with_fixed_lines` without any text."""
    grey = np.ones((40, 100), np.float32)
    cv2.line(grey, (2, 6), (95, 30), 0.2, 1)
    cv2.line(grey, (4, 36), (97, 12), 0.2, 2)
    return grey[:, :, None]


def png(pixels: np.ndarray, format: str = "PNG") -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format)
    return base64.b64encode(file.getvalue()).decode()


def test_lines_that_all_images_share_are_removed(lined: list[Picture]) -> None:
    step = estimate_fixed(lined, "and")
    assert step.images == len(lined)
    assert find_ink(lines_only()).sum() > 200
    assert np.count_nonzero(step.apply(lines_only()) < 0.7) < 10


def test_the_characters_stay_when_lines_are_removed(lined: list[Picture]) -> None:
    step = estimate_fixed(lined, "and")
    lines = lines_only() < 0.5
    for picture in lined[:5]:
        beside = ~lines
        assert np.array_equal(step.apply(picture)[beside], picture[beside])
        assert np.count_nonzero(step.apply(picture) < 0.3) > 100


def test_a_stroke_under_a_removed_line_is_bridged() -> None:
    mask = np.zeros((9, 9), np.uint8)
    mask[4] = 255
    stroke = np.ones((9, 9, 1), np.float32)
    stroke[:, 2:7] = 0
    stroke[4] = 1
    bridged = RemoveFixed("and", png(mask), 20).apply(stroke)
    assert bridged[4, 4, 0] == 0
    assert bridged[4, 0, 0] == pytest.approx(2 / 3)


def test_the_mean_takes_bands_and_gradients_away() -> None:
    band = np.full((20, 60, 1), 0.9, np.float32)
    band[:, :20] = 0.4
    random = np.random.default_rng(0)
    pictures = [band.copy() for _ in range(100)]
    for picture in pictures:
        left = random.integers(0, 50)
        picture[8:12, left : left + 4] = 0.1
    cleaned = estimate_fixed(pictures, "mean").apply(band)
    assert np.ptp(cleaned) < 0.05
    assert cleaned.mean() == pytest.approx(0.5, abs=0.03)


def test_without_a_pattern_nothing_changes(lined: list[Picture]) -> None:
    assert RemoveFixed().apply(lined[0]) is lined[0]


def test_a_pattern_of_another_size_is_resized() -> None:
    mask = np.zeros((10, 10), np.uint8)
    mask[5] = 255
    picture = np.ones((20, 30, 1), np.float32)
    picture[10:12] = 0
    assert RemoveFixed("and", png(mask), 20).apply(picture).min() == 1


@pytest.mark.parametrize(("pattern", "channels"), [(1, 3), (3, 1), (3, 3), (1, 1)])
def test_grey_and_coloured_patterns_fit_grey_and_coloured_pictures(pattern: int, channels: int) -> None:
    random = np.random.default_rng(0)
    step = estimate_fixed([random.random((6, 8, pattern), np.float32) for _ in range(20)], "mean")
    assert step.apply(random.random((6, 8, channels), np.float32)).shape == (6, 8, channels)


def test_thick_parts_of_the_ink_are_no_lines() -> None:
    ink = np.zeros((30, 30), np.bool_)
    ink[:, :8] = True
    ink[15, 8:] = True
    lines = thin_marks(ink)
    assert lines[15, 10:].all()
    assert not lines[:, :8].any()


def test_a_large_pattern_is_made_smaller_until_it_fits_a_recipe() -> None:
    random = np.random.default_rng(0)
    step = estimate_fixed([random.random((300, 900, 1), np.float32)] * 20, "mean")
    assert len(step.pattern) <= MAX_PNG_CHARACTERS
    assert step.apply(np.ones((300, 900, 1), np.float32)).shape == (300, 900, 1)


def test_too_few_images_give_no_pattern(lined: list[Picture]) -> None:
    with pytest.raises(NothingFixed, match=f"there are 19, and at least {MIN_IMAGES} are needed"):
        estimate_fixed(lined[:19], "and")


def test_images_of_differing_sizes_give_no_pattern(lined: list[Picture]) -> None:
    with pytest.raises(NothingFixed, match="some are 100x40 and some 100x39"):
        estimate_fixed([*lined, lined[0][1:]], "and")


def test_images_that_share_no_line_say_so() -> None:
    random = np.random.default_rng(0)
    with pytest.raises(NothingFixed, match="No thin line is in the same place in 30 images"):
        estimate_fixed([(random.random((9, 9, 1)) > 0.7).astype(np.float32) for _ in range(30)], "and")


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        (3, "must be a PNG file as base64 text"),
        ("A" * (MAX_PNG_CHARACTERS + 1), "of at most 100,000 characters"),
        ("no base64!", "no PNG file as base64 text"),
        (base64.b64encode(b"text").decode(), "no PNG file as base64 text"),
        (png(np.zeros((3, 3), np.uint8), "BMP"), "another format"),
        (png(np.zeros((2000, 2000), np.uint8)), "at most 1,000,000"),
    ],
)
def test_something_else_is_no_pattern(pattern: object, says: str) -> None:
    with pytest.raises(InvalidRecipe, match=says):
        RemoveFixed("and", pattern, 20)  # type: ignore[arg-type]
