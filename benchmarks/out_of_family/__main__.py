"""`python -m benchmarks.out_of_family [FAMILY ...]`: measure all families, or some; goes on where it was stopped."""

import sys

from benchmarks.out_of_family.families import cells


def main() -> None:
    chosen = sys.argv[1:]
    for cell in cells():
        if not chosen or cell.row in chosen:
            cell.run()


if __name__ == "__main__":
    main()
