"""A cell is a measurement done in one go: one fold, one seed, one reader. Its result is a file."""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.common import RESULTS, save


@dataclass(frozen=True)
class Cell:
    """One measurement of a row.

    Cells of a row that share a `label` measure the same thing on other images or with another seed: their counts
    are pooled. `settings` is everything that the result depends on, as JSON values; `measure` returns at least
    `n` and `right`, counted in the `unit`; `target` is the share 0..1 that was set as a goal, None for peers and
    baselines.
    """

    row: str
    label: str
    name: str
    unit: str
    target: float | None
    settings: Mapping[str, Any]
    measure: Callable[[], dict[str, Any]]

    @property
    def path(self) -> str:
        """The result's name below the folder of results."""
        return f"accuracy/{self.row}/{self.name}"

    def is_measured(self) -> bool:
        """Whether there is a result for just these settings."""
        file = RESULTS / f"{self.path}.json"
        return file.exists() and json.loads(file.read_text())["settings"] == _as_json(self.settings)

    def run(self) -> None:
        """Measure and save, unless that was done before."""
        if self.is_measured() and os.environ.get("FRESH") != "1":
            print(f"{self.path}: measured before", flush=True)
            return
        print(f"{self.path}: measuring …", flush=True)
        started = time.perf_counter()
        result = self.measure()
        result["seconds_in_all"] = round(time.perf_counter() - started, 1)
        save(
            self.path,
            result,
            row=self.row,
            label=self.label,
            unit=self.unit,
            target=self.target,
            settings=_as_json(self.settings),
        )


def _as_json(settings: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(settings))
