"""Telling near-duplicates."""

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.imaging.arrays import Pixels
from labeling.imaging.similarity import fingerprint, near_any, near_duplicate_groups, near_duplicates
from tests.labeling.imaging.pictures import pixels_of_any_size, solid, written


def image_of(left: int, text: str) -> Pixels:
    grey = (written({left: text})[:, :, 0] * 255).astype(np.uint8)
    return np.stack((grey, grey, grey, np.full_like(grey, 255)), axis=2)


@settings(max_examples=60, deadline=None)
@given(pixels_of_any_size)
def test_any_image_has_a_fingerprint_of_128_bytes_and_is_its_own_duplicate(pixels: Pixels) -> None:
    assert len(fingerprint(pixels)) == 128
    assert near_duplicates(fingerprint(pixels), fingerprint(pixels))


def test_a_fingerprint_is_the_grey_image_in_small() -> None:
    assert fingerprint(solid(255, 0, 0)) == bytes([76]) * 128
    halves = solid(0, 0, 0, height=20, width=40)
    halves[:, 20:, :3] = 255
    assert fingerprint(halves)[:16] == bytes(8) + bytes([255]) * 8


def test_what_is_transparent_is_white() -> None:
    assert fingerprint(solid(0, 0, 0, alpha=0)) == bytes([255]) * 128


def test_an_image_with_a_little_noise_is_a_near_duplicate() -> None:
    clean = image_of(20, "4711")
    noisy = clean.copy()
    noisy[:, :, :3] = np.clip(
        clean[:, :, :3].astype(int) + np.random.default_rng(1).integers(-9, 10, (40, 200, 1)), 0, 255
    )
    assert near_duplicates(fingerprint(clean), fingerprint(noisy))


def test_the_same_image_a_little_larger_is_a_near_duplicate() -> None:
    clean = image_of(20, "4711")
    assert near_duplicates(fingerprint(clean), fingerprint(clean.repeat(2, axis=0).repeat(2, axis=1)))


def test_the_same_text_elsewhere_is_another_image() -> None:
    assert not near_duplicates(fingerprint(image_of(20, "4711")), fingerprint(image_of(60, "4711")))


def grey(level: int) -> bytes:
    return bytes([level]) * 128


def test_what_lies_between_two_images_joins_them() -> None:
    # 10 and 14 are no near-duplicates, but 12 is one of both.
    assert near_duplicate_groups([grey(10), grey(14), grey(90), grey(12)]) == [[0, 1, 3], [2]]
    assert near_duplicate_groups([]) == []


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), max_size=30), st.randoms())
def test_groups_hold_every_image_once_whatever_the_order(levels: list[int], random: Random) -> None:
    def grouped(levels: list[int]) -> list[list[int]]:
        groups = near_duplicate_groups([grey(level) for level in levels])
        assert sorted(index for group in groups for index in group) == list(range(len(levels)))
        return sorted(sorted(levels[index] for index in group) for group in groups)

    shuffled = random.sample(levels, len(levels))
    assert grouped(levels) == grouped(shuffled)


@given(
    st.lists(st.binary(min_size=128, max_size=128), max_size=4),
    st.lists(st.binary(min_size=128, max_size=128), max_size=4),
)
def test_which_images_are_near_any_of_others_agrees_with_looking_at_all_pairs(
    some: list[bytes], others: list[bytes]
) -> None:
    others = [*others, *(bytes(min(level + 2, 255) for level in one) for one in some[:2])]
    expected = [any(near_duplicates(one, other) for other in others) for one in some]
    assert near_any(some, others).tolist() == expected
