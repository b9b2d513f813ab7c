"""Writes docs/benchmarks.md from the measured results, so that no number is typed by hand."""

import json
from pathlib import Path
from typing import Any

from benchmarks.common import RESULTS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def main() -> None:
    found = {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}
    rows = [row for name, measured in found.items() for row in _rows(name, measured["result"])]
    machines = {
        f"{each['machine']['processor']}, {each['machine']['cores']} cores" for each in found.values()
    }
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench` from `benchmarks/results/*.json`, which hold versions, machine and seeds beside each",
        f"number. Machine: {'; '.join(sorted(machines))}, shared with other work, so times are medians where",
        "repeated. Intervals are 95 %: Wilson for shares, order statistics for medians.",
        "",
        "| what | measured | interval, n |",
        "|---|---|---|",
        *(f"| {what} | {value} | {certainty} |" for what, value, certainty in rows),
        "",
    ]
    PAGE.write_text("\n".join(lines))
    print(f"wrote {PAGE}")


def _rows(name: str, result: dict[str, Any]) -> list[tuple[str, str, str]]:
    if name == "import_zip":
        rate = f"{result['images_per_second']:.0f} images/s"
        spread = f"{result['least']:.0f} to {result['most']:.0f}, n = {result['n']}"
        return [(f"Import of {result['images']:,} images from a zip", rate, spread)]
    if name == "pages":
        slowest = max(result["milliseconds"].items(), key=lambda item: item[1]["median"])
        most = max(page["queries"] for page in result["milliseconds"].values())
        count = len(result["milliseconds"])
        return [
            (
                f"Slowest of {count} pages at {result['images']:,} images (`{slowest[0]}`), {most} queries at most",
                f"{slowest[1]['median']:.0f} ms",
                f"{slowest[1]['median_low']:.0f} to {slowest[1]['median_high']:.0f} ms, n = {slowest[1]['n']}",
            )
        ]
    if name == "read_http":
        return [
            (
                f"One image over HTTP, warm worker{busy}",
                f"{times['median']:.0f} ms, p99 {times['p99']:.0f} ms",
                f"{times['median_low']:.0f} to {times['median_high']:.0f} ms, n = {times['n']}",
            )
            for busy, times in (
                ("", result["one_image_ms"]),
                (", while imports run", result["one_image_ms_during_imports"]),
            )
        ]
    if name == "demo":
        title = f"Demo: `make up` to a reader in {result['seconds_until_model']:.0f} s, whole-string on its test split"
        return [_accuracy(title, result["test"])]
    if name.startswith("main_job_"):
        seconds, memory = result["seconds_from_command_to_model"], result["peak_memory_gib"]
        title = f"`{name.removeprefix('main_job_')}`, `slots`, whole-string on the test split"
        title += f", {seconds:.0f} s, {memory} GiB"
        return [_accuracy(title, result["test"])]
    raise SystemExit(f"There is no row for {name}.json: describe it in benchmarks/table.py.")


def _accuracy(title: str, test: dict[str, Any]) -> tuple[str, str, str]:
    low, high = test["whole_string_interval"]
    return title, f"{test['whole_string_accuracy']:.1%}", f"{low:.1%} to {high:.1%}, n = {test['n']}"


if __name__ == "__main__":
    main()
