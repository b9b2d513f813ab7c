"""The part of docs/benchmarks.md about images that are none of a family."""

import json
from typing import Any

from benchmarks.common import RESULTS
from benchmarks.out_of_family import strangers
from benchmarks.out_of_family.families import DEVELOPED_ON
from labeling.intervals import Share

HEAD = """## Strangers

By `make bench-strangers`. Readers are trained for 45 s on four fifths of a family's images, of which the file also
learns how the family looks; the last fifth are its own. Of each other set 500 images are read as they are, and again
resized to the family's size, so that size tells nothing; photos, clouds, noise and blank pictures have that size from
the start. *By confidence* is what confidence alone would flag, below the limit that flags 1 % of the validation
images. *Read with confidence* are images at least as sure as reading unattended at 99 % precision asks for: without
the test, and with it. The method was chosen on DEVELOPED, marked *; where it aims (1 % of its own, with 95 %
confidence) was settled after a first look at other splits of `wilhelmy` and `digits4`.

| family | images | flagged | interval, n | goal | by confidence | read with confidence |
|---|---|---|---|---|---|---|
"""
FLAGGED = 0.95
OWN = 0.02


RIVALS_HEAD = """
### Other tests of strangers

By `make bench-strangers`, on the same images, with readers trained alike. *Shipped* is the test above. Its two
variants leave all of the correlation between the features of a picture in, or take nearly all out; the Mahalanobis
distance of looks takes the distance from their mean instead of from the nearest training image. These four may learn
their limit from training images. The energy of the logits (Liu et al. 2020) and the Mahalanobis distance of the
network's features from those of the nearest character (Lee et al. 2018) have a limit that flags 1 % of the validation
images.

"""


def section() -> str:
    """Markdown; empty where nothing was measured."""
    found, rivals = _results("out_of_family"), _results("out_of_family/rivals")
    rows = [row for family, result in found.items() for row in table(family, result)]
    family, others = DEVELOPED_ON
    developed = f"`{family}` beside {', '.join(others[:-1])} and {others[-1]}"
    measured = HEAD.replace("DEVELOPED", developed) + "".join(rows) if rows else ""
    return measured + (RIVALS_HEAD + rivals_table(rivals) if rivals else "")


def _results(folder: str) -> dict[str, dict[str, Any]]:
    return {
        path.stem: json.loads(path.read_text())["result"]
        for path in sorted((RESULTS / folder).glob("*.json"))
    }


def rivals_table(results: dict[str, dict[str, Any]]) -> str:
    """What each method flags of a family's own, of other sets as they are and resized, and of other things."""
    methods = [method for method in next(iter(results.values()))["own"] if method != "n"]
    lines = [f"| family | images | {' | '.join(methods)} |\n", f"|---|---|{'---|' * len(methods)}\n"]
    for family, result in results.items():
        found = result["strangers"]
        groups = {
            "its own": [result["own"]],
            "other sets": [each for name, each in found.items() if name in strangers.SETS],
            "other sets, resized": [each for name, each in found.items() if name.endswith(", resized")],
            "other things": [each for name, each in found.items() if name in strangers.THINGS],
        }
        for what, counts in groups.items():
            n = sum(each["n"] for each in counts)
            shares = [_percent(sum(each[method] for each in counts) / n) for method in methods]
            lines.append(f"| `{family}` | {what}, n = {n:,} | {' | '.join(shares)} |\n")
    return "".join(lines)


def table(family: str, result: dict[str, Any]) -> list[str]:
    """A family's rows: its own images, all images of other sets together, each set, and other things."""
    found = result["strangers"]
    sets = [found[name] for name in strangers.SETS if name in found]
    together = {key: sum(each[key] for each in sets) for key in sets[0]}
    rows = [
        _row(family, "its own", result["own"], _at_most(result["own"])),
        _row(family, "**other sets together**", together, _at_least(together)),
    ]
    return rows + [_row(family, f"{name}{_star(family, name)}", each, "") for name, each in found.items()]


def _row(family: str, what: str, counts: dict[str, int], goal: str) -> str:
    n = counts["n"]
    share = Share(counts["flagged"], n)
    interval = f"{_percent(share.interval.low)} to {_percent(share.interval.high)}, n = {n:,}"
    by_confidence = _percent(counts["flagged_by_confidence"] / n)
    read = f"{counts['sure']:,} → {counts['sure_and_not_flagged']:,}"
    return f"| `{family}` | {what} | {_percent(share.value)} | {interval} | {goal} | {by_confidence} | {read} |\n"


def _star(family: str, name: str) -> str:
    developed, others = DEVELOPED_ON
    return " *" if family == developed and name.partition(",")[0] in others else ""


def _at_least(counts: dict[str, int]) -> str:
    return f"{FLAGGED:.0%} {'reached' if counts['flagged'] >= FLAGGED * counts['n'] else 'missed'}"


def _at_most(counts: dict[str, int]) -> str:
    return f"at most {OWN:.0%} {'reached' if counts['flagged'] <= OWN * counts['n'] else 'missed'}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
