"""`python -m benchmarks.speed [PART ...]`: measure all parts, or some."""

import sys
from importlib import import_module

PARTS = ("inference", "looking", "training_rate", "preparing")


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        if name not in PARTS:
            raise SystemExit(f"There is no part {name!r}: choose among {', '.join(PARTS)}.")
        import_module(f"benchmarks.speed.{name}").main()


if __name__ == "__main__":
    main()
