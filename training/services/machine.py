"""What trains a run: the machine, its devices, Python and the packages. Told without importing any of them."""

import os
import platform
import socket
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = (
    "tensorflow-cpu",
    "tensorflow",
    "jax",
    "torch",
    "keras",
    "numpy",
    "opencv-python-headless",
    "scikit-learn",
    "onnxruntime",
)


def installed_packages() -> dict[str, str]:
    """Return the versions of the packages that a model's numbers depend on."""
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return packages


def this_machine() -> dict[str, Any]:
    """Return what is known before a backend is loaded: `host`, `python`, `system`, `processor` and `cores`."""
    return {
        "host": socket.gethostname(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
    }


def _processor() -> str:
    """Return the processor's name, as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
