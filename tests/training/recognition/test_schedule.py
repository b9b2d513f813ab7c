import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.recognition.schedule import Budget, learning_rate


@given(st.floats(0, 1))
def test_the_learning_rate_never_exceeds_its_peak_and_never_vanishes(progress: float) -> None:
    assert 0 < learning_rate(progress, 0.01) <= 0.01


def test_the_learning_rate_warms_up_then_decays() -> None:
    rates = [learning_rate(progress, 1.0) for progress in (0.0, 0.02, 0.05, 0.3, 0.6, 1.0)]
    assert rates[0] < rates[1] < rates[2] == 1.0
    assert rates[2] > rates[3] > rates[4] > rates[5]
    assert rates[5] == pytest.approx(0.01)


def test_without_a_time_limit_steps_alone_count() -> None:
    assert Budget(steps=200, seconds=None).progress(50, 1e6) == 0.25


def test_with_a_time_limit_the_nearer_end_counts() -> None:
    budget = Budget(steps=200, seconds=100)
    assert budget.progress(50, 60) == 0.6
    assert budget.progress(150, 60) == 0.75


def test_the_rest_is_estimated_from_the_measured_speed_and_bounded_by_the_time_limit() -> None:
    assert Budget(steps=200, seconds=None).seconds_left(100, 50, steps_per_second=2) == 50
    assert Budget(steps=200, seconds=60).seconds_left(100, 50, steps_per_second=2) == 10
