"""Writes docs/benchmarks.md from the measured results, so that no number is typed by hand."""

import json
from pathlib import Path
from typing import Any

from benchmarks import starter_table, synthesis
from benchmarks.accuracy import table as accuracy
from benchmarks.common import QUICK, RESULTS
from benchmarks.few_labels import table as few_labels
from benchmarks.labelling import table as labelling
from benchmarks.out_of_family import table as out_of_family
from benchmarks.reading import table as reading
from benchmarks.speed import table as speed_table
from benchmarks.watching import table as watching

PAGE = (RESULTS if QUICK else Path(__file__).resolve().parents[1] / "docs") / "benchmarks.md"


def main() -> None:
    found = {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}
    everything = [json.loads(path.read_text()) for path in sorted(RESULTS.rglob("*.json"))]
    machines = {f"{each['machine']['processor']}, {each['machine']['cores']} cores" for each in everything}
    sections = [
        "# Benchmarks\n\n"
        "Made by `python -m benchmarks.table` from `benchmarks/results/`, where versions, machine and seeds stand\n"
        f"beside each number. Machine: {'; '.join(sorted(machines))}, shared with other work, so times are\n"
        "medians where repeated. Intervals are 95 %: Wilson for shares, order statistics for medians.\n",
        accuracy.section(),
        few_labels.section(),
        starter_table.section(),
        out_of_family.section(),
        speed_table.section(),
        synthesis.section(),
        labelling.section(),
        watching.section(),
        reading.section(),
        _site(found),
    ]
    PAGE.write_text("\n".join(section for section in sections if section))
    print(f"wrote {PAGE}")


def _site(found: dict[str, dict[str, Any]]) -> str:
    rows = [row for name, measured in found.items() for row in _rows(name, measured["result"])]
    return (
        "## The site\n\nBy `make bench`, through pages, HTTP and commands as its users meet them.\n\n"
        "| what | measured | interval, n |\n|---|---|---|\n"
        + "".join(f"| {what} | {value} | {certainty} |\n" for what, value, certainty in rows)
    )


def _rows(name: str, result: dict[str, Any]) -> list[tuple[str, str, str]]:
    if name == "import_zip":
        rate = f"{result['images_per_second']:.0f} images/s"
        spread = f"{result['least']:.0f} to {result['most']:.0f}, n = {result['n']}"
        return [(f"Import of {result['images']:,} images from a zip", rate, spread)]
    if name == "pages":
        slowest = max(result["milliseconds"].items(), key=lambda item: item[1]["median"])
        most = max(page["queries"] for page in result["milliseconds"].values())
        count = len(result["milliseconds"])
        title = f"Slowest of {count} pages at {result['images']:,} images (`{slowest[0]}`), {most} queries at most"
        rows = [_milliseconds(title, slowest[1])]
        if "dashboard_milliseconds" in result:
            dashboard = result["dashboard_milliseconds"]["/"]
            title = f"Dashboard with {result['projects']} projects and {result['runs']:,} runs"
            rows.append(_milliseconds(f"{title}, {dashboard['queries']} queries", dashboard))
        return rows
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
    if name == "batch":
        count, peak = f"{result['images']:,}", f"{result['worker_peak_mib']:,} MiB"
        slowest = max(result["page_ms"].values(), key=lambda times: times["median"])
        return [
            (
                f"Batch of {count} images, worker killed half-way",
                f"{result['images_per_second']:.0f} images/s",
                "n = 1",
            ),
            ("… most memory of a worker's process", peak, f"{result['worker_mib_at_end']:,} MiB at its end"),
            _milliseconds(f"… slowest page of it ({len(result['page_ms'])} asked)", slowest),
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


def _milliseconds(title: str, times: dict[str, Any]) -> tuple[str, str, str]:
    spread = f"{times['median_low']:.0f} to {times['median_high']:.0f} ms, n = {times['n']}"
    return title, f"{times['median']:.0f} ms", spread


def _accuracy(title: str, test: dict[str, Any]) -> tuple[str, str, str]:
    low, high = test["whole_string_interval"]
    return title, f"{test['whole_string_accuracy']:.1%}", f"{low:.1%} to {high:.1%}, n = {test['n']}"


if __name__ == "__main__":
    main()
