"""How right a reader is, and how sure one may be of that number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labeling.intervals import Interval, Share, clustered_interval, wilson_interval
from training.recognition.calibration import ReliabilityBin, expected_calibration_error, reliability_bins
from training.recognition.confusion import Confusion
from training.recognition.coverage import Coverage, coverage_at, threshold_for_precision

__all__ = [
    "Calibration",
    "Evaluation",
    "Interval",
    "character_accuracy",
    "count_right",
    "edit_distance",
    "evaluate",
    "position_accuracies",
    "positions",
    "whole_string_accuracy",
    "wilson_interval",
]


def edit_distance(a: str, b: str) -> int:
    """The Levenshtein distance: the fewest insertions, deletions and substitutions that turn `a` into `b`."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(b, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


def _comparable(texts: Sequence[str], case_sensitive: bool) -> list[str]:
    return list(texts) if case_sensitive else [text.casefold() for text in texts]


def _paired(truths: Sequence[str], readings: Sequence[str], case_sensitive: bool) -> list[tuple[str, str]]:
    if len(truths) != len(readings):
        raise ValueError(f"{len(truths)} true texts cannot be compared with {len(readings)} readings.")
    return list(zip(_comparable(truths, case_sensitive), _comparable(readings, case_sensitive), strict=True))


def count_right(truths: Sequence[str], readings: Sequence[str], *, case_sensitive: bool = True) -> int:
    """How many readings equal their true text in full."""
    return sum(truth == reading for truth, reading in _paired(truths, readings, case_sensitive))


def whole_string_accuracy(
    truths: Sequence[str], readings: Sequence[str], *, case_sensitive: bool = True
) -> float:
    """The share of readings that equal their true text in full; 0 when there are none."""
    return count_right(truths, readings, case_sensitive=case_sensitive) / len(truths) if truths else 0.0


def character_accuracy(
    truths: Sequence[str], readings: Sequence[str], *, case_sensitive: bool = True
) -> float:
    """The mean over images of 1 - edit distance / length of the true text, at least 0 per image; 0 when there
    are none.

    Every image weighs the same, whatever its length. For a fixed length without shifted characters this is
    the share of right characters.
    """
    scores = _character_scores(_paired(truths, readings, case_sensitive))
    return sum(scores) / len(scores) if scores else 0.0


def _character_scores(pairs: Sequence[tuple[str, str]]) -> list[float]:
    return [max(0.0, 1 - edit_distance(truth, reading) / max(len(truth), 1)) for truth, reading in pairs]


def positions(
    truths: Sequence[str], readings: Sequence[str], *, case_sensitive: bool = True
) -> tuple[Share, ...]:
    """Per position counted from the left: of the texts that are so long, how many readings have the right
    character there."""
    pairs = _paired(truths, readings, case_sensitive)
    shares = []
    for position in range(max((len(truth) for truth, _ in pairs), default=0)):
        long_enough = [(truth, reading) for truth, reading in pairs if len(truth) > position]
        right = sum(reading[position : position + 1] == truth[position] for truth, reading in long_enough)
        shares.append(Share(right, len(long_enough)))
    return tuple(shares)


def position_accuracies(
    truths: Sequence[str], readings: Sequence[str], *, case_sensitive: bool = True
) -> list[float]:
    """The shares of `positions` alone, 0..1."""
    return [share.value for share in positions(truths, readings, case_sensitive=case_sensitive)]


@dataclass(frozen=True)
class Calibration:
    """Whether confidences mean what they say: the expected calibration error, and the points of the
    reliability diagram."""

    expected_calibration_error: float
    bins: tuple[ReliabilityBin, ...]

    def to_json(self) -> dict[str, Any]:
        """The error, and the bins with their accuracies."""
        return {
            "expected_calibration_error": self.expected_calibration_error,
            "bins": [vars(each) | {"accuracy": each.accuracy} for each in self.bins],
        }


@dataclass(frozen=True)
class Evaluation:
    """How right a reader is on n labelled images; shares are 0..1, intervals 95 %.

    `calibration` and `coverage` are None where the readings came without confidences.
    """

    n: int
    right: int
    whole_string_accuracy: float
    whole_string_interval: Interval
    character_accuracy: float
    character_interval: Interval
    positions: tuple[Share, ...]
    confusion: Confusion
    calibration: Calibration | None
    coverage: Coverage | None

    @property
    def position_accuracies(self) -> tuple[float, ...]:
        """The shares of `positions` alone."""
        return tuple(share.value for share in self.positions)

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON, intervals as [low, high]; `characters` lists the least accurate first."""
        characters = self.confusion.characters().items()
        return {
            "n": self.n,
            "right": self.right,
            "whole_string_accuracy": self.whole_string_accuracy,
            "whole_string_interval": self.whole_string_interval.to_json(),
            "character_accuracy": self.character_accuracy,
            "character_interval": self.character_interval.to_json(),
            "position_accuracies": list(self.position_accuracies),
            "positions": [share.to_json() for share in self.positions],
            "characters": [{"character": each} | share.to_json() for each, share in characters],
            "confusion": self.confusion.to_json(),
            "calibration": self.calibration.to_json() if self.calibration else None,
            "coverage": self.coverage.to_json() if self.coverage else None,
        }


def evaluate(
    truths: Sequence[str],
    readings: Sequence[str],
    *,
    case_sensitive: bool = True,
    confidences: Sequence[float] | None = None,
    validated: Coverage | None = None,
) -> Evaluation:
    """Everything at once.

    `confidences` are the readings', 0..1. `validated` is the coverage on validation images: its threshold is
    tested here. Without it, these are the validation images, and the threshold is chosen on them.
    """
    pairs = _paired(truths, readings, case_sensitive)
    right = [truth == reading for truth, reading in pairs]
    scores = _character_scores(pairs)
    characters = sum(len(truth) for truth, _ in pairs)
    calibration = coverage = None
    if confidences is not None:
        error = expected_calibration_error(confidences, right)
        calibration = Calibration(error, reliability_bins(confidences, right))
        if validated is None:
            coverage = threshold_for_precision(confidences, right)
        else:
            coverage = coverage_at(confidences, right, validated.threshold)
    whole = Share(sum(right), len(right))
    return Evaluation(
        n=whole.n,
        right=whole.count,
        whole_string_accuracy=whole.value,
        whole_string_interval=whole.interval,
        character_accuracy=sum(scores) / len(scores) if scores else 0.0,
        character_interval=clustered_interval(scores, characters),
        positions=positions(truths, readings, case_sensitive=case_sensitive),
        confusion=Confusion.between([truth for truth, _ in pairs], [reading for _, reading in pairs]),
        calibration=calibration,
        coverage=coverage,
    )
