"""What measurements share: a site to measure, statistics, and results as files."""

import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.support.site import Site

RESULTS = Path(__file__).parent / "results"
DATA = Path(os.environ.get("DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@contextmanager
def running_site(*, demo: bool = False) -> Iterator[Site]:
    """The whole site on a folder of its own, as `make up` runs it."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), demo=demo)
        site.start()
        try:
            yield site
        finally:
            site.stop()


def image_set(name: str) -> Path:
    """Return a real image set's folder, or stop with a sentence."""
    folder = DATA / name
    if not folder.is_dir():
        raise SystemExit(f"There is no image set {folder}. Set DATA to the folder that holds the sets.")
    return folder


def milliseconds(action: Callable[[], Any], times: int, warm_up: int = 5) -> dict[str, float]:
    """Time an action; return median, 99th percentile and the 95 % interval of the median by order statistics."""
    for _ in range(warm_up):
        action()
    measured = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        measured.append(1000 * (time.perf_counter() - started))
    measured.sort()
    spread = 0.98 * times**0.5
    low, high = max(0, int(times / 2 - spread)), min(times - 1, int(times / 2 + spread))
    return {
        "n": times,
        "median": round(statistics.median(measured), 2),
        "median_low": round(measured[low], 2),
        "median_high": round(measured[high], 2),
        "p99": round(measured[min(times - 1, int(0.99 * times))], 2),
    }


def save(name: str, result: dict[str, Any]) -> None:
    """Write a result beside the machine and versions it was measured with, and print it."""
    packages = ("django", "celery", "tensorflow-cpu", "keras", "onnxruntime", "numpy")
    whole = {
        "measured": time.strftime("%Y-%m-%d"),
        "machine": {
            "system": platform.platform(terse=True),
            "cores": os.cpu_count(),
            "processor": _processor(),
        },
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in packages},
        "code": subprocess.run(
            ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
        ).stdout.strip(),
        "result": result,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(whole, indent=2) + "\n")
    print(name, json.dumps(result, indent=2))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
