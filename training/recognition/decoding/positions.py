"""Decoding of one distribution per position."""

import math
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
        images = np.asarray(probabilities, dtype=np.float64)
        lengths = _best_lengths(images, task)
        characters = images[:, :, : len(task.alphabet)]
        best = characters.argmax(axis=2)
        chosen = np.take_along_axis(characters, best[:, :, None], axis=2)[:, :, 0]
        rows = zip(lengths, best.tolist(), chosen.tolist(), images, strict=True)
        return [
            Decoded(
                text=task.alphabet.decode(indices[:length]),
                indices=tuple(indices[:length]),
                probabilities=tuple(of_chosen[:length]),
                confidence=math.prod(of_chosen[:length]) * _end_probability(image, length, task),
                steps=tuple((place, place) for place in range(length)),
                distributions=image[:length, : len(task.alphabet)],
            )
            for length, indices, of_chosen, image in rows
        ]

    def log_likelihoods(
        self, probabilities: NDArray[np.floating], task: ReadingTask, texts: Sequence[str]
    ) -> NDArray[np.float64]:
        encoded = task.encode_all(texts)
        of_truth = np.take_along_axis(np.asarray(probabilities, np.float64), encoded[:, :, None], axis=2)
        logs: NDArray[np.float64] = np.log(np.maximum(of_truth[:, :, 0], SMALLEST_PROBABILITY))
        summed: NDArray[np.float64] = logs.sum(axis=1)
        return summed


def _best_lengths(images: NDArray[np.float64], task: ReadingTask) -> list[int]:
    if task.fixed_length:
        return [task.min_length] * len(images)
    logs = np.log(np.maximum(images, SMALLEST_PROBABILITY))
    return [task.min_length + int(np.argmax(length_scores(each, task))) for each in logs]


def _end_probability(image: NDArray[np.float64], length: int, task: ReadingTask) -> float:
    """That a text of this length ends where it ends."""
    return 1.0 if task.end_class is None else float(image[length:, task.end_class].prod())


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
