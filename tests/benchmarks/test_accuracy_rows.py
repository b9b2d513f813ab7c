"""What is going to be measured."""

import json
from importlib import import_module

import pytest

from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.rows import ROWS


def cells_of(row: str) -> list[Cell]:
    return list(import_module(f"benchmarks.accuracy.{row}").cells())


@pytest.mark.parametrize("row", ROWS)
def test_each_cell_of_a_row_has_a_file_of_its_own(row: str) -> None:
    cells = cells_of(row)
    assert cells
    assert len({cell.path for cell in cells}) == len(cells)


@pytest.mark.parametrize("row", ROWS)
def test_settings_can_be_kept_in_a_file(row: str) -> None:
    for cell in cells_of(row):
        assert json.loads(json.dumps(cell.settings)) is not None


def test_changed_defaults_change_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from training.recognition.architectures import get_architecture

    before = cells_of("digits4")[0].settings
    monkeypatch.setattr(
        type(get_architecture("slots")), "parse", lambda self, values: self.hyperparameters(learning_rate=0.1)
    )
    assert cells_of("digits4")[0].settings != before
