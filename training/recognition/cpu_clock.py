"""How much processor time a training takes, over interruptions and restarts."""

from __future__ import annotations

import json
import time
from pathlib import Path

from training.recognition.progress import BatchProgress, EpochMetrics, FitListener

FILE = "cpu.json"


class CpuClock:
    """Counts the seconds that this process's threads compute, on all cores together, while somebody trains.

    It stands between a training and its listener: after each epoch it writes down what was spent, beside the
    training's checkpoints, so that another process goes on counting there. What a training loses when it is
    interrupted is not counted, as little as its epoch is.
    """

    def __init__(self, folder: Path, listener: FitListener) -> None:
        self._path = folder / FILE
        self._listener = listener
        self._before = _read(self._path)
        self._started = time.process_time()

    @property
    def seconds(self) -> float:
        """Of processor time until now."""
        return self._before + time.process_time() - self._started

    def stop(self) -> float:
        """Write down what was spent in all, and return it. A training that is done already adds nothing any more."""
        if self._path.exists() and json.loads(self._path.read_text()).get("is_done"):
            return self._before
        seconds = self.seconds
        self._write(seconds, is_done=True)
        return seconds

    def on_batch(self, progress: BatchProgress) -> None:
        self._listener.on_batch(progress)

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self._write(self.seconds)
        self._listener.on_epoch(metrics)

    def should_stop(self) -> bool:
        return self._listener.should_stop()

    def _write(self, seconds: float, *, is_done: bool = False) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._path.with_suffix(".part")
        aside.write_text(json.dumps({"seconds": seconds, "is_done": is_done}))
        aside.replace(self._path)


def _read(path: Path) -> float:
    try:
        return float(json.loads(path.read_text())["seconds"])
    except (OSError, ValueError, KeyError):
        return 0.0
