"""The part of docs/benchmarks.md about the starter model."""

import json
from typing import Any

from benchmarks.common import RESULTS
from benchmarks.starter import SETS

HEAD = """## The starter, before anybody has labelled an image

By `make bench-starter`. The starter model and `ddddocr` 1.6.1 read the same images, both with the set's characters as
a mask and decoded exactly to its lengths; whole strings, compared without case. Of `varlen` both see the box of the
text. No image of these sets was ever trained on; *untouched* are those that nobody looked at while the starter's recipe
was chosen. The difference is paired. Milliseconds are of one image at a time, all cores, in turns, with finding the box
for both; `ddddocr` with its own, faster decoding. *Sure* is the starter's mean confidence, and by how much confidences
are off on average.

| set | starter | interval, n | untouched | sure | `ddddocr` | interval | starter − `ddddocr` | ms | `ddddocr` ms |
|---|---|---|---|---|---|---|---|---|---|
"""


def section() -> str:
    """Markdown; empty where nothing was measured."""
    rows = []
    for name in SETS:
        path = RESULTS / "starter" / f"{name}.json"
        if path.exists():
            measured = json.loads(path.read_text())
            rows.append(_row(name, measured["result"]))
    return HEAD + "".join(rows) if rows else ""


def _row(name: str, result: dict[str, Any]) -> str:
    ours, theirs, times = result["starter"], result["ddddocr"], result["milliseconds"]
    untouched = ours["untouched"]
    rest = (
        f"{_percent(untouched['right'] / untouched['n'])}, n = {untouched['n']:,}" if untouched["n"] else ""
    )
    low, high = result["difference_interval"]
    difference = f"{100 * result['difference']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
    sure = f"{_percent(result['mean_confidence'])}, {_percent(result['calibration_error'])} off"
    return (
        f"| `{name}` | {_share(ours)} | {_interval(ours)}, n = {ours['n']:,} | {rest} | {sure} | {_share(theirs)} "
        f"| {_interval(theirs)} | {difference} | {times['starter']['median']:.1f} "
        f"| {times['ddddocr']['median']:.1f} |\n"
    )


def _share(counts: dict[str, Any]) -> str:
    return _percent(counts["right"] / counts["n"])


def _interval(counts: dict[str, Any]) -> str:
    low, high = counts["interval"]
    return f"{_percent(low)} to {_percent(high)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
