"""Interleaved timing: what is compared runs in turns, so that whatever else the machine does slows all alike."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

WARM_UP = 5
RESAMPLES = 2000


def interleaved(actions: Mapping[str, Callable[[int], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each action in each round; an action is given the number of its round."""
    for warm in range(WARM_UP):
        for action in actions.values():
            action(warm)
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(rounds):
        for name, action in actions.items():
            started = time.perf_counter()
            action(turn)
            seconds[name].append(time.perf_counter() - started)
    return seconds


def summary(values: Sequence[float]) -> dict[str, float]:
    """The median with the 95 % interval that order statistics give it, and n."""
    ordered = sorted(values)
    spread = 0.98 * len(ordered) ** 0.5
    low = max(0, int(len(ordered) / 2 - spread))
    high = min(len(ordered) - 1, int(len(ordered) / 2 + spread))
    return {
        "median": _short(statistics.median(ordered)),
        "low": _short(ordered[low]),
        "high": _short(ordered[high]),
        "n": len(ordered),
    }


def ratio(one: Sequence[float], other: Sequence[float], seed: int = 0) -> dict[str, float]:
    """How many times the median of `other` is the median of `one`, both from the same rounds.

    The 95 % interval is the percentile bootstrap's over rounds (B. Efron, "Bootstrap methods", 1979).
    """
    pairs = np.array([one, other])
    random = np.random.default_rng(seed)
    drawn = random.integers(0, pairs.shape[1], (RESAMPLES, pairs.shape[1]))
    medians = np.median(pairs[:, drawn], axis=2)
    low, high = np.percentile(medians[0] / medians[1], [2.5, 97.5])
    medians = np.median(pairs, axis=1)
    return {"ratio": _short(medians[0] / medians[1]), "low": _short(low), "high": _short(high)}


def _short(value: float) -> float:
    """Four digits that count."""
    return float(f"{value:.4g}")
