"""How many labels a learning curve shows or lets expect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.intervals import Share
from training.recognition.curve_point import CurvePoint
from training.recognition.labels_needed import REACH, TARGETS, Evidence, labels_needed


def curve(*rights: int, n: int = 1000, labels: int = 100) -> list[CurvePoint]:
    """Points at `labels`, twice as many, ... that read so many of n right; each took a CPU second per label."""
    return [
        CurvePoint(labels * 2**place, Share(right, n), 1.0, float(labels * 2**place))
        for place, right in enumerate(rights)
    ]


def power_law(count: int, b: float, n: int = 100_000) -> list[CurvePoint]:
    """Errors of 0.8 * 2 ** (-b * doublings)."""
    return curve(*(round(n * (1 - 0.8 * 2 ** (-b * place))) for place in range(count)), n=n)


def test_a_target_that_a_reader_reached_is_measured_with_what_that_reader_took() -> None:
    need = labels_needed(curve(100, 600, 950), 0.5)
    assert (need.evidence, need.labels, need.cpu_seconds) == (Evidence.MEASURED, 200, 200.0)
    assert (need.low, need.high) == (200, 200)


def test_a_target_within_a_readers_interval_might_be_reached_by_it_already() -> None:
    need = labels_needed(curve(49, 51, 80, n=100), 0.5)
    assert (need.labels, need.low, need.high) == (200, 100, 400)


def test_where_no_interval_lies_above_the_target_nothing_is_sure() -> None:
    assert labels_needed(curve(10, 20, 51, n=100), 0.5).high is None


def test_a_target_beyond_the_labels_is_fitted_where_the_curve_is_a_power_law() -> None:
    # The error halves with every doubling: from 0.2 at 400 labels to 0.1 at 800.
    need = labels_needed(power_law(3, 1.0), 0.9)
    assert need.evidence == Evidence.FITTED
    assert need.labels == pytest.approx(800, rel=0.02)
    assert need.low is not None
    assert need.high is not None
    assert need.low <= need.labels <= need.high
    assert need.cpu_seconds is None


def test_a_fit_of_few_images_has_a_wide_interval() -> None:
    wide, narrow = labels_needed(curve(20, 60, 80, n=100), 0.9), labels_needed(power_law(3, 1.0), 0.9)
    assert wide.evidence == Evidence.FITTED
    assert narrow.high is not None
    assert wide.high is None or wide.high > narrow.high


def test_what_lies_further_than_two_doublings_has_no_number() -> None:
    need = labels_needed(power_law(3, 1.0), 0.99)
    assert (need.evidence, need.labels, need.low, need.high) == (Evidence.NONE, None, None, None)


@pytest.mark.parametrize("rights", [(0, 0, 0, 0), (300, 300, 300), (500, 400, 300), (700,), (300, 600), ()])
def test_a_curve_that_does_not_climb_or_is_too_short_promises_nothing(rights: tuple[int, ...]) -> None:
    assert labels_needed(curve(*rights), 0.9).evidence == Evidence.NONE


def test_the_slow_beginning_of_a_curve_is_no_part_of_the_law() -> None:
    law = power_law(3, 1.0)
    slow = [CurvePoint(labels, Share(0, 100_000), 1.0, 1.0) for labels in (25, 50)]
    assert labels_needed([*slow, *law], 0.9).labels == labels_needed(law, 0.9).labels


@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=8),
    st.integers(200, 400),
    st.sampled_from(TARGETS),
)
def test_any_curve_has_an_answer_that_does_not_contradict_itself(
    rights: list[int], n: int, target: float
) -> None:
    points = curve(*rights, n=n)
    need = labels_needed(points, target)
    best = max(point.test.value for point in points)
    assert (need.evidence == Evidence.MEASURED) == (best >= target)
    if need.labels is not None:
        assert need.low is None or need.low <= need.labels
        assert need.labels <= REACH * points[-1].labels
        assert need.high is None or need.labels <= need.high
    assert labels_needed(points, target) == need
