"""Labels that are probably wrong: where a reader that never saw the label is sure of another text."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.recognition.decoding import Decoded

LEAST_SURE = 0.5
"""At most this sure, the reader finds it as likely that the text is another one."""


@dataclass(frozen=True)
class Suspect:
    """The label of a sample, by its index, that a reader disagrees with, and how sure it is: 0..1."""

    index: int
    label: str
    reading: str
    confidence: float


def suspected_label_errors(
    labels: Sequence[str], readings: Sequence[Decoded], threshold: float | None = None
) -> list[Suspect]:
    """The labels that differ from their out-of-fold reading (see `folds.cross_validate`) although the reading
    is at least `threshold` sure, the surest first.

    By default the threshold is the mean confidence of the readings that agree with their labels, so that a
    suspect is read as surely as the average right label, but at least LEAST_SURE: a reader that hardly reads
    accuses nobody. This is the idea of C. G. Northcutt et al., "Confident
    Learning: Estimating Uncertainty in Dataset Labels", JAIR 70 (2021), simplified: one threshold for whole
    texts in place of one per class. A suspect is to be looked at by a person, never to be changed unseen.
    """
    pairs = list(zip(labels, readings, strict=True))
    if threshold is None:
        agreeing = [reading.confidence for label, reading in pairs if label == reading.text]
        threshold = max(sum(agreeing) / len(agreeing), LEAST_SURE) if agreeing else 1.0
    suspects = [
        Suspect(index, label, reading.text, reading.confidence)
        for index, (label, reading) in enumerate(pairs)
        if label != reading.text and reading.confidence >= threshold
    ]
    return sorted(suspects, key=lambda suspect: (-suspect.confidence, suspect.index))
