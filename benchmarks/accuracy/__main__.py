"""`python -m benchmarks.accuracy [ROW ...]`: measure all rows, or some."""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module

from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.rows import ROWS
from training.recognition.architectures import UnknownArchitecture


def main() -> None:
    chosen = sys.argv[1:] or ROWS
    for name in chosen:
        if name not in ROWS:
            raise SystemExit(f"There is no row {name!r}: choose among {', '.join(ROWS)}.")
    for name in chosen:
        cells: Callable[[], Iterator[Cell]] = import_module(f"benchmarks.accuracy.{name}").cells
        try:
            for cell in cells():
                cell.run()
        except UnknownArchitecture as error:
            print(f"{name}: left out. {error}", flush=True)


if __name__ == "__main__":
    main()
