"""`python -m benchmarks.watching [PART ...]`: measure all parts, or some, each in a process of its own."""

import subprocess
import sys

PARTS = ("first_paint", "viewers", "overhead")


def main() -> None:
    chosen = sys.argv[1:] or PARTS
    for name in chosen:
        if name not in PARTS:
            raise SystemExit(f"There is no part {name!r}: choose among {', '.join(PARTS)}.")
    for name in chosen:
        # Each sets the site up on a folder of its own.
        subprocess.run([sys.executable, "-W", "ignore", "-m", f"benchmarks.watching.{name}"], check=True)


if __name__ == "__main__":
    main()
