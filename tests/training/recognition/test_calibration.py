import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.recognition.calibration import (
    expected_calibration_error,
    fit_temperature,
    reliability_bins,
)

confidence_and_right = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


def test_readings_that_are_always_right_when_they_say_90_percent_are_off_by_10() -> None:
    assert expected_calibration_error([0.9] * 20, [True] * 20) == pytest.approx(0.1)


def test_the_error_weighs_bins_by_their_readings() -> None:
    # Three readings say 100 % and are right; one says 50 % and is wrong: (3 x 0 + 1 x 0.5) / 4.
    assert expected_calibration_error([1, 1, 1, 0.5], [True, True, True, False]) == pytest.approx(0.125)


def test_no_readings_have_no_error() -> None:
    assert expected_calibration_error([], []) == 0
    assert reliability_bins([], []) == ()


def test_readings_as_right_as_they_say_have_nearly_no_error() -> None:
    random = np.random.default_rng(4)
    confidences = random.random(20_000)
    right = random.random(20_000) < confidences
    assert expected_calibration_error(list(confidences), list(right)) < 0.02


def test_readings_surer_than_right_have_a_large_error() -> None:
    random = np.random.default_rng(4)
    right = random.random(5_000) < 0.6
    assert expected_calibration_error([0.95] * 5_000, list(right)) == pytest.approx(0.35, abs=0.02)


def test_a_confidence_on_a_border_belongs_to_the_lower_bin() -> None:
    bins = reliability_bins([0.0, 0.5, 0.500001, 1.0], [True] * 4, bins=2)
    assert [(each.low, each.high, each.n) for each in bins] == [(0, 0.5, 2), (0.5, 1, 2)]


@given(confidence_and_right, st.integers(1, 30))
def test_every_reading_is_in_one_bin_that_holds_its_confidence(
    readings: list[tuple[float, bool]], bins: int
) -> None:
    confidences, right = [each for each, _ in readings], [each for _, each in readings]
    groups = reliability_bins(confidences, right, bins)
    assert sum(each.n for each in groups) == len(readings)
    assert sum(each.right for each in groups) == sum(right)
    assert all(each.low - 1e-9 <= each.mean_confidence <= each.high + 1e-9 for each in groups)


@given(confidence_and_right)
def test_the_error_lies_within_0_and_1(readings: list[tuple[float, bool]]) -> None:
    error = expected_calibration_error([each for each, _ in readings], [each for _, each in readings])
    assert 0 <= error <= 1


def test_unequal_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        reliability_bins([0.5, 0.5], [True])


def drawn_logits(temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are `temperature` times too large for their truths."""
    random = np.random.default_rng(1)
    honest = random.normal(0, 2, (4000, 5))
    probabilities = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    truths = np.array([random.choice(5, p=row) for row in probabilities])
    return honest * temperature, truths


def mean_nll(logits: np.ndarray, truths: np.ndarray, temperature: float) -> float:
    scaled = logits / temperature
    log_totals = np.log(np.exp(scaled - scaled.max(axis=1, keepdims=True)).sum(axis=1)) + scaled.max(axis=1)
    return float((log_totals - scaled[np.arange(len(truths)), truths]).mean())


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_the_temperature_that_logits_were_multiplied_with_is_found_again(temperature: float) -> None:
    logits, truths = drawn_logits(temperature)
    found = fit_temperature(lambda wanted: mean_nll(logits, truths, wanted))
    assert found == pytest.approx(temperature, rel=0.05)


@given(st.floats(math.log(0.11), math.log(9.9)))
def test_the_floor_of_a_valley_is_found(floor: float) -> None:
    found = fit_temperature(lambda temperature: (math.log(temperature) - floor) ** 2)
    assert math.log(found) == pytest.approx(floor, abs=1e-3)


def test_a_temperature_never_leaves_its_bounds() -> None:
    assert fit_temperature(lambda temperature: temperature) == pytest.approx(0.1, rel=1e-3)
    assert fit_temperature(lambda temperature: -temperature) == pytest.approx(10, rel=1e-3)


def test_where_no_temperature_does_better_it_stays_1() -> None:
    assert fit_temperature(lambda temperature: 7.0) == 1.0
    assert fit_temperature(lambda temperature: math.nan) == 1.0
