"""One measurement on one database per cell, so that who was stopped goes on behind the last one."""

import os
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from benchmarks.accuracy.cells import Cell


class LabellingCell(Cell):
    @property
    def path(self) -> str:
        return f"labelling/{self.name}"


def cell(
    part: str, label: str, settings: Mapping[str, Any], measure: Callable[[], dict[str, Any]], *, unit: str
) -> LabellingCell:
    """A measurement on the database of DATABASE_URL, or on SQLite. `label` tells it from others of its part."""
    return LabellingCell(
        row=part,
        label=label,
        name="_".join((part, database(), *label.replace(",", "").split())),
        unit=unit,
        target=None,
        settings={"database": database(), **settings},
        measure=lambda: {"database_version": _version(), **measure()},
    )


def database() -> str:
    """The name of the database that is measured on."""
    return "postgresql" if os.environ.get("DATABASE_URL") else "sqlite"


def _version() -> str:
    if database() == "sqlite":
        return sqlite3.sqlite_version
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        return connection.info.parameter_status("server_version") or ""
