"""What refining does to pictures, measured without a network."""

import numpy as np
import pytest

from tests.training.recognition.refinement.pictures import (
    brown_on_green,
    dark_on_light,
    faintly_grained,
    grain,
)
from training.recognition.refinement.history import HistoryBuffer
from training.recognition.refinement.measures import (
    patch_distance,
    separation,
    separation_by_chance,
    text_kept,
    variety,
)


def test_patches_of_equal_pictures_have_no_distance() -> None:
    pictures = dark_on_light(20)
    assert patch_distance(pictures, pictures) == 0


def test_patches_in_other_colours_are_farther_than_other_pictures_of_the_same_look() -> None:
    real = brown_on_green(40, seed=1)
    assert patch_distance(dark_on_light(40), real) > 5 * patch_distance(brown_on_green(40, seed=2), real)


def test_patches_tell_blurred_pictures_from_sharp_ones() -> None:
    real = dark_on_light(40, seed=1)
    sharp = dark_on_light(40, seed=2)
    blurred = ((sharp.astype(np.uint16) + np.roll(sharp, 1, axis=2)) // 2).astype(np.uint8)
    assert patch_distance(blurred, real) > 2 * patch_distance(sharp, real)


def test_patches_of_pictures_smaller_than_a_tile_are_compared_too() -> None:
    assert patch_distance(grain(20)[:, :5, :7], grain(20, seed=1)[:, :5, :7]) < 0.5


def test_recolouring_keeps_the_text() -> None:
    assert text_kept(dark_on_light(30), brown_on_green(30)) > 0.9


def test_faint_grain_keeps_the_text() -> None:
    pictures = dark_on_light(30)
    assert text_kept(pictures, faintly_grained(pictures)) > 0.8


def test_other_texts_do_not_keep_the_text() -> None:
    assert abs(text_kept(dark_on_light(60), dark_on_light(60, seed=1))) < 0.1


def test_empty_pictures_do_not_keep_the_text() -> None:
    pictures = dark_on_light(30)
    assert text_kept(pictures, np.full_like(pictures, 200)) == 0


def test_a_fixed_ground_counts_for_no_text() -> None:
    fixed = grain(1)[0]
    before, after = ((dark_on_light(60, seed) // 8 + fixed // 8 * 7).astype(np.uint8) for seed in (1, 2))
    assert abs(text_kept(before, after)) < 0.1


def test_pictures_that_are_all_the_same_have_no_variety() -> None:
    assert variety(np.repeat(dark_on_light(1), 10, axis=0)) == pytest.approx(0, abs=1e-4)
    assert variety(dark_on_light(10)) > 5


def test_separation_is_the_share_of_pairs_in_the_right_order() -> None:
    low, high = np.array([0, 1, 2], np.float32), np.array([2, 3], np.float32)
    assert separation(high, low) == pytest.approx(5.5 / 6)
    assert separation(low, high) == pytest.approx(0.5 / 6)
    assert separation(low, low) == pytest.approx(0.5)


def test_chance_separates_equal_scores_seldom() -> None:
    random = np.random.default_rng(0)
    found = [separation(*random.random((2, 40)).astype(np.float32)) for _ in range(400)]
    share = np.mean(np.array(found) > separation_by_chance(40, 40))
    assert 0 < share < 0.05


def test_the_history_fills_up_and_then_forgets_at_random() -> None:
    random = np.random.default_rng(0)
    history = HistoryBuffer(6, np.zeros((4, 2, 2, 1), np.uint8))
    history.remember(np.ones((2, 2, 2, 1), np.uint8), random)
    assert history.pictures[:, 0, 0, 0].tolist() == [0, 0, 0, 0, 1, 1]
    history.remember(np.full((3, 2, 2, 1), 2, np.uint8), random)
    assert len(history.pictures) == 6
    assert (history.pictures == 2).all(axis=(1, 2, 3)).sum() == 3


def test_the_history_gives_each_picture_once_while_there_are_enough() -> None:
    random = np.random.default_rng(0)
    history = HistoryBuffer(5, np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1))
    assert sorted(history.sample(5, random).ravel().tolist()) == [0, 1, 2, 3, 4]
    assert len(history.sample(9, random)) == 9
