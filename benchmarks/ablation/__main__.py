"""`python -m benchmarks.ablation [VARIANT ...]`: train all variants, or some."""

import sys

from benchmarks.ablation.cells import cells
from benchmarks.ablation.variants import TRAININGS

NAMES = tuple(sharing[0].name for sharing in TRAININGS)


def main() -> None:
    chosen = sys.argv[1:] or NAMES
    for name in chosen:
        if name not in NAMES:
            raise SystemExit(f"There is no training {name!r}: choose among {', '.join(NAMES)}.")
    for cell in cells():
        if cell.settings["variants"][0] in chosen:
            cell.run()


if __name__ == "__main__":
    main()
