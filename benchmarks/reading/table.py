"""The part of docs/benchmarks.md about reading over HTTP."""

import json
from typing import Any

from benchmarks.common import RESULTS

HEAD = """## Reading over HTTP

By `make bench-reading`: the whole site (web, Redis, workers) and its clients on one machine, images of `wilhelmy` in
forms, each answer compared with what the same model reads in that image. The peer is the server that
`python -m ddddocr api` starts, with its default model, on the same images and in turns with the site; it takes one
image per call. In 1.6.1 it answers every reading with an error; the argument that its reader does not know is left out
here.

| what | measured | interval, n | goal |
|---|---|---|---|
"""
MEDIAN_MS, P99_MS = 20, 80
CROWD_RATE, CALL_RATE, TIMES = 250, 1500, 5

Row = tuple[str, str, str, str]


def section() -> str:
    """Markdown; empty where nothing was measured."""
    found = {
        path.stem: json.loads(path.read_text())["result"] for path in (RESULTS / "reading").glob("*.json")
    }
    rows = table(found)
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows) if rows else ""


def table(found: dict[str, dict[str, Any]]) -> list[Row]:
    """The rows of the parts that were measured."""
    parts = {"http": _http, "peer": _peer}
    return [row for name, describe in parts.items() if name in found for row in describe(found[name])]


def _http(result: dict[str, Any]) -> list[Row]:
    one, crowd = result["one_image"], result["crowd"]
    times = one["milliseconds"]
    reached = times["median"] <= MEDIAN_MS and times["p99"] <= P99_MS
    rows = [
        (
            "One image, one client",
            f"{times['median']:.1f} ms, p99 {times['p99']:.1f} ms{_faults(one)}",
            _span(times, " ms"),
            _goal(f"{MEDIAN_MS} ms, p99 {P99_MS} ms", reached and not _faults(one)),
        ),
        (
            f"One image, {crowd['clients']} clients for {crowd['seconds']:.0f} s",
            f"{crowd['images_per_second']:.0f} images/s{_faults(crowd) or ', none lost or swapped'}",
            f"a client waits {_span(crowd['milliseconds'], ' ms')}",
            _goal(f"{CROWD_RATE} images/s", crowd["images_per_second"] >= CROWD_RATE and not _faults(crowd)),
        ),
    ]
    for callers, calls in result["calls"].items():
        who = "one client" if callers == "1" else f"{callers} clients"
        rows.append(
            (
                f"{calls['images_per_call']} images per call, {who}",
                f"{calls['images_per_second']:,.0f} images/s{_faults(calls)}",
                f"a call takes {_span(calls['milliseconds'], ' ms')}",
                _goal(
                    f"{CALL_RATE:,} images/s", calls["images_per_second"] >= CALL_RATE and not _faults(calls)
                ),
            )
        )
    return rows


def _peer(result: dict[str, Any]) -> list[Row]:
    turns = f"turns of {result['turn_seconds']:g} s"
    rows = [
        (f"{name}, {turns}", f"{rate['median']:,.0f} images/s", _span(rate, " images/s"), "")
        for name, rate in result["images_per_second"].items()
    ]
    for own, against in result["times_as_many"].items():
        rows += [
            (
                f"{own}, against {peer}",
                f"{times['ratio']:.1f} x",
                f"{times['low']:.1f} to {times['high']:.1f}",
                _goal(f"{TIMES} x", times["ratio"] >= TIMES),
            )
            for peer, times in against.items()
        ]
    return rows


def _faults(told: dict[str, Any]) -> str:
    faults = [f"{told['wrong_or_swapped']} wrong or swapped"] if told["wrong_or_swapped"] else []
    faults += [f"{count} {kind}" for kind, count in told["errors"].items()]
    return "".join(f", {fault}" for fault in faults)


def _span(values: dict[str, float], unit: str) -> str:
    return f"{values['low']:,.1f} to {values['high']:,.1f}{unit}, n = {values['n']:,}"


def _goal(what: str, reached: bool) -> str:
    return f"{what} {'reached' if reached else 'missed'}"
