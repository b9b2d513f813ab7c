"""The accuracy part of docs/benchmarks.md, from the cells' results."""

import json
import statistics
from collections.abc import Sequence
from typing import Any

from benchmarks.accuracy.rows import ROWS
from benchmarks.common import RESULTS
from labeling.intervals import Share

HEAD = """## Accuracy

By `make bench-accuracy`. Cells of one line (folds, or draws with seeds of their own) are pooled; intervals are
Wilson's at 95 %. A tenth of the training images validates; test images are looked at once, after training. Splits
are by content hash, near-duplicates of one text together. Seeds, settings, versions and times of each cell are
in `benchmarks/results/accuracy/`. A goal is what this project set itself; peers and baselines have none.

| what | read right | interval, n | goal | how |
|---|---|---|---|---|
"""


def section() -> str:
    """Markdown; empty where nothing was measured."""
    found = [
        json.loads(path.read_text())
        for row in ROWS
        for path in sorted((RESULTS / "accuracy" / row).glob("*.json"))
    ]
    lines: dict[str, list[dict[str, Any]]] = {}
    for cell in found:
        lines.setdefault(cell["label"], []).append(cell)
    return HEAD + "".join(f"{line(cells)}\n" for cells in lines.values()) if lines else ""


def line(cells: Sequence[dict[str, Any]]) -> str:
    """One line of the table: cells that measured the same thing, pooled."""
    first, results = cells[0], [cell["result"] for cell in cells]
    share = pooled(results)
    target = (
        "" if first["target"] is None else f"{_percent(first['target'])} {_verdict(share, first['target'])}"
    )
    low, high = share.interval.low, share.interval.high
    interval = f"{_percent(low)} to {_percent(high)}, n = {share.n:,}"
    return f"| {first['label']}, {first['unit']} | {_percent(share.value)} | {interval} | {target} | {how(cells)} |"


def pooled(results: Sequence[dict[str, Any]]) -> Share:
    """All cells' counts together."""
    return Share(sum(result["right"] for result in results), sum(result["n"] for result in results))


def how(cells: Sequence[dict[str, Any]]) -> str:
    """Times and counts beside the share."""
    results = [cell["result"] for cell in cells]
    parts = []
    if "seconds_training" in results[0]:
        seconds = [result["seconds_training"] for result in results]
        images = statistics.median(result["trained_on"] for result in results)
        parts.append(f"{_span(seconds)} s of training on {images:,.0f} images")
        parts.append(f"{results[0]['parameters']:,} parameters")
        seeds = sorted({cell["settings"]["seed"] for cell in cells})
        parts.append("seed " + ", ".join(map(str, seeds)))
    if first_good := [result["seconds_until_good"] for result in results if result.get("seconds_until_good")]:
        parts.append(
            f"95 % of the validation images after {_span(first_good)} s in {len(first_good)} of {len(cells)}"
        )
    if "seconds_drawing_preparing_and_training" in results[0]:
        parts.append(
            f"{results[0]['seconds_drawing_preparing_and_training']:.0f} s with drawing and preparing"
        )
    if "seconds_of_stages" in results[0]:
        characters = Share(
            sum(result["characters_right"] for result in results),
            sum(result["characters"] for result in results),
        )
        stages = ", ".join(
            f"{name} {seconds:.0f} s" for name, seconds in results[0]["seconds_of_stages"].items()
        )
        parts.append(f"{_percent(characters.value)} per character; {stages}")
    if "unreadable_excluded" in results[0]:
        kinds = ", ".join(f"{count} {kind}" for kind, count in results[0]["unreadable_excluded"].items())
        among = results[0]["unreadable_of_the_test_part"]
        least = results[0]["right"] / (results[0]["n"] + among)
        parts.append(
            f"unreadable images left out: {kinds}; were the {among} of the test part counted as wrong, "
            f"{_percent(least)}"
        )
    return "; ".join(parts)


def _verdict(share: Share, target: float) -> str:
    if share.value >= target:
        return "reached"
    return f"missed by {100 * (target - share.value):.1f} points"


def _span(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:.0f}" if round(low) == round(high) else f"{low:.0f} to {high:.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
