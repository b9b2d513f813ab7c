"""The pseudo-labels of a round: made from readings, remembered between rounds, kept on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.recognition import checkpoints
from training.recognition.self_training.round import Round
from training.recognition.self_training.taking import choose_threshold, take
from training.recognition.self_training.weak_reading import WeakReadings

FILE = "labels.npz"


@dataclass(frozen=True)
class PseudoLabels:
    """Texts of all unlabelled pictures, how sure they are, float64 (n,), and the indices of those taken, int64.

    `agreement` is the share of the texts taught before that are read the same, None where none was.
    """

    texts: tuple[str, ...]
    confidences: NDArray[np.float64]
    taken: NDArray[np.int64]
    threshold: float
    agreement: float | None

    @property
    def taken_texts(self) -> tuple[str, ...]:
        return tuple(self.texts[index] for index in self.taken)

    def same_as(self, other: PseudoLabels) -> float:
        """The share of these taken texts that the other took, too; 1 where nothing is taken."""
        theirs = {int(index): other.texts[index] for index in other.taken}
        same = sum(theirs.get(int(index)) == self.texts[index] for index in self.taken)
        return same / len(self.taken) if len(self.taken) else 1.0


def pseudo_labels(readings: WeakReadings, former: PseudoLabels | None, most: float = 1.0) -> PseudoLabels:
    """Chooses what to learn from readings by a reader that was taught `former`, of all at most the share `most`.

    A reader is sure of what it was taught, right or wrong. So a text that was taught and is still read keeps the
    confidence that it had before it was taught, and one that was taught and is read differently now is not taken: the
    next round's reader, which was not taught it, decides anew.
    """
    confidences = readings.confidences.copy()
    agreement = None
    if former is not None and len(former.taken):
        same = np.array([readings.texts[index] == former.texts[index] for index in former.taken])
        confidences[former.taken] = np.where(same, former.confidences[former.taken], 0.0)
        agreement = float(same.mean())
    threshold = choose_threshold(confidences, most)
    return PseudoLabels(
        readings.texts, confidences, take(readings.texts, confidences, threshold), threshold, agreement
    )


@dataclass
class LabelFile:
    """What a round begins with, kept so that an interrupted round goes on with the very same.

    `pictures` tells which unlabelled pictures it is about.
    """

    folder: Path
    pictures: str
    path: Path = field(init=False)

    def __post_init__(self) -> None:
        self.path = self.folder / FILE

    def write(self, labels: PseudoLabels, told: Round) -> None:
        state = {
            "pictures": self.pictures, "texts": labels.texts, "threshold": labels.threshold,
            "agreement": labels.agreement, "round": told.to_json(),
        }  # fmt: skip
        arrays: dict[str, list[NDArray[Any]]] = {"confidences": [labels.confidences], "taken": [labels.taken]}
        self.folder.mkdir(parents=True, exist_ok=True)
        checkpoints.write_checkpoint(self.path, arrays, state)

    def read(self) -> tuple[PseudoLabels, Round] | None:
        """What `write` wrote; None where it did not. Raises UnusableCheckpoint for a damaged file, or one about other
        pictures."""
        if not self.path.exists():
            return None
        groups, state = checkpoints.read_checkpoint(self.path)
        if state["pictures"] != self.pictures:
            raise checkpoints.UnusableCheckpoint(
                "The folder holds a self-training on other unlabelled images: train into an empty folder."
            )
        (confidences,), (taken,) = groups["confidences"], groups["taken"]
        labels = PseudoLabels(
            tuple(state["texts"]), confidences, taken, state["threshold"], state["agreement"]
        )
        return labels, Round.from_json(state["round"])
