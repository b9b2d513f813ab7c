"""Measuring a reader on labelled images, the same way after training and from the command line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

from labeling.imaging.arrays import Pixels
from training.recognition.coverage import Coverage
from training.recognition.metrics import Evaluation, evaluate
from training.recognition.reader import Reader
from training.recognition.task import ReadingTask

BATCH = 100


class Readable(Protocol):
    """A text that was read, and how surely, 0..1."""

    @property
    def text(self) -> str: ...

    @property
    def confidence(self) -> float: ...


def evaluate_reader(
    reader: Reader, labelled: Iterator[tuple[Pixels, str]], *, validated: Coverage | None = None
) -> Evaluation:
    """Read (RGBA pixels uint8 (h, w, 4), text) pairs and compare; `validated` as in `evaluate_readings`."""
    truths, readings = read_labelled(reader, labelled)
    return evaluate_readings(reader.task, truths, readings, validated=validated)


def read_labelled(reader: Reader, labelled: Iterator[tuple[Pixels, str]]) -> tuple[list[str], list[Readable]]:
    """Read (RGBA pixels uint8 (h, w, 4), text) pairs; return the texts and what was read, in their order."""
    truths: list[str] = []
    readings: list[Readable] = []
    while batch := list(islice(labelled, BATCH)):
        truths += [text for _, text in batch]
        readings += reader.read([pixels for pixels, _ in batch])
    return truths, readings


def evaluate_readings(
    task: ReadingTask,
    truths: Sequence[str],
    readings: Iterable[Readable],
    *,
    validated: Coverage | None = None,
) -> Evaluation:
    """Compare readings with the true texts.

    `validated` is the coverage that the validation images gave: its threshold is tested here. Without it, these are
    the validation images, and the threshold is chosen on them.
    """
    read = list(readings)
    return evaluate(
        [as_compared(text, task) for text in truths],
        [as_compared(each.text, task) for each in read],
        confidences=[each.confidence for each in read],
        validated=validated,
    )


def as_compared(text: str, task: ReadingTask) -> str:
    """Return a text with case only where it matters, in the alphabet's own case, so that tables show characters as
    people wrote them."""
    return text if task.case_sensitive else task.normalise(text.casefold())


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as plain JSON, its intervals as [low, high]."""
    return evaluation.to_json()


def chosen_coverage(metrics: Mapping[str, Any]) -> Coverage | None:
    """Return the coverage whose threshold a model's validation images chose, from `Model.metrics`; None where an older
    version measured the model."""
    stored = metrics.get("validation", {}).get("coverage")
    return Coverage.from_json(stored) if stored else None
