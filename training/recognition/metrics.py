"""How right a reader is, and how sure one may be of that number."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A confidence interval of a share; both ends are within 0..1."""

    low: float
    high: float


def wilson_interval(successes: int, n: int, z: float = Z_95) -> Interval:
    """The Wilson score interval of a share, 95 % by default; (0, 1) when nothing was counted.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    Raises ValueError unless 0 <= successes <= n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes out of {n} is impossible.")
    if n == 0:
        return Interval(0.0, 1.0)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(
        low=0.0 if successes == 0 else centre - half, high=1.0 if successes == n else centre + half
    )


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
    if not truths:
        return 0.0
    scores = [
        max(0.0, 1 - edit_distance(truth, reading) / max(len(truth), 1))
        for truth, reading in _paired(truths, readings, case_sensitive)
    ]
    return sum(scores) / len(scores)


def position_accuracies(
    truths: Sequence[str], readings: Sequence[str], *, case_sensitive: bool = True
) -> list[float]:
    """Per position counted from the left, the share of texts that long whose reading has the right character
    there."""
    pairs = _paired(truths, readings, case_sensitive)
    accuracies = []
    for position in range(max((len(truth) for truth in truths), default=0)):
        long_enough = [(truth, reading) for truth, reading in pairs if len(truth) > position]
        right = sum(reading[position : position + 1] == truth[position] for truth, reading in long_enough)
        accuracies.append(right / len(long_enough))
    return accuracies


@dataclass(frozen=True)
class Evaluation:
    """A reader's accuracies on n labelled images; shares are 0..1."""

    n: int
    right: int
    whole_string_accuracy: float
    whole_string_interval: Interval
    character_accuracy: float
    position_accuracies: tuple[float, ...]


def evaluate(truths: Sequence[str], readings: Sequence[str], *, case_sensitive: bool = True) -> Evaluation:
    """All accuracies at once, the whole-string one with its 95 % Wilson interval."""
    right = count_right(truths, readings, case_sensitive=case_sensitive)
    return Evaluation(
        n=len(truths),
        right=right,
        whole_string_accuracy=right / len(truths) if truths else 0.0,
        whole_string_interval=wilson_interval(right, len(truths)),
        character_accuracy=character_accuracy(truths, readings, case_sensitive=case_sensitive),
        position_accuracies=tuple(position_accuracies(truths, readings, case_sensitive=case_sensitive)),
    )
