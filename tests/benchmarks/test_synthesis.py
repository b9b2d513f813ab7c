"""The part of docs/benchmarks.md about drawing texts."""

import json
from pathlib import Path

import pytest

from benchmarks import synthesis


def measured(median: float) -> dict[str, object]:
    rate = {"median": median, "low": median - 50, "high": median + 50, "n": 15}
    return {"images_per_second": rate, "times_the_peer": {"ratio": 4.0, "low": 3.5, "high": 4.5}}


def test_rates_stand_beside_the_peer_and_the_goal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis, "RESULTS", tmp_path)
    assert synthesis.section() == ""
    result = {"Fast": measured(2_400.0), "Slow": measured(1_900.0), synthesis.PEER: measured(600.0)}
    (tmp_path / "synthesis").mkdir()
    (tmp_path / "synthesis" / "rates.json").write_text(
        json.dumps({"result": result, "processes": 2, "fonts": 96, "pictures": 20_000})
    )
    rows = synthesis.section().splitlines()[-3:]
    assert rows == [
        "| Fast | 2,400 images/s | 2,350 to 2,450, n = 15 rounds | 4.0 x (3.5 to 4.5) | 2,000 images/s reached |",
        "| Slow | 1,900 images/s | 1,850 to 1,950, n = 15 rounds | 4.0 x (3.5 to 4.5) | 2,000 images/s missed |",
        f"| {synthesis.PEER} | 600 images/s | 550 to 650, n = 15 rounds |  |  |",
    ]
