"""`python -m benchmarks.labelling [PART ...]`: measure all parts, or some, on SQLite and then on PostgreSQL."""

import os
import signal
import sys
from importlib import import_module

from tests.support.site import ROOT

PARTS = ("keyboard", "team", "pages", "peer")


def main() -> None:
    # Whoever is told to stop takes the site and the peer along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    chosen = sys.argv[1:] or PARTS
    for name in chosen:
        if name not in PARTS:
            raise SystemExit(f"There is no part {name!r}: choose among {', '.join(PARTS)}.")
    for name in chosen:
        for cell in import_module(f"benchmarks.labelling.{name}").cells():
            cell.run()
    if "DATABASE_URL" not in os.environ:
        # It waits for the disk, as real ones do.
        program = str(ROOT / "scripts" / "with-postgres")
        again = [program, sys.executable, "-W", "ignore", "-m", "benchmarks.labelling", *chosen]
        os.execve(program, again, os.environ | {"FSYNC": "on"})


if __name__ == "__main__":
    main()
