"""Lines of the accuracy table."""

from typing import Any

from benchmarks.accuracy.fitting import count, per_character
from benchmarks.accuracy.table import line, pooled


def cell(right: int, n: int, target: float | None = 0.98, **result: Any) -> dict[str, Any]:
    return {
        "label": "A set, `slots`",
        "unit": "whole-string",
        "target": target,
        "settings": {"seed": 0},
        "result": {"right": right, "n": n, **result},
    }


def test_folds_are_pooled_by_their_counts() -> None:
    share = pooled([{"right": 90, "n": 100}, {"right": 5, "n": 50}])
    assert (share.count, share.n) == (95, 150)


def test_a_reached_goal_says_so() -> None:
    assert "98.0 % reached" in line([cell(99, 100)])


def test_a_missed_goal_says_by_how_much() -> None:
    assert "missed by 3.0 points" in line([cell(95, 100)])


def test_a_baseline_has_no_goal() -> None:
    assert "reached" not in line([cell(99, 100, target=None)])


def test_a_line_tells_n_and_the_wilson_interval() -> None:
    assert "| 94.6 % to 99.8 %, n = 100 |" in line([cell(99, 100)])


def test_a_line_tells_in_how_many_folds_validation_became_good() -> None:
    trained = {"seconds_training": 60.0, "trained_on": 600, "parameters": 1000}
    cells = [
        cell(9, 10, **trained, seconds_until_good=40.0),
        cell(9, 10, **trained, seconds_until_good=None),
    ]
    assert "95 % of the validation images after 40 s in 1 of 2" in line(cells)


def test_characters_are_counted_at_their_place() -> None:
    counted = count(["abc", "abc"], ["abc", "bc"])
    assert (counted["n"], counted["right"], counted["characters"], counted["characters_right"]) == (
        2,
        1,
        6,
        3,
    )


def test_a_result_can_count_characters_instead() -> None:
    counted = per_character(count(["abc", "abc"], ["abc", "abd"]))
    assert (counted["n"], counted["right"], counted["strings"], counted["strings_right"]) == (6, 5, 2, 1)
