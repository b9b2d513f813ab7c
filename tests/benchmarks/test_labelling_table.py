"""The table about teams: what reached its goal, and what did not."""

from typing import Any

from benchmarks.labelling.journal import Journal, Turn
from benchmarks.labelling.peer import figures
from benchmarks.labelling.table import table


def measured(row: str, label: str, result: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {
        "row": row,
        "label": label,
        "settings": {"database": "postgresql", **settings},
        "result": result,
    }


def shift(p95: float, *, pause: float, faults: dict[str, int]) -> dict[str, Any]:
    times = {"n": 2000, "p50": 40.0, "p95": p95, "p95_low": p95 - 5, "p95_high": p95 + 5}
    result = {"submit_and_next_ms": times, "pairs_per_second": 33.3, "pairs": 2000, "faults": faults}
    return measured("team", "typing, by batches", result, people=50, pause=pause)


def goals(*cells: dict[str, Any]) -> list[str]:
    return [goal for *_, goal in table(list(cells))]


def test_a_crowd_that_waits_too_long_misses_the_goal() -> None:
    assert goals(shift(150, pause=1.5, faults={}))[0] == "150 ms reached"
    assert goals(shift(151, pause=1.5, faults={}))[0] == "150 ms missed"


def test_who_does_not_pause_is_no_person() -> None:
    assert goals(shift(900, pause=0, faults={}))[0] == ""


def test_one_fault_among_all_shifts_misses_the_goal() -> None:
    rows = table([shift(90, pause=1.5, faults={"lost": 0}), shift(90, pause=1.5, faults={"lost": 1})])
    assert rows[-1][1:] == ("1", "n = 4,000", "0 missed")


def crowd(pairs_per_second: float) -> Journal:
    seconds = 1 / pairs_per_second
    return Journal(
        [Turn(0, each, str(each), True, each * seconds, seconds, 0) for each in range(10)], {0: []}
    )


def test_a_ratio_to_the_peer_is_of_what_both_did_in_the_same_rounds() -> None:
    result = figures({"peer": [crowd(3), crowd(4)], "one by one": [crowd(78), crowd(104)]})
    rows = table([measured("peer", "8 clients", result, clients=8, peer="Peer 1.0")])
    assert [row[0] for row in rows] == [
        "Peer 1.0, 8 clients, PostgreSQL",
        "This site, one by one, 8 clients, PostgreSQL",
    ]
    assert rows[1][1] == "91 pairs/s, 26 x"
    assert rows[1][3] == "25 x reached"


def test_one_page_with_a_query_too_many_misses_the_goal() -> None:
    quick = {"queries": 15, "n": 20, "median": 20.0, "median_low": 19.0, "median_high": 21.0, "most": 230.0}
    found = {
        "": quick,
        "sheet/": {**quick, "queries": 16},
        "images/": {**quick, "median": 200.4, "most": 201.0},
    }
    slowest, queries = table([measured("pages", "200000 images", {"pages": found}, images=200_000)])
    assert slowest[0] == "Slowest of 3 pages at 200,000 images, PostgreSQL (`images/`)"
    assert slowest[2].endswith("at most once 230 ms (``)")
    assert slowest[3] == "200 ms missed"
    assert queries[1:] == ("16", "", "15 missed")


def test_the_overhead_of_typing_is_the_median() -> None:
    result = {"overhead_ms": {"median": 42.0, "low": 40.0, "high": 44.0, "n": 200}, "most_ms": 90.0}
    assert goals(measured("keyboard", "overhead", result, images=200)) == ["60 ms reached"]
