import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.intervals import Share, clustered_interval, wilson_interval


def test_characters_that_fail_one_by_one_count_one_by_one() -> None:
    # 100 images of 6 characters with 10 single mistakes: as good as 600 trials.
    scores = [5 / 6] * 10 + [1.0] * 90
    assert clustered_interval(scores, 600).low == pytest.approx(wilson_interval(590, 600).low, abs=1e-3)


def test_characters_that_fail_together_count_once_per_image() -> None:
    scores = [0.0] * 10 + [1.0] * 90
    assert clustered_interval(scores, 600).low == pytest.approx(wilson_interval(90, 100).low)


def test_where_all_are_right_every_character_counts() -> None:
    assert clustered_interval([1.0] * 100, 600) == wilson_interval(600, 600)


def test_no_scores_tell_nothing() -> None:
    assert clustered_interval([], 0) == wilson_interval(0, 0)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=80))
def test_a_clustered_interval_lies_between_those_of_images_and_of_characters(right: list[int]) -> None:
    n, mean = len(right), sum(right) / len(right) / 5
    interval = clustered_interval([each / 5 for each in right], 5 * n)
    assert interval.low <= mean + 1e-9
    assert interval.high >= mean - 1e-9
    width = interval.high - interval.low
    narrowest, widest = (wilson_interval(mean * trials, trials) for trials in (5 * n, n))
    assert narrowest.high - narrowest.low - 1e-9 <= width <= widest.high - widest.low + 1e-9


def test_a_share_of_nothing_is_0_and_wide_open() -> None:
    assert Share(0, 0).to_json() == {"count": 0, "n": 0, "share": 0.0, "interval": [0.0, 1.0]}
