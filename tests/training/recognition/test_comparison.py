"""McNemar's test, held against SciPy's own binomial test, and the interval of a difference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from training.recognition.comparison import PairedComparison, fewest_to_differ

counts = st.integers(0, 400)


@given(counts, counts, counts, counts)
def test_the_p_value_is_that_of_the_exact_binomial_test(
    both: int, first: int, second: int, neither: int
) -> None:
    pair = PairedComparison(both, first, second, neither)
    wanted = binomtest(first, first + second).pvalue if first + second else 1.0
    assert pair.p_value == pytest.approx(wanted, rel=1e-9)


@given(counts, counts, counts, counts)
def test_who_is_first_does_not_matter(both: int, first: int, second: int, neither: int) -> None:
    one, other = (
        PairedComparison(both, first, second, neither),
        PairedComparison(both, second, first, neither),
    )
    assert one.p_value == other.p_value
    assert one.difference == -other.difference
    assert (one.interval.low, one.interval.high) == pytest.approx((-other.interval.high, -other.interval.low))


@given(counts, counts, counts, counts)
def test_the_interval_holds_the_difference_within_what_is_possible(
    both: int, first: int, second: int, neither: int
) -> None:
    pair = PairedComparison(both, first, second, neither)
    assert -1 <= pair.interval.low <= pair.difference <= pair.interval.high <= 1


def test_pairs_are_counted_by_who_is_right() -> None:
    right = [(True, True), (True, False), (True, False), (False, True), (False, False)]
    pair = PairedComparison.of(right)
    assert pair == PairedComparison(both=1, first_only=2, second_only=1, neither=1)
    assert (pair.first.count, pair.second.count, pair.n) == (3, 2, 5)


def test_twelve_against_three_is_hardly_chance_and_five_against_none_may_be() -> None:
    assert PairedComparison(80, 12, 3, 5).p_value == pytest.approx(0.03515625)
    assert PairedComparison(80, 12, 3, 5).is_shown
    assert not PairedComparison(95, 5, 0, 0).is_shown
    assert fewest_to_differ() == 6


def test_the_interval_is_the_wider_one_of_two_at_each_end() -> None:
    # Below, Clopper and Pearson's of 12 of 15; above, (12.5 - 3.5) / 102 + 1.96 √(16 - 9² / 102) / 102.
    interval = PairedComparison(80, 12, 3, 5).interval
    low = (2 * binomtest(12, 15).proportion_ci(method="exact").low - 1) * 15 / 100
    assert (interval.low, interval.high) == pytest.approx((low, 0.163165), abs=1e-6)


@given(counts, counts, counts, counts)
def test_the_interval_holds_0_exactly_where_the_readers_cannot_be_told_apart(
    both: int, first: int, second: int, neither: int
) -> None:
    pair = PairedComparison(both, first, second, neither)
    assert (pair.interval.low <= 0 <= pair.interval.high) == (not pair.is_shown)


def test_no_images_tell_nothing() -> None:
    pair = PairedComparison.of([])
    assert (pair.n, pair.p_value, pair.difference, pair.is_shown) == (0, 1.0, 0.0, False)
