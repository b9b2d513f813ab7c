"""The part of docs/benchmarks.md about teams."""

import json
from collections.abc import Mapping
from typing import Any

from benchmarks.common import RESULTS

HEAD = """## Labelling as a team

By `make bench-labelling`, on SQLite and on a PostgreSQL that waits for the disk. Whoever labels, the servers, the
database and the browser share the machine. What the annotators did, as they saw it, is compared with all rows in the
database afterwards; one text in fifty is sent twice, as after a lost answer. A pair is a text that was submitted and
the next image at hand: *one by one* asks for it after each text, through the API; *by batches* is what the Label page
does, but it asks only when it has none left, so its wait is in the time. The team that types fetches the pictures, too;
beside Label Studio nobody does on either side. Label Studio starts as its own command does it, has as many clients and
fewer images, and labels in turns with this site; each client has its first image before any text is sent. A page's
time is the server's alone, of one request at a time, in a project whose images have two readers each. The overhead of
an image is the time from its last key until the next one is drawn.

| what | measured | interval, n | goal |
|---|---|---|---|
"""
SUBMIT_AND_NEXT_MS = 150
TIMES_THE_PEER = 25
PAGE_MS, PAGE_QUERIES = 200, 15
OVERHEAD_MS = 60
DATABASES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}

Row = tuple[str, str, str, str]
Measured = dict[str, Any]


def section() -> str:
    """Markdown; empty where nothing was measured."""
    files = sorted((RESULTS / "labelling").glob("*.json"))
    rows = table([json.loads(path.read_text()) for path in files])
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows) if rows else ""


def table(measured: list[Measured]) -> list[Row]:
    """The rows of all cells, part by part, and in each database by database."""
    rows = []
    for part, describe in (("team", team), ("peer", peer), ("pages", pages), ("keyboard", keyboard)):
        for database, name in DATABASES.items():
            found = [
                each for each in measured if each["row"] == part and each["settings"]["database"] == database
            ]
            rows += describe(found, name) if found else []
    return rows


def team(cells: list[Measured], database: str) -> list[Row]:
    rows = []
    for each in cells:
        settings, result = each["settings"], each["result"]
        times, pause = result["submit_and_next_ms"], settings["pause"]
        pace = f"{pause:g} s of typing per image" if pause else "no pause"
        rows.append(
            (
                f"{settings['people']} people at once, {pace}, {_way(each)}, {database}: submit and next, p95",
                f"{times['p95']:.0f} ms, {result['pairs_per_second']:.0f} pairs/s",
                f"{times['p95_low']:.0f} to {times['p95_high']:.0f} ms, n = {times['n']:,}; "
                f"median {times['p50']:.0f} ms",
                # The goal is about people, who type: without a pause fifty do the work of a thousand.
                _at_most(times["p95"], SUBMIT_AND_NEXT_MS, " ms")
                if pause and database == "PostgreSQL"
                else "",
            )
        )
    faults = sum(count for each in cells for count in each["result"]["faults"].values())
    pairs = sum(each["result"]["pairs"] for each in cells)
    title = f"Annotations lost, doubled or changed, images given out beyond the overlap, {database}"
    return [*rows, (title, str(faults), f"n = {pairs:,}", _at_most(faults, 0))]


def peer(cells: list[Measured], database: str) -> list[Row]:
    rows = []
    for each in sorted(cells, key=lambda each: int(each["settings"]["clients"])):
        settings, result = each["settings"], each["result"]
        who = f"{settings['clients']} client{'s' if settings['clients'] > 1 else ''}, {database}"
        theirs = result["peer"]
        rows.append((f"{settings['peer']}, {who}", _rate(theirs), _span(theirs["pairs_per_second"]), ""))
        for way, ours in result.items():
            if not isinstance(ours, dict) or "times_the_peer" not in ours:
                continue
            times = ours["times_the_peer"]
            rows.append(
                (
                    f"This site, {way}, {who}",
                    f"{_rate(ours)}, {times['ratio']:.0f} x",
                    f"{_span(ours['pairs_per_second'])}; {times['low']:.0f} to {times['high']:.0f} x",
                    f"{TIMES_THE_PEER} x {'reached' if times['ratio'] >= TIMES_THE_PEER else 'missed'}",
                )
            )
    return rows


def pages(cells: list[Measured], database: str) -> list[Row]:
    rows = []
    for each in sorted(cells, key=lambda each: int(each["settings"]["images"])):
        found = each["result"]["pages"]
        images = f"{each['settings']['images']:,} images, {database}"
        slowest = max(found, key=lambda name: float(found[name]["median"]))
        times = found[slowest]
        span = f"{times['median_low']:.0f} to {times['median_high']:.0f} ms, n = {times['n']}"
        worst = max(found, key=lambda name: float(found[name]["most"]))
        rows.append(
            (
                f"Slowest of {len(found)} pages at {images} (`{slowest}`)",
                f"{times['median']:.0f} ms",
                f"{span}; at most once {found[worst]['most']:.0f} ms (`{worst}`)",
                _at_most(times["median"], PAGE_MS, " ms"),
            )
        )
        most = max(found, key=lambda name: int(found[name]["queries"]))
        queries = found[most]["queries"]
        rows.append(
            (
                f"Most queries of a page at {images} (`{most}`)",
                str(queries),
                "",
                _at_most(queries, PAGE_QUERIES),
            )
        )
    return rows


def keyboard(cells: list[Measured], database: str) -> list[Row]:
    rows = []
    for each in cells:
        settings, result = each["settings"], each["result"]
        times = result["overhead_ms"]
        rows.append(
            (
                f"{settings['images']} images typed in a browser, {database}: overhead of the page per image",
                f"{times['median']:.0f} ms",
                f"{times['low']:.0f} to {times['high']:.0f} ms, n = {times['n']}; at most {result['most_ms']:.0f} ms",
                _at_most(times["median"], OVERHEAD_MS, " ms"),
            )
        )
    return rows


def _way(cell: Measured) -> str:
    return str(cell["label"].rpartition(", ")[2])


def _rate(result: Measured) -> str:
    lost = result["not_saved"] + result["requests_failed"]
    return f"{result['pairs_per_second']['median']:.3g} pairs/s{f', {lost} requests failed' if lost else ''}"


def _span(rates: Mapping[str, float]) -> str:
    return f"{rates['low']:.3g} to {rates['high']:.3g}, n = {rates['n']} rounds"


def _at_most(value: float, goal: float, unit: str = "") -> str:
    return f"{goal:g}{unit} {'reached' if value <= goal else 'missed'}"
