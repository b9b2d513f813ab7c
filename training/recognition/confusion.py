"""Which characters are read for which."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labeling.intervals import Share

NOTHING = ""
"""Stands for the missing partner: what was read for a missed character, what was written for an added one."""


def align(truth: str, reading: str) -> list[tuple[str, str]]:
    """(character written, character read) pairs along a shortest edit from truth to reading.

    Characters missed are paired with NOTHING read, characters added with NOTHING written. The number of
    unequal pairs is the Levenshtein distance; among shortest edits, the one with most replacements from the
    right end on.
    """
    costs = [list(range(len(reading) + 1))]
    for i, written in enumerate(truth, start=1):
        row, above = [i], costs[-1]
        for j, read in enumerate(reading, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (written != read)))
        costs.append(row)
    pairs = []
    i, j = len(truth), len(reading)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + (truth[i - 1] != reading[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((truth[i], reading[j]))
        elif i and costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
            pairs.append((truth[i], NOTHING))
        else:
            j -= 1
            pairs.append((NOTHING, reading[j]))
    return pairs[::-1]


@dataclass(frozen=True)
class Mistake:
    """A character that was read for another one, `count` times out of the `n` times that it was written; n is
    the number of all added characters where NOTHING was written."""

    written: str
    read: str
    count: int
    n: int


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix: how often each character was read for each character written.

    `counts` maps (written, read) to a number above 0. NOTHING as `read` means missed, as `written` added.
    """

    counts: Mapping[tuple[str, str], int]

    @classmethod
    def between(cls, truths: Sequence[str], readings: Sequence[str]) -> "Confusion":
        """The confusions of readings, each aligned with its true text by edit distance."""
        pairs = zip(truths, readings, strict=True)
        return cls(Counter(pair for truth, reading in pairs for pair in align(truth, reading)))

    def written(self) -> dict[str, int]:
        """How often each character was written, or added where it is NOTHING."""
        totals: Counter[str] = Counter()
        for (written, _), count in self.counts.items():
            totals[written] += count
        return dict(totals)

    def characters(self) -> dict[str, Share]:
        """How often each character that was written was read right, the least accurate first."""
        shares = {
            character: Share(self.counts.get((character, character), 0), n)
            for character, n in self.written().items()
            if character != NOTHING
        }
        return dict(sorted(shares.items(), key=lambda item: (item[1].value, -item[1].n, item[0])))

    def most_confused(self, limit: int) -> list[Mistake]:
        """The commonest mistakes, the commonest first."""
        written = self.written()
        mistakes = [Mistake(*pair, count, written[pair[0]]) for pair, count in self.counts.items()]
        wrong = [each for each in mistakes if each.written != each.read]
        return sorted(wrong, key=lambda each: (-each.count, each.written, each.read))[:limit]

    def to_json(self) -> list[list[Any]]:
        """Sorted [written, read, count] rows; `from_json` reads them back."""
        return [[*pair, count] for pair, count in sorted(self.counts.items())]

    @classmethod
    def from_json(cls, rows: list[list[Any]]) -> "Confusion":
        """The matrix that `to_json` wrote."""
        return cls({(written, read): count for written, read, count in rows})
