"""`python -m benchmarks.out_of_family [PART ...]`: measure all families and, as `rivals-FAMILY`, other tests beside the
shipped one; or some of these. Goes on where it was stopped."""

import sys
from itertools import chain

from benchmarks.out_of_family import families, rivals


def main() -> None:
    chosen = sys.argv[1:]
    for cell in chain(families.cells(), rivals.cells()):
        if not chosen or cell.row in chosen:
            cell.run()


if __name__ == "__main__":
    main()
