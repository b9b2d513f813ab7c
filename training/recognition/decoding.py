"""From probabilities per position to the most probable text that the task allows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.recognition.task import ReadingTask

SMALLEST_PROBABILITY = 1e-12


@dataclass(frozen=True)
class Decoded:
    """One chosen reading.

    `indices` are class indices of its characters; `probabilities` are theirs, each 0..1; `confidence` is the
    product of the probabilities of everything that was chosen, end classes included.
    """

    text: str
    indices: tuple[int, ...]
    probabilities: tuple[float, ...]
    confidence: float


def choose_length(log_probabilities: NDArray[np.float64], task: ReadingTask) -> int:
    """The length whose best text has the greatest sum of log-probabilities.

    Takes (positions, classes). A text of length L takes the best character at each of its L positions and the
    end class at all later ones, so comparing the lengths' sums is exact: no text within the range is more
    probable.
    """
    if task.end_class is None:
        return task.max_length
    best_characters = np.concatenate([[0.0], np.cumsum(log_probabilities[:, : task.end_class].max(axis=1))])
    ends = log_probabilities[:, task.end_class]
    ends_from = np.concatenate([np.cumsum(ends[::-1])[::-1], [0.0]])
    scores = best_characters + ends_from
    return task.min_length + int(np.argmax(scores[task.min_length : task.max_length + 1]))


def decode(probabilities: NDArray[np.floating], task: ReadingTask) -> list[Decoded]:
    """The most probable text of each image: probabilities (n, positions, classes) in 0..1, rows summing to
    1."""
    readings = []
    for image in np.asarray(probabilities, dtype=np.float64):
        length = choose_length(np.log(np.maximum(image, SMALLEST_PROBABILITY)), task)
        indices = image[:length, : len(task.alphabet)].argmax(axis=1)
        chosen = image[np.arange(length), indices]
        ends = image[length:, task.end_class] if task.end_class is not None else np.ones(0)
        readings.append(
            Decoded(
                text=task.alphabet.decode(int(index) for index in indices),
                indices=tuple(int(index) for index in indices),
                probabilities=tuple(float(each) for each in chosen),
                confidence=float(chosen.prod() * ends.prod()),
            )
        )
    return readings
