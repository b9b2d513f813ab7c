import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.recognition.augmentation import Augmentation
from training.recognition.batches import Batches, balancing_weights, epoch_order


def batches(n: int, size: int, weights: np.ndarray | None = None) -> Batches:
    inputs = np.arange(n, dtype=np.uint8)[:, None, None, None]
    return Batches(
        inputs, np.arange(n), weights, Augmentation(), lambda pictures, targets: -targets, size, seed=3
    )


def targets_of(which: Batches, epoch: int, **options: bool) -> list[int]:
    return [int(each) for _, targets in which.of_epoch(epoch, **options) for each in targets]


def test_an_epoch_shows_every_input_once_but_for_a_last_smaller_batch() -> None:
    seen = targets_of(batches(10, 3), 0)
    assert len(seen) == len(set(seen)) == 9


def test_pictures_stay_with_their_targets() -> None:
    for pictures, targets in batches(20, 4).of_epoch(1):
        np.testing.assert_allclose(pictures[:, 0, 0, 0] * 255, targets, atol=1e-4)


def test_every_epoch_has_its_own_order_and_equal_seeds_the_same() -> None:
    assert targets_of(batches(12, 3), 0) == targets_of(batches(12, 3), 0)
    assert targets_of(batches(12, 3), 0) != targets_of(batches(12, 3), 1)


def test_an_epoch_may_go_through_a_small_set_several_times() -> None:
    thrice = Batches(**(vars(batches(10, 4)) | {"passes": 3}))
    seen = targets_of(thrice, 0)
    assert (len(thrice), len(seen)) == (7, 28)
    assert [sorted(seen[:10]), sorted(seen[10:20])] == [list(range(10))] * 2


def test_a_guided_epoch_has_the_guides_targets() -> None:
    assert targets_of(batches(6, 3), 0, guided=True) == [-each for each in targets_of(batches(6, 3), 0)]


@given(st.lists(st.integers(0, 3), min_size=8, max_size=60), st.integers(0, 99))
def test_balanced_single_characters_are_met_equally_often(classes: list[int], seed: int) -> None:
    encoded = np.array([*classes, 0, 1, 2, 3])[:, None]
    order = epoch_order(len(encoded), balancing_weights(encoded, 4, 1.0), np.random.default_rng(seed))
    met = np.bincount(encoded[order, 0], minlength=4)
    assert len(order) == len(encoded)
    assert abs(met - len(encoded) / 4).max() <= 4


def test_rare_characters_make_their_texts_more_frequent() -> None:
    encoded = np.array([[0, 0]] * 18 + [[0, 1]] * 2)
    weights = balancing_weights(encoded, 2, 1.0)
    assert weights is not None
    assert weights[-1] > 3 * weights[0]
    assert weights.sum() == pytest.approx(1)


def test_the_end_of_a_short_text_counts_as_no_character() -> None:
    encoded = np.array([[0, 2], [1, 2], [0, 1], [0, 0]])
    weights = balancing_weights(encoded, 2, 1.0)
    assert weights is not None
    assert np.isfinite(weights).all()


def test_no_balance_means_no_weights() -> None:
    assert balancing_weights(np.array([[0], [1]]), 2, 0.0) is None
