"""Results of single cells: measured once, kept as files."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import common
from benchmarks.accuracy import cells
from benchmarks.accuracy.cells import Cell


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("FRESH", raising=False)
    monkeypatch.setattr(common, "RESULTS", tmp_path)
    monkeypatch.setattr(cells, "RESULTS", tmp_path)
    return tmp_path


def cell(measured: list[int], **settings: Any) -> Cell:
    def measure() -> dict[str, Any]:
        measured.append(1)
        return {"n": 10, "right": 9}

    return Cell("row", "A label", "fold0", "whole-string", 0.9, settings, measure)


def test_a_result_stands_beside_its_settings_and_the_machine(results: Path) -> None:
    cell([], seed=0).run()
    saved = json.loads((results / "accuracy" / "row" / "fold0.json").read_text())
    assert saved["result"]["right"] == 9
    assert saved["settings"] == {"seed": 0}
    assert {"machine", "versions", "code"} <= set(saved)


def test_what_was_measured_is_not_measured_again(results: Path) -> None:
    measured: list[int] = []
    cell(measured, seed=0).run()
    cell(measured, seed=0).run()
    assert len(measured) == 1


def test_other_settings_are_measured_anew(results: Path) -> None:
    measured: list[int] = []
    cell(measured, seed=0).run()
    cell(measured, seed=1).run()
    assert len(measured) == 2


def test_fresh_measures_anew(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []
    cell(measured, seed=0).run()
    monkeypatch.setenv("FRESH", "1")
    cell(measured, seed=0).run()
    assert len(measured) == 2
