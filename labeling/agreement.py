"""How well people agree who read the same images without seeing each other's texts. Pure counting."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from labeling.intervals import Share

# A person's id here, or the name that an imported file gives somebody.
Reader = int | str
# One image's texts by person; an empty text says that the person could not read it.
Readings = Mapping[Reader, str]
# How often one person read the first character where another one read the second.
Pairs = Counter[tuple[str, str]]


@dataclass(frozen=True)
class PersonAgreement:
    """How far a person agrees with the others who read the same images.

    readings: comparisons with another person's reading of the same image, and how many were equal.
    settled: images that have come to an agreed text, and how many of them as this person had read.
    kappa: Cohen's kappa over single characters, None where there is nothing to tell apart.
    """

    person: Reader
    images: int
    readings: Share
    settled: Share
    kappa: float | None


@dataclass(frozen=True)
class CharacterPair:
    """Two characters that people take for each other, of the comparisons in which somebody read either."""

    first: str
    second: str
    share: Share


@dataclass(frozen=True)
class Agreement:
    """How well a team agrees.

    images: those that two or more people read, and how many of them all read alike.
    readings: pairs of readings of one image, and how many were equal.
    kappa: Cohen's kappa over single characters, every pair of readings counted both ways.
    """

    images: Share
    readings: Share
    kappa: float | None
    people: list[PersonAgreement]
    character_pairs: list[CharacterPair]


def agreement(images: Iterable[tuple[Readings, str | None]]) -> Agreement:
    """Compare every reading of an image with every other one.

    Characters are compared where two texts are equally long; otherwise one cannot know which belong together.

    Args:
        images: the readings of each image and its agreed text, None where there is none yet.
    """
    alike = compared = 0
    tallies: defaultdict[Reader, _Tally] = defaultdict(_Tally)
    for readings, agreed in images:
        if len(readings) < 2:
            continue
        compared += 1
        alike += len(set(readings.values())) == 1
        for person, text in readings.items():
            tallies[person].take_image(text, agreed)
        for (one, text), (other, other_text) in combinations(readings.items(), 2):
            tallies[one].take_pair(text, other_text)
            tallies[other].take_pair(other_text, text)
    everybody: Pairs = Counter()
    for tally in tallies.values():
        everybody.update(tally.characters)
    return Agreement(
        images=Share(alike, compared),
        # Each pair was counted with both of its people.
        readings=Share(
            sum(tally.equal for tally in tallies.values()) // 2,
            sum(tally.compared for tally in tallies.values()) // 2,
        ),
        kappa=cohens_kappa(everybody),
        people=[tallies[person].of(person) for person in sorted(tallies, key=_order)],
        character_pairs=character_pairs(everybody),
    )


def _order(person: Reader) -> tuple[bool, Reader]:
    """Order people here before those whom files name."""
    return isinstance(person, str), person


class _Tally:
    """What is counted for one person."""

    def __init__(self) -> None:
        self.images = self.decided = self.right = 0
        self.compared = self.equal = 0
        self.characters: Pairs = Counter()

    def take_image(self, text: str, agreed: str | None) -> None:
        self.images += 1
        if agreed is not None:
            self.decided += 1
            self.right += text == agreed

    def take_pair(self, text: str, other: str) -> None:
        self.compared += 1
        self.equal += text == other
        if len(text) == len(other):
            self.characters.update(zip(text, other, strict=True))

    def of(self, person: Reader) -> PersonAgreement:
        return PersonAgreement(
            person=person,
            images=self.images,
            readings=Share(self.equal, self.compared),
            settled=Share(self.right, self.decided),
            kappa=cohens_kappa(self.characters),
        )


def cohens_kappa(pairs: Pairs) -> float | None:
    """Return agreement beyond chance: 1 is perfect, 0 is what guessing would reach.

    None where all characters are one and the same, or there are none: chance would agree as well.
    """
    if len({character for pair in pairs for character in pair}) < 2:
        return None
    # Takes a second: only the web server, which does it beforehand (webapp/asgi.py), is ever asked.
    from sklearn.metrics import cohen_kappa_score

    first, second = zip(*pairs, strict=True)
    return float(cohen_kappa_score(first, second, sample_weight=list(pairs.values())))


def character_pairs(everybody: Pairs) -> list[CharacterPair]:
    """Return the characters that people take for each other, most frequent first.

    Args:
        everybody: pairs of characters, each comparison counted both ways.
    """
    involving: Counter[str] = Counter()
    for (first, second), count in everybody.items():
        # Two equal characters are one comparison that was counted twice.
        involving[first] += count if first != second else count // 2
    found = [
        CharacterPair(first, second, Share(count, involving[first] + involving[second] - count))
        for (first, second), count in everybody.items()
        if first < second
    ]
    return sorted(found, key=lambda pair: (-pair.share.count, pair.share.n, pair.first, pair.second))
