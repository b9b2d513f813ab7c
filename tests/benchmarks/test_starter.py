"""The table of the starter beside its peer."""

import json
from pathlib import Path

import pytest

from benchmarks import starter_table

RESULT = {
    "starter": {"n": 300, "right": 285, "interval": [0.919, 0.969], "untouched": {"n": 60, "right": 57}},
    "mean_confidence": 0.91,
    "calibration_error": 0.04,
    "ddddocr": {"n": 300, "right": 291, "interval": [0.944, 0.985], "untouched": {"n": 60, "right": 58}},
    "difference": -0.02,
    "difference_interval": [-0.05, 0.01],
    "milliseconds": {"starter": {"median": 2.04, "n": 100}, "ddddocr": {"median": 22.6, "n": 100}},
}


def test_a_row_tells_both_readers_their_difference_and_their_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter_table, "RESULTS", tmp_path)
    assert starter_table.section() == ""
    (tmp_path / "starter").mkdir()
    (tmp_path / "starter" / "digits4.json").write_text(json.dumps({"result": RESULT}))
    (row,) = (line for line in starter_table.section().splitlines() if line.startswith("| `"))
    assert row == (
        "| `digits4` | 95.0 % | 91.9 % to 96.9 %, n = 300 | 95.0 %, n = 60 | 91.0 %, 4.0 % off | 97.0 % | "
        "94.4 % to 98.5 % | -2.0 (-5.0 to +1.0) | 2.0 | 22.6 |"
    )
