import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.intervals import wilson_interval
from training.recognition.coverage import (
    Coverage,
    coverage_at,
    fewest_to_show,
    threshold_for_precision,
)

readings = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.8, 0.9, 0.99, 1.0]), st.booleans()), max_size=40)


def split(pairs: list[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [confidence for confidence, _ in pairs], [right for _, right in pairs]


def test_the_threshold_is_the_lowest_that_keeps_the_precision() -> None:
    # 99 sure and right, then one wrong at 0.8 (99 % of 100 are right), then one more wrong at 0.7.
    confidences = [0.95] * 99 + [0.8, 0.7]
    right = [True] * 99 + [False, False]
    assert threshold_for_precision(confidences, right) == Coverage(0.8, n=101, accepted=100, right=99)


def test_an_early_mistake_can_be_outweighed_by_many_later_right_readings() -> None:
    chosen = threshold_for_precision([1.0] + [0.9] * 99, [False] + [True] * 99)
    assert (chosen.threshold, chosen.coverage.value, chosen.precision.value) == (0.9, 1.0, 0.99)


def test_ties_are_accepted_together_or_not_at_all() -> None:
    chosen = threshold_for_precision([0.9, 0.5, 0.5], [True, True, False])
    assert (chosen.threshold, chosen.accepted) == (0.9, 1)


def test_where_no_threshold_is_precise_enough_nothing_is_accepted() -> None:
    chosen = threshold_for_precision([0.9, 0.8], [False, True])
    assert (chosen.threshold, chosen.coverage.value) == (None, 0)
    assert coverage_at([1.0], [True], chosen.threshold).accepted == 0


def test_no_readings_have_no_threshold() -> None:
    assert threshold_for_precision([], []) == Coverage(None, 0, 0, 0)


def test_a_threshold_is_tested_on_other_images_with_intervals() -> None:
    tested = coverage_at([0.99, 0.95, 0.95, 0.5], [True, True, False, True], 0.95)
    assert (tested.n, tested.accepted, tested.right) == (4, 3, 2)
    assert tested.coverage.interval == wilson_interval(3, 4)
    assert tested.precision.interval == wilson_interval(2, 3)


def test_it_takes_381_right_readings_to_show_99_percent() -> None:
    assert fewest_to_show(0.99) == 381
    assert not Coverage(0.9, 380, 380, 380).shows(0.99)
    assert Coverage(0.9, 381, 381, 381).shows(0.99)


@pytest.mark.parametrize("precision", [0.5, 0.9, 0.95, 0.999])
def test_the_fewest_images_are_the_fewest(precision: float) -> None:
    n = fewest_to_show(precision)
    assert wilson_interval(n, n).low >= precision > wilson_interval(n - 1, n - 1).low


def test_a_coverage_survives_json() -> None:
    coverage = Coverage(0.9, 10, 8, 7)
    assert Coverage.from_json(coverage.to_json()) == coverage


@given(readings, st.floats(0.01, 1), st.floats(0.01, 1))
def test_more_precision_never_covers_more(pairs: list[tuple[float, bool]], one: float, other: float) -> None:
    loose, strict = (threshold_for_precision(*split(pairs), precision) for precision in sorted((one, other)))
    assert strict.accepted <= loose.accepted
    assert (strict.threshold or 2) >= (loose.threshold or 2)


@given(readings, st.floats(0.01, 1))
def test_the_chosen_threshold_keeps_its_promise_on_its_own_images(
    pairs: list[tuple[float, bool]], precision: float
) -> None:
    chosen = threshold_for_precision(*split(pairs), precision)
    assert coverage_at(*split(pairs), chosen.threshold) == chosen
    assert not chosen.accepted or chosen.precision.value >= precision


@given(readings, st.floats(0.01, 1))
def test_no_lower_threshold_would_do(pairs: list[tuple[float, bool]], precision: float) -> None:
    chosen = threshold_for_precision(*split(pairs), precision)
    for lower in {confidence for confidence, _ in pairs if confidence < (chosen.threshold or 2)}:
        assert coverage_at(*split(pairs), lower).precision.value < precision
