"""Measuring on both databases: SQLite, and a PostgreSQL of its own that writes to the disk as a real one does."""

import os
import subprocess
import sys
from collections.abc import Callable

from tests.support.site import ROOT


def database() -> str:
    """The name of the database that is measured on."""
    return "postgresql" if os.environ.get("DATABASE_URL") else "sqlite"


def on_both_databases(measure: Callable[[], None], module: str) -> None:
    """Measure on the database of DATABASE_URL; without one, on SQLite, and in another process on PostgreSQL.

    Args:
        module: what `python -m` runs there.
    """
    is_given = "DATABASE_URL" in os.environ
    measure()
    if not is_given:
        subprocess.run(
            [ROOT / "scripts" / "with-postgres", sys.executable, "-W", "ignore", "-m", module],
            env=os.environ | {"FSYNC": "on"},
            check=True,
        )
