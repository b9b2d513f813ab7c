"""Fixtures for tests of training's services."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _data_in_the_tests_folder(settings: Any, tmp_path: Path) -> None:
    """Each test's workers have a disk of their own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
