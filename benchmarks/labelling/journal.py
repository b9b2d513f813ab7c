"""What a crowd of annotators did, as they saw it: how long it took, and whether the database agrees."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

LENGTH = 4


def text_of(image: int) -> str:
    """What annotators say that an image reads."""
    return f"{image % 10**LENGTH:0{LENGTH}d}"


@dataclass(frozen=True)
class Turn:
    """One image read: what was said about it was sent, and the next image was asked for where none was at hand.

    `started` is a moment, `submit` and `next` are how long the two took, all in seconds.
    """

    annotator: int
    image: int
    key: str
    is_saved: bool
    started: float
    submit: float
    next: float

    @property
    def seconds(self) -> float:
        return self.submit + self.next


@dataclass(frozen=True)
class Journal:
    """All turns of a crowd, which images the server handed to whom, and how many requests it failed at."""

    turns: list[Turn]
    handed: dict[int, list[int]]
    failed: int = 0

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Journal":
        handed = {int(annotator): images for annotator, images in data["handed"].items()}
        return cls([Turn(*turn) for turn in data["turns"]], handed, data["failed"])

    @property
    def pairs_per_second(self) -> float:
        """How many images a second the whole crowd submitted, each with the next one at hand."""
        started = min(turn.started for turn in self.turns)
        ended = max(turn.started + turn.seconds for turn in self.turns)
        return sum(turn.is_saved for turn in self.turns) / (ended - started)


@dataclass(frozen=True)
class Row:
    """An annotation as the database has it."""

    key: str
    image: int
    annotator: int
    text: str
    is_check: bool


def figures(journal: Journal) -> dict[str, Any]:
    """How many pairs of submit and next there were, and how many milliseconds they took."""
    return {
        "pairs": len(journal.turns),
        "pairs_per_second": round(journal.pairs_per_second, 2),
        "submit_and_next_ms": _milliseconds(turn.seconds for turn in journal.turns),
        "submit_ms": _milliseconds(turn.submit for turn in journal.turns),
        "next_ms": _milliseconds(turn.next for turn in journal.turns if turn.next),
    }


def faults(journal: Journal, rows: Collection[Row], *, overlap: int) -> dict[str, int]:
    """Compare what annotators did with what the database has: everything here is to be 0.

    Nobody gives images back and no lease runs out in so short a time, so an image that was handed to more people than
    the overlap was handed out too often. Nobody undoes anything either, so `rows` are all that there are, withdrawn
    ones too: a text that was replaced was saved twice.
    """
    saved = Counter(turn.key for turn in journal.turns if turn.is_saved)
    kept = Counter(row.key for row in rows)
    said = {turn.key: (turn.image, text_of(turn.image)) for turn in journal.turns}
    readers: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        readers[row.image].append(row.annotator)
    return {
        "requests_failed": journal.failed,
        "texts_refused": sum(not turn.is_saved for turn in journal.turns),
        "annotations_lost": sum(key not in kept for key in saved),
        "annotations_doubled": sum(count - 1 for count in kept.values()),
        "annotations_of_nobody": sum(key not in said for key in kept),
        "annotations_changed": sum(
            said.get(row.key, (row.image, row.text)) != (row.image, row.text) for row in rows
        ),
        "readings_beyond_overlap": sum(max(0, len(people) - overlap) for people in readers.values()),
        "readings_by_one_person_again": sum(len(people) - len(set(people)) for people in readers.values()),
        "readings_that_came_too_late": sum(row.is_check for row in rows),
        "images_handed_out_beyond_overlap": handed_beyond(journal, overlap=overlap),
        "images_handed_to_one_person_again": sum(
            len(images) - len(set(images)) for images in journal.handed.values()
        ),
    }


def handed_beyond(journal: Journal, *, overlap: int) -> int:
    """How many images were handed to more people than the overlap."""
    holders = Counter(image for images in journal.handed.values() for image in set(images))
    return sum(people > overlap for people in holders.values())


def _milliseconds(seconds: Iterable[float]) -> dict[str, float]:
    """Percentiles; that of the 95th has the 95 % interval that order statistics give it."""
    measured = np.sort(1000 * np.array(list(seconds)))
    if not measured.size:
        return {"n": 0}
    spread = 1.96 * (measured.size * 0.95 * 0.05) ** 0.5
    low = max(0, int(0.95 * measured.size - spread))
    high = min(measured.size - 1, int(0.95 * measured.size + spread))
    p50, p95, p99 = np.percentile(measured, [50, 95, 99])
    return {
        "n": measured.size,
        "p50": round(float(p50), 1),
        "p95": round(float(p95), 1),
        "p95_low": round(float(measured[low]), 1),
        "p95_high": round(float(measured[high]), 1),
        "p99": round(float(p99), 1),
        "most": round(float(measured[-1]), 1),
    }
