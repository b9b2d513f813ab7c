"""Noise that is added to pictures."""

import numpy as np
import pytest

from labeling.imaging.decode import decode_image
from tests.factories import png
from training.recognition.disturbances import DISTURBANCES, Disturbance
from training.recognition.picture_properties import properties_of

PIXELS = decode_image(png("1234", width=120, height=40)).pixels
by_name = {each.name: each for each in DISTURBANCES}


@pytest.mark.parametrize("kind", DISTURBANCES, ids=lambda kind: kind.name)
def test_noise_changes_a_picture_and_keeps_its_shape(kind: Disturbance) -> None:
    before = PIXELS.copy()
    noisy = kind.apply(PIXELS, np.random.default_rng(1))
    assert (noisy.shape, noisy.dtype) == (PIXELS.shape, np.uint8)
    assert not np.array_equal(noisy[..., :3], PIXELS[..., :3])
    # What is solid stays so, and the picture that was given is left alone.
    assert (noisy[..., 3] == 255).all()
    np.testing.assert_array_equal(PIXELS, before)


@pytest.mark.parametrize("kind", DISTURBANCES, ids=lambda kind: kind.name)
def test_noise_is_the_same_in_every_call_and_another_one_for_each_picture(kind: Disturbance) -> None:
    items = [(PIXELS, "1234"), (PIXELS, "1234")]
    first, again = (list(kind.of_all(items, seed=3)) for _ in range(2))
    for (one, text), (other, _) in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
        assert text == "1234"
    if kind.name != "faint":
        assert not np.array_equal(first[0][0], first[1][0])


@pytest.mark.parametrize("kind", DISTURBANCES, ids=lambda kind: kind.name)
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1)])
def test_the_smallest_pictures_are_no_exception(kind: Disturbance, shape: tuple[int, int]) -> None:
    pixels = np.full((*shape, 4), 255, np.uint8)
    assert kind.apply(pixels, np.random.default_rng(0)).shape == pixels.shape


def measured(name: str) -> tuple[dict[str, float], dict[str, float]]:
    noisy = by_name[name].apply(PIXELS, np.random.default_rng(1))
    return properties_of(PIXELS, "1234"), properties_of(noisy, "1234")


def test_faint_text_has_a_third_of_its_contrast() -> None:
    before, after = measured("faint")
    assert after["contrast"] == pytest.approx(0.35 * before["contrast"], rel=0.2)


def test_lines_join_characters_and_are_thin() -> None:
    before, after = measured("lines")
    assert after["marks"] < before["marks"]
    assert after["thin_share"] > before["thin_share"]


def test_speckle_makes_the_background_uneven() -> None:
    before, after = measured("speckle")
    assert after["unevenness"] > before["unevenness"] + 3
