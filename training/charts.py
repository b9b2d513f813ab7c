"""What the charts of a page show; the browser draws them (`webapp/static/runs/chart.js`)."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Series:
    """A curve. `key` names its column; `colour` is a custom property of the page's style."""

    key: str
    label: str
    colour: str
    width: float = 2.25
    dash: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the browser wants it."""
        plain = {"key": self.key, "label": self.label, "colour": self.colour, "width": self.width}
        return plain | ({"dash": self.dash} if self.dash else {})


@dataclass(frozen=True)
class Chart:
    """A panel. `format` and `x_format` are names of `webapp/static/runs/formats.js`; `low` and `high` are the fixed
    ends of the y axis."""

    name: str
    title: str
    full_title: str
    file_name: str
    series: tuple[Series, ...]
    format: str = "number"
    note: str = ""
    low: float | None = None
    high: float | None = None
    x_label: str = "Epoch"
    x_format: str = "whole"

    @property
    def series_json(self) -> str:
        return json.dumps([one.to_json() for one in self.series])

    @property
    def x_json(self) -> str:
        return json.dumps({"label": self.x_label, "format": self.x_format})
