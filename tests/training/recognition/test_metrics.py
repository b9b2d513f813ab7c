import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.recognition.coverage import Coverage
from training.recognition.metrics import (
    character_accuracy,
    edit_distance,
    evaluate,
    position_accuracies,
    whole_string_accuracy,
    wilson_interval,
)

# Wilson's interval as R's prop.test(correct = FALSE) and published tables give it, to four places.
KNOWN_INTERVALS = [
    (0, 10, 0.0, 0.2775),
    (5, 10, 0.2366, 0.7634),
    (10, 10, 0.7225, 1.0),
    (15, 148, 0.0624, 0.1605),
    (95, 100, 0.8882, 0.9785),
]


@pytest.mark.parametrize(("right", "n", "low", "high"), KNOWN_INTERVALS)
def test_wilson_gives_the_published_intervals(right: int, n: int, low: float, high: float) -> None:
    interval = wilson_interval(right, n)
    assert (interval.low, interval.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


def test_nothing_counted_tells_nothing() -> None:
    assert (wilson_interval(0, 0).low, wilson_interval(0, 0).high) == (0.0, 1.0)


def test_more_successes_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="impossible"):
        wilson_interval(3, 2)


@given(st.integers(1, 500), st.data())
def test_an_interval_lies_within_0_and_1_around_the_share(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    interval = wilson_interval(right, n)
    assert 0 <= interval.low <= right / n <= interval.high <= 1


@pytest.mark.parametrize(
    ("a", "b", "distance"), [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("ab", "ba", 2)]
)
def test_edit_distance_counts_the_fewest_changes(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == distance


@given(st.text("ab", max_size=6), st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_edit_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert edit_distance(a, b) == edit_distance(b, a)
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


def test_whole_string_accuracy_counts_only_full_matches() -> None:
    assert whole_string_accuracy(["ab", "cd", "ef"], ["ab", "cx", "ef"]) == pytest.approx(2 / 3)


def test_case_counts_only_where_it_matters() -> None:
    assert whole_string_accuracy(["aB"], ["Ab"]) == 0
    assert whole_string_accuracy(["aB"], ["Ab"], case_sensitive=False) == 1


def test_character_accuracy_is_the_mean_share_of_right_characters() -> None:
    assert character_accuracy(["abcd", "abcd"], ["abcx", "abcd"]) == pytest.approx(0.875)


def test_a_much_too_long_reading_counts_as_nothing_not_as_less() -> None:
    assert character_accuracy(["a"], ["xyzxyz"]) == 0


def test_accuracies_per_position_count_the_texts_that_are_long_enough() -> None:
    assert position_accuracies(["ab", "abc"], ["ax", "abx"]) == [1.0, 0.5, 0.0]


def test_an_evaluation_agrees_with_its_parts() -> None:
    result = evaluate(["ab", "cd"], ["ab", "cx"])
    assert (result.n, result.right, result.whole_string_accuracy) == (2, 1, 0.5)
    assert result.whole_string_interval == wilson_interval(1, 2)
    assert (result.character_accuracy, result.position_accuracies) == (0.75, (1.0, 0.5))
    assert [(share.count, share.n) for share in result.positions] == [(2, 2), (1, 2)]
    assert [(each.written, each.read) for each in result.confusion.most_confused(9)] == [("d", "x")]
    assert result.character_interval.low < 0.75 < result.character_interval.high


def test_without_confidences_there_is_neither_calibration_nor_coverage() -> None:
    result = evaluate(["ab"], ["ab"])
    assert (result.calibration, result.coverage) == (None, None)


def test_validation_images_choose_the_threshold_and_test_images_test_it() -> None:
    validation = evaluate(["a", "b"], ["a", "x"], confidences=[0.9, 0.8])
    assert validation.coverage == Coverage(0.9, n=2, accepted=1, right=1)
    test = evaluate(["a", "b"], ["x", "b"], confidences=[0.95, 0.1], validated=validation.coverage)
    assert test.coverage == Coverage(0.9, n=2, accepted=1, right=0)


def test_an_evaluation_as_json_keeps_its_old_keys_and_adds_the_new() -> None:
    plain = json.loads(json.dumps(evaluate(["ab", "cb"], ["ab", "cx"], confidences=[0.9, 0.7]).to_json()))
    assert (plain["n"], plain["right"], plain["whole_string_accuracy"]) == (2, 1, 0.5)
    assert plain["position_accuracies"] == [1.0, 0.5]
    assert [position["count"] for position in plain["positions"]] == [2, 1]
    assert [(each["character"], each["share"]) for each in plain["characters"]] == [
        ("b", 0.5),
        ("a", 1.0),
        ("c", 1.0),
    ]
    assert ["b", "x", 1] in plain["confusion"]
    assert [each["accuracy"] for each in plain["calibration"]["bins"]] == [0.0, 1.0]
    assert plain["calibration"]["expected_calibration_error"] == pytest.approx(0.4)
    assert plain["coverage"]["threshold"] == 0.9


def test_no_images_are_no_error() -> None:
    assert evaluate([], []).whole_string_accuracy == 0


def test_unequal_numbers_of_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="2 true texts"):
        whole_string_accuracy(["a", "b"], ["a"])
