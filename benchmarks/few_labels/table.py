"""The learning curves of docs/benchmarks.md, from the cells' results."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.common import RESULTS
from benchmarks.few_labels.cells import INGREDIENTS, MINUTES
from benchmarks.few_labels.sets import LABELS, SETS
from labeling.intervals import clustered_interval

GOAL = 0.95

Results = Sequence[dict[str, Any]]
"""Cells of the same labels and ingredients, one per seed."""


def section() -> str:
    """Markdown; empty where nothing was measured."""
    curves = [curve for name in SETS if (curve := _curve(name))]
    return "\n".join([_head(), *curves]) if curves else ""


def _head() -> str:
    return f"""## Few labels

By `make bench-few-labels`. Whole strings read right on the test part, after at most {MINUTES:g} minutes of training in
all. Labels are all that a person typed: a tenth of them validates. The further images of the set's training part have
no label; self-training reads them, and nothing else sees them. Which images are labelled is drawn by the seed.
Without any label, the starter reads as it is, and self-training is all of “Read without labels”: a style fitted to the
unlabelled images, drawn pictures, and self-training.
Intervals are 95 %, in which a test image counts once however many seeds read it. “Starter” is the starter model,
“self-training” what [Recognition](recognition.md#self-training) says.
"""


def _curve(name: str) -> str:
    folder = RESULTS / "few_labels" / name
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for path in sorted(folder.glob("*.json")):
        measured = json.loads(path.read_text())
        key = str(measured["settings"]["labels"]), measured["settings"]["ingredients"]["name"]
        found.setdefault(key, []).append(measured["result"])
    if not found:
        return ""
    rows = [str(labels) for labels in LABELS if any(key[0] == str(labels) for key in found)]
    lines = [
        f"| {labels} | "
        + " | ".join(cell(found.get((labels, each.name), [])) for each in INGREDIENTS)
        + " |\n"
        for labels in rows
    ]
    titles = ["labels", *(each.title for each in INGREDIENTS)]
    return f"\n### `{name}`\n\n| {' | '.join(titles)} |\n|{'---|' * len(titles)}\n{''.join(lines)}" + _goal(
        found, rows
    )


def cell(results: Results) -> str:
    """A share with its interval, the number of test images and of seeds; empty without results."""
    if not results:
        return ""
    outcomes = np.array([[float(digit) for digit in each["outcomes"]] for each in results])
    seeds, images = outcomes.shape
    scores = [float(each) for each in outcomes.mean(axis=0)]
    interval = clustered_interval(scores, seeds * images)
    return (
        f"{outcomes.mean():.1%} ({interval.low:.1%} to {interval.high:.1%}), n = {images:,}, "
        f"{seeds} seed{'s' if seeds > 1 else ''}"
    )


def _goal(found: dict[tuple[str, str], list[dict[str, Any]]], rows: Sequence[str]) -> str:
    """With how many labels each of the ingredients first reads the share that is the goal."""
    reached = []
    for each in INGREDIENTS:
        shares = ((labels, found[labels, each.name]) for labels in rows if (labels, each.name) in found)
        enough = (labels for labels, results in shares if _share(results) >= GOAL)
        reached.append(f"{each.title}: {next(enough, 'not reached')}")
    return f"\nFewest labels measured that read {GOAL:.0%}: {'; '.join(reached)}.\n"


def _share(results: Results) -> float:
    return sum(each["right"] for each in results) / sum(each["n"] for each in results)
