"""Reading unlabelled pictures in their weak form: as they are, and slightly shifted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.recognition.data import Samples
from training.recognition.trained import TrainedModel

SHIFTS = ((0, 0), (-2, -1), (2, 1))
"""Pixels to the right and down. The first view gives the text."""

CHUNK = 256
"""Pictures between two looks at whether to stop."""


@dataclass(frozen=True)
class WeakReadings:
    """Texts, and how sure the reader is of each over all views: float64 (n,) in 0..1."""

    texts: tuple[str, ...]
    confidences: NDArray[np.float64]


class ReadingStopped(Exception):
    """Whoever watches wants no more."""


def read_weakly(
    model: TrainedModel,
    pictures: NDArray[np.uint8],
    *,
    on_read: Callable[[int, int], None] = lambda done, of: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> WeakReadings:
    """Reads pictures uint8 (n, parts, height, width, channels) once per shift.

    A confidence is the mean over the views; a view in which another text is read adds nothing to it. `on_read` is told
    how many of all pictures are read. Raises ReadingStopped.
    """
    texts: list[str] = []
    confidences = np.zeros(len(pictures))
    for start in range(0, len(pictures), CHUNK):
        if should_stop():
            raise ReadingStopped
        chunk = np.asarray(pictures[start : start + CHUNK])
        sums = confidences[start : start + CHUNK]
        for number, (right, down) in enumerate(SHIFTS):
            read = model.read(Samples(shifted(chunk, right, down), ("",) * len(chunk)))
            if not number:
                texts += [each.text for each in read]
            same = [each.text == text for each, text in zip(read, texts[start:], strict=True)]
            sums += np.array([each.confidence for each in read]) * same
        on_read(len(texts), len(pictures))
    return WeakReadings(tuple(texts), confidences / len(SHIFTS))


def shifted(pictures: NDArray[np.uint8], right: int, down: int) -> NDArray[np.uint8]:
    """The pictures (n, parts, height, width, channels) moved by so many pixels; what comes in repeats the edge."""
    height, width = pictures.shape[2:4]
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return pictures[:, :, rows][:, :, :, columns]
