"""`python -m benchmarks.ablation.table`: writes "What was tried" of docs/recognition.md from the results."""

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ablation.comparison import Difference, Outcomes, difference
from benchmarks.ablation.sets import SETS
from benchmarks.ablation.variants import VARIANTS, Variant
from benchmarks.common import QUICK, RESULTS
from labeling.intervals import Interval, clustered_interval

PAGE = (RESULTS if QUICK else Path(__file__).resolve().parents[2] / "docs") / "recognition.md"
BEGIN, END = "<!-- what was tried: begin -->", "<!-- what was tried: end -->"

Measured = Mapping[str, Sequence[dict[str, Any]]]
"""Per set, the cells of one variant in the order of their seeds."""


def main() -> None:
    before = PAGE.read_text() if PAGE.exists() else ""
    PAGE.write_text(replaced(before, section(load())))
    print(f"wrote {PAGE}")


def replaced(page: str, text: str) -> str:
    """The page with the text between its two marks, or at its end where it has none yet."""
    marked = f"{BEGIN}\n{text}{END}\n"
    if BEGIN not in page:
        return f"{page.rstrip()}\n\n{marked}".lstrip()
    before, rest = page.split(BEGIN, 1)
    return before + marked + rest.split(END, 1)[1].lstrip("\n")


def load() -> dict[str, Measured]:
    """The cells of every variant that was measured on all sets with all of the default's seeds."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for path in sorted((RESULTS / "ablation").glob("*.json")):
        cell = json.loads(path.read_text())
        for variant in cell["settings"]["variants"]:
            found.setdefault(variant, {}).setdefault(cell["settings"]["set"], []).append(cell)
    default = found.get("default", {})
    return {name: sets for name, sets in found.items() if identity(sets) == identity(default)}


def identity(sets: Measured) -> dict[str, list[tuple[Any, ...]]]:
    """What cells must have in common to be compared: the images, the epochs and the seed."""
    keys = ("labels", "measured", "epochs", "seed")
    return {
        name: [tuple(cell["settings"][key] for key in keys) for cell in cells] for name, cells in sets.items()
    }


def section(measured: Mapping[str, Measured]) -> str:
    """Markdown of the whole section."""
    default = measured["default"]
    rows = [row(variant, measured[variant.name], default) for variant in VARIANTS if variant.name in measured]
    names = [name for name in SETS if name in default]
    titles = [
        "variant",
        *(f"`{name}`" for name in names),
        "difference",
        "s per epoch",
        "ms per image",
        "verdict",
    ]
    return (
        head(default)
        + f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}\n"
        + "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
        + _missing([variant.title for variant in VARIANTS if variant.name not in measured])
    )


def head(default: Measured) -> str:
    """What was measured, and the rule."""
    sizes = [
        f"- `{name}`: {_first(default, name)['trained_on']} images to train on, "
        f"{_first(default, name)['validated_on']} to validate on, {_first(default, name)['n']} to measure on, "
        f"{few.epochs} epochs, {len(default[name])} trainings per variant.\n"
        for name, few in SETS.items()
        if name in default
    ]
    return f"""## What was tried

Made by `make bench-ablation`, where labels are few and differences show:

{"".join(sizes)}
None of these images is in the part that `benchmarks/accuracy` tests on. Each variant is `slots` but for one thing; all
see the same images and seeds, for equally many epochs. Shares are whole strings read right, all trainings together,
with a 95 % interval in which an image counts once. The difference to the default, in points over all sets, is paired by
image and seed; its interval draws images and trainings anew (pigeonhole bootstrap, Owen 2007). Of so few trainings it
still knows little of a training's luck, and of many comparisons at 95 % one in twenty looks real by chance.

The rule: a part is **kept** where the difference that it makes has an interval without 0; else it is not shown to help
here, and the simpler way is as good as these images can tell. Seconds per epoch (one number per set) and milliseconds
per image are medians on a machine shared with other work.

"""


def row(variant: Variant, sets: Measured, default: Measured) -> list[str]:
    """The cells of one line of the table."""
    name = variant.name
    shares = [share(outcomes(sets[each], name)) for each in SETS if each in sets]
    epochs = [
        f"{statistics.median(cell['result']['seconds_per_epoch'] for cell in sets[each]):.2f}"
        for each in SETS
        if each in sets
    ]
    reading = statistics.median(
        cell["result"]["milliseconds_per_image"][name] for cells in sets.values() for cell in cells
    )
    if variant.kind == "default":
        compared = ["", "", ""]
    else:
        gain = difference(
            [outcomes(sets[each], name) for each in sets],
            [outcomes(default[each], "default") for each in sets],
        )
        compared = [_points(gain), verdict(variant, gain)]
    return [
        variant.title,
        *shares,
        compared[0],
        " / ".join(epochs),
        f"{reading:.2f}",
        compared[-1],
    ]


def verdict(variant: Variant, gain: Difference) -> str:
    """By the rule of `head`; `gain` is the variant's over the default."""
    if not gain.is_shown:
        return "not shown to help" if variant.kind == "less" else "not kept"
    if variant.kind == "less":
        return "kept" if gain.value < 0 else "better without"
    return "better with" if gain.value > 0 else "not kept: worse"


def outcomes(cells: Sequence[dict[str, Any]], variant: str) -> Outcomes:
    """(trainings, images), 1 where an image was read right."""
    lines = [cell["result"]["outcomes"][variant] for cell in cells]
    return np.array([[float(digit) for digit in line] for line in lines])


def share(read: Outcomes) -> str:
    """The share read right with its interval and the number of images."""
    trainings, images = read.shape
    interval = clustered_interval([float(each) for each in read.mean(axis=0)], trainings * images)
    return f"{100 * read.mean():.1f} % ({_span(interval)}, n = {images})"


def _missing(titles: Sequence[str]) -> str:
    return f"\nNot measured yet: {', '.join(titles)}.\n" if titles else ""


def _first(sets: Measured, name: str) -> dict[str, Any]:
    result: dict[str, Any] = sets[name][0]["result"]
    return result


def _span(interval: Interval) -> str:
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"


def _points(gain: Difference) -> str:
    return f"{100 * gain.value:+.1f} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"


if __name__ == "__main__":
    main()
