"""The table about watching a run."""

from typing import Any

from benchmarks.watching.table import table

TIMES = {"median": 140.0, "low": 130.0, "high": 150.0, "n": 2360}


def viewers(median: float = 140.0, missed: int = 0) -> dict[str, Any]:
    return {
        "viewers": 20, "steps": 118, "epochs_before": 10_000, "missed": missed,
        "milliseconds": TIMES | {"median": median, "p95": 300.0},
        "milliseconds_in_a_browser": TIMES | {"p95": 320.0},
    }  # fmt: skip


def test_what_was_not_measured_has_no_row() -> None:
    assert table({}) == []


def test_a_goal_is_reached_or_missed() -> None:
    assert table({"viewers": viewers()})[0][3] == "1000 ms reached"
    assert table({"viewers": viewers(1400.0)})[0][3] == "1000 ms missed"


def test_steps_that_never_came_are_said() -> None:
    assert "3 missed" in table({"viewers": viewers(missed=3)})[0][1]


def test_only_the_page_itself_has_a_goal() -> None:
    times = {
        "queries": 8,
        "kilobytes": 40.2,
        "median": 30.0,
        "median_low": 29.0,
        "median_high": 31.0,
        "n": 50,
    }
    rows = table({"first_paint": {"epochs": 10_000, "milliseconds": {"page": times, "history": times}}})
    assert [row[3] for row in rows] == ["300 ms reached", ""]


def test_an_overhead_has_its_interval() -> None:
    percent = {"median": 3.4, "low": -0.2, "high": 5.1, "n": 12}
    [row] = table({"overhead": {"epochs": 12, "images": 2000, "percent": percent}})
    assert row[1:] == ("+3.4 %", "-0.2 to +5.1 %, n = 12 pairs", "3 % missed")
