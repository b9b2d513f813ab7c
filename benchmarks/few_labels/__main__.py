"""`python -m benchmarks.few_labels [SET ...]`: measure all sets, or some."""

import sys

from benchmarks.few_labels.cells import cells
from benchmarks.few_labels.sets import SETS


def main() -> None:
    chosen = sys.argv[1:] or list(SETS)
    for name in chosen:
        if name not in SETS:
            raise SystemExit(f"There is no set {name!r}: choose among {', '.join(SETS)}.")
    for cell in cells(chosen):
        cell.run()


if __name__ == "__main__":
    main()
