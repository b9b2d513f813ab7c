"""Decoding of one distribution per position."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from training.recognition.decoding.decoded import SMALLEST_PROBABILITY, Decoded
from training.recognition.task import ReadingTask


class PositionDecoder:
    """Step i is position i. A range of lengths has an end class after the characters (see `ReadingTask`)."""

    name: ClassVar[str] = "positions"

    def symbols(self, task: ReadingTask) -> int:
        return task.classes

    def decode(self, probabilities: NDArray[np.floating], task: ReadingTask) -> list[Decoded]:
        readings = []
        for image in np.asarray(probabilities, dtype=np.float64):
            scores = length_scores(np.log(np.maximum(image, SMALLEST_PROBABILITY)), task)
            length = task.min_length + int(np.argmax(scores))
            distributions = image[:length, : len(task.alphabet)]
            indices = distributions.argmax(axis=1)
            chosen = image[np.arange(length), indices]
            ends = image[length:, task.end_class] if task.end_class is not None else np.ones(0)
            readings.append(
                Decoded(
                    text=task.alphabet.decode(int(index) for index in indices),
                    indices=tuple(int(index) for index in indices),
                    probabilities=tuple(float(each) for each in chosen),
                    confidence=float(chosen.prod() * ends.prod()),
                    steps=tuple((place, place) for place in range(length)),
                    distributions=distributions,
                )
            )
        return readings

    def log_likelihoods(
        self, probabilities: NDArray[np.floating], task: ReadingTask, texts: Sequence[str]
    ) -> NDArray[np.float64]:
        encoded = task.encode_all(texts)
        of_truth = np.take_along_axis(np.asarray(probabilities, np.float64), encoded[:, :, None], axis=2)
        logs: NDArray[np.float64] = np.log(np.maximum(of_truth[:, :, 0], SMALLEST_PROBABILITY))
        summed: NDArray[np.float64] = logs.sum(axis=1)
        return summed


def length_scores(log_probabilities: NDArray[np.float64], task: ReadingTask) -> NDArray[np.float64]:
    """Per length from the smallest to the greatest, the sum of log-probabilities of its best text.

    Takes (positions, classes). A text of length L takes the best character at each of its L positions and the
    end class at all later ones, so comparing the lengths' sums is exact: no text within the range is more
    probable.
    """
    if task.end_class is None:
        return np.zeros(1)
    best_characters = np.concatenate([[0.0], np.cumsum(log_probabilities[:, : task.end_class].max(axis=1))])
    ends = log_probabilities[:, task.end_class]
    ends_from = np.concatenate([np.cumsum(ends[::-1])[::-1], [0.0]])
    scores: NDArray[np.float64] = best_characters + ends_from
    return scores[task.min_length : task.max_length + 1]
