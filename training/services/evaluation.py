"""Measuring a reader on labelled images, the same way after training and from the command line."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from labeling.imaging.arrays import Pixels
from training.recognition.metrics import Evaluation, evaluate
from training.recognition.reader import Reader

BATCH = 100


def evaluate_reader(reader: Reader, labelled: Iterator[tuple[Pixels, str]]) -> Evaluation:
    """Read (RGBA pixels uint8 (h, w, 4), text) pairs and compare."""
    truths: list[str] = []
    readings: list[str] = []
    while batch := list(islice(labelled, BATCH)):
        truths += [text for _, text in batch]
        readings += [reading.text for reading in reader.read([pixels for pixels, _ in batch])]
    return evaluate(truths, readings, case_sensitive=reader.task.case_sensitive)


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as plain JSON, its interval as [low, high]."""
    interval = evaluation.whole_string_interval
    return asdict(evaluation) | {"whole_string_interval": [interval.low, interval.high]}
