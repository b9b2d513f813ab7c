"""The part of docs/benchmarks.md about watching a run."""

import json
from typing import Any

from benchmarks.common import RESULTS

HEAD = """## Watching a run

By `make bench-watching`. A step is an epoch as a worker writes it; its way ends where a viewer has taken the event,
or in the browser where its row stands in the page. Overhead is of monitoring and checkpoints together, beside the same
training that nobody listens to and that writes no file, trained in turns.

| what | measured | interval, n | goal |
|---|---|---|---|
"""
VIEWER_MS = 1000
FIRST_PAINT_MS = 300
OVERHEAD_PERCENT = 3

Row = tuple[str, str, str, str]


def section() -> str:
    """Markdown; empty where nothing was measured."""
    found = {
        path.stem: json.loads(path.read_text())["result"] for path in (RESULTS / "watching").glob("*.json")
    }
    rows = table(found)
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows) if rows else ""


def table(found: dict[str, dict[str, Any]]) -> list[Row]:
    """The rows of the parts that were measured."""
    parts = {"viewers": viewers, "first_paint": first_paint, "overhead": overhead}
    return [row for name, describe in parts.items() if name in found for row in describe(found[name])]


def viewers(result: dict[str, Any]) -> list[Row]:
    times, browser = result["milliseconds"], result["milliseconds_in_a_browser"]
    who = f"{result['viewers']} viewers, {result['epochs_before']:,} epochs before"
    missed = f", {result['missed']} missed" if result["missed"] else ""
    return [
        (
            f"From a step to {who}",
            f"{times['median']:.0f} ms, p95 {times['p95']:.0f} ms{missed}",
            _span(times, " ms"),
            _at_most(times["median"], VIEWER_MS, " ms"),
        ),
        (
            "The one among them that is a browser, drawn",
            f"{browser['median']:.0f} ms, p95 {browser['p95']:.0f} ms",
            _span(browser, " ms"),
            "",
        ),
    ]


def first_paint(result: dict[str, Any]) -> list[Row]:
    rows = []
    for name, times in result["milliseconds"].items():
        title = f"Run with {result['epochs']:,} epochs: {name}, {times['queries']} queries, {times['kilobytes']:.0f} KB"
        span = f"{times['median_low']:.0f} to {times['median_high']:.0f} ms, n = {times['n']}"
        goal = _at_most(times["median"], FIRST_PAINT_MS, " ms") if name == "page" else ""
        rows.append((title, f"{times['median']:.0f} ms", span, goal))
    return rows


def overhead(result: dict[str, Any]) -> list[Row]:
    percent = result["percent"]
    title = f"Overhead of watching, {result['epochs']} epochs of {result['images']:,} images"
    span = f"{percent['low']:+.1f} to {percent['high']:+.1f} %, n = {percent['n']} pairs"
    return [(title, f"{percent['median']:+.1f} %", span, _at_most(percent["median"], OVERHEAD_PERCENT, " %"))]


def _span(times: dict[str, float], unit: str) -> str:
    return f"{times['low']:.0f} to {times['high']:.0f}{unit}, n = {times['n']:,}"


def _at_most(value: float, goal: float, unit: str) -> str:
    return f"{goal:g}{unit} {'reached' if value <= goal else 'missed'}"
