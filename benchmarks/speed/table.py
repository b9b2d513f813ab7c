"""The speed part of docs/benchmarks.md."""

import json
from typing import Any

from benchmarks.common import RESULTS
from labeling.intervals import wilson_interval

HEAD = """## Speed

By `make bench-speed`. What is compared runs in turns in one process; medians with 95 % intervals, of ratios by
bootstrap. Reading starts with decoded images and uses the exported file on one thread; FLOP/s count matrix products
and convolutions, three forward passes for a training step.

| what | measured | interval, n | goal |
|---|---|---|---|
"""
LARGEST_FILE = 2 * 10**6
TIMES_AS_FAST = 30
SHARE_OF_PEAK = 0.5
MORE_FOR_LOOKING = 0.15


def section() -> str:
    """Markdown; empty where nothing was measured."""
    rows = [
        row
        for prefix, describe in (
            ("inference", _inference),
            ("looking", _looking),
            ("training", _training),
            ("preparing", _preparing),
        )
        for path in sorted((RESULTS / "speed").glob(f"{prefix}_*.json"))
        for row in describe(path.stem.removeprefix(f"{prefix}_"), json.loads(path.read_text())["result"])
    ]
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows) if rows else ""


Row = tuple[str, str, str, str]


def _inference(architecture: str, result: dict[str, Any]) -> list[Row]:
    height, width = result["image_size"][:2]
    size = result["file_bytes"]
    rows = [
        (
            f"Exported `{architecture}`, file",
            f"{size / 1e6:.2f} MB",
            "",
            f"2 MB {'reached' if size <= LARGEST_FILE else 'missed'}" if architecture == "slots" else "",
        )
    ]
    if "right" in result:
        n = result["test_images"]
        for who, right in (
            (f"`{architecture}`", result["right"]),
            ("`ddddocr`, greedy", result["peer_right"]),
        ):
            interval = wilson_interval(right, n)
            rows.append(
                (
                    f"{who}, test images read right",
                    f"{right / n:.1%}",
                    f"{interval.low:.1%} to {interval.high:.1%}, n = {n}",
                    "",
                )
            )
    for name, times in result["milliseconds_per_image"].items():
        who = f"`{architecture}`, {name}" if name.startswith("batch") else f"`{name.partition(',')[0]}`"
        who += name.partition(",")[1] + name.partition(",")[2] if not name.startswith("batch") else ""
        rows.append(
            (
                f"{who}, one image of {width}x{height}",
                f"{times['median']:.2f} ms",
                _interval(times, " ms"),
                "",
            )
        )
    for own, peers in result["times_as_fast"].items():
        for peer, times in peers.items():
            goal = ""
            if architecture == "slots":
                goal = f"{TIMES_AS_FAST} x {'reached' if times['ratio'] >= TIMES_AS_FAST else 'missed'}"
            span = f"{times['low']:.1f} to {times['high']:.1f}"
            rows.append((f"`{architecture}`, {own}, against {peer}", f"{times['ratio']:.1f} x", span, goal))
    return rows


def _looking(architecture: str, result: dict[str, Any]) -> list[Row]:
    times, more = result["milliseconds_per_image"], result["times_as_long"]
    height, width = result["image_size"][:2]
    kind = "" if result["quantised"] else ", not quantised"
    return [
        (
            f"`{architecture}`{kind}, one image of {width}x{height}, without telling strangers",
            f"{times['without']['median']:.2f} ms",
            _interval(times["without"], " ms"),
            "",
        ),
        (
            f"`{architecture}`{kind}, telling strangers",
            f"{more['ratio'] - 1:+.1%}",
            f"{more['low'] - 1:+.1%} to {more['high'] - 1:+.1%}, n = {times['with']['n']}",
            f"{MORE_FOR_LOOKING:.0%} {'reached' if more['ratio'] - 1 <= MORE_FOR_LOOKING else 'missed'}",
        ),
    ]


def _training(architecture: str, result: dict[str, Any]) -> list[Row]:
    rate, share = result["images_per_second"], result["share_of_peak"]
    goal = f"{SHARE_OF_PEAK:.0%} {'reached' if share['ratio'] >= SHARE_OF_PEAK else 'missed'}"
    achieved = result["training_flops_per_second"]["median"] / 1e9
    peak = result["matrix_product_flops_per_second"]["median"] / 1e9
    return [
        (f"Training `{architecture}`", f"{rate['median']:.0f} images/s", _interval(rate, "", 0), ""),
        (
            f"Training `{architecture}`: {achieved:.1f} GFLOP/s of {peak:.1f} in large matrix products",
            f"{share['ratio']:.0%}",
            f"{share['low']:.0%} to {share['high']:.0%}",
            goal,
        ),
    ]


def _preparing(architecture: str, result: dict[str, Any]) -> list[Row]:
    return [
        (
            f"For `{architecture}`, {name}, one image",
            f"{times['median']:.0f} µs",
            _interval(times, " µs", 0),
            "",
        )
        for name, times in result["microseconds_per_image"].items()
    ]


def _interval(times: dict[str, Any], unit: str, digits: int = 2) -> str:
    return f"{times['low']:.{digits}f} to {times['high']:.{digits}f}{unit}, n = {times['n']}"
