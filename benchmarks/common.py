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
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tests.support.site import Site

QUICK = os.environ.get("QUICK") == "1"
"""Whether measurements only try themselves out: seconds instead of hours, and results in a temporary folder."""

RESULTS = (
    Path(tempfile.gettempdir()) / "captcha-workbench-quick" if QUICK else Path(__file__).parent / "results"
)
PACKAGES = (
    "django", "celery", "tensorflow-cpu", "tensorflow", "keras", "onnxruntime", "numpy", "opencv-python-headless",
    "pillow", "scikit-learn", "captcha", "ddddocr", "captcha-whisperer", "uvicorn", "psycopg", "locust", "playwright",
)  # fmt: skip
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
    """Time an action; return median, its 95 % interval by order statistics, 99th percentile and the most."""
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
        "most": round(measured[-1], 2),
    }


def save(name: str, result: dict[str, Any], **more: Any) -> None:
    """Write a result (`name` may lie in a folder) beside the machine and versions it was measured with, and
    print it; `more` becomes further top-level entries."""
    whole = {"measured": time.strftime("%Y-%m-%d"), **surroundings(), **more, "result": result}
    path = RESULTS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # All or nothing: a file that is there is a finished measurement.
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(whole, indent=2) + "\n")
    unfinished.replace(path)
    print(name, json.dumps(result, indent=2), flush=True)


def surroundings() -> dict[str, Any]:
    """The machine, the versions of what matters, and the commit of the code."""
    return {
        "machine": {
            "system": platform.platform(terse=True),
            "cores": os.cpu_count(),
            "processor": _processor(),
        },
        "versions": {"python": platform.python_version()} | _versions(),
        "code": subprocess.run(
            ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
        ).stdout.strip(),
    }


def sized(full: Any, quick: Any) -> Any:
    """The first value, or the second where measurements only try themselves out (QUICK=1)."""
    return quick if QUICK else full


def _versions() -> dict[str, str]:
    """Of the packages that are installed."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
