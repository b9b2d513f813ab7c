"""What is plainly too little or too unbalanced in a project's labels, before anybody waits for a training."""

from collections import Counter
from dataclasses import dataclass

from labeling.intervals import Share
from labeling.models import Image, Project
from training.services.datasets import MIN_IMAGES, SplitOutlook

LOOKED_AT = 5000
FEWEST_OF_A_CHARACTER = 10
MOST_UNEVEN = 20
NAMED = 12
WORTH_SHOWING = 0.95


@dataclass(frozen=True)
class DataWarning:
    """A short title, and what it means or what to do."""

    title: str
    text: str


def data_warnings(project: Project, outlook: SplitOutlook) -> list[DataWarning]:
    """Look at how many images there are to train, validate and test on, and at how often each character is labelled.

    One query: of many images, the newest `LOOKED_AT`. Nothing is said of a project that cannot be trained on yet.
    """
    if outlook.total < MIN_IMAGES:
        return []
    newest = Image.objects.labelled().filter(project=project).order_by("-id")
    texts = list(newest.values_list("text", flat=True)[:LOOKED_AT])
    return [*_splits(outlook), *_characters(project, texts)]


def _splits(outlook: SplitOutlook) -> list[DataWarning]:
    """Numbers so small that even a reader without a mistake could not show what it is worth."""
    found = []
    for count, purpose in ((outlook.validation, "validation"), (outlook.test, "test")):
        shown = Share(count, count).interval.low if count else 0.0
        if shown < WORTH_SHOWING:
            images = "image" if count == 1 else "images"
            found.append(
                DataWarning(
                    f"Only {count} {purpose} {images}.",
                    f"Even if all of them were read right, that would show no more than {shown:.0%}. "
                    f"Label about {_enough(outlook.total)} images in all to show {WORTH_SHOWING:.0%}.",
                )
            )
    return found[:1] if len(found) == 2 and outlook.validation <= outlook.test else found[-1:]


def _enough(total: int) -> int:
    """How many images show `WORTH_SHOWING` when all of a tenth of them are read right."""
    count = next(n for n in range(1, 1000) if Share(n, n).interval.low >= WORTH_SHOWING)
    return max(10 * count, total)


def _characters(project: Project, texts: list[str]) -> list[DataWarning]:
    fold = str if project.case_sensitive else str.casefold
    alphabet = [fold(character) for character in project.alphabet]
    counts = Counter(fold("".join(texts)))
    seen = {character: counts[character] for character in alphabet}
    among = f"the newest {LOOKED_AT:,} labels" if len(texts) == LOOKED_AT else "the labels"
    missing = [character for character, count in seen.items() if not count]
    rare = sorted(
        (count, character) for character, count in seen.items() if 0 < count < FEWEST_OF_A_CHARACTER
    )
    found = []
    if missing:
        found.append(
            DataWarning(
                f"Never in {among}: {_named(missing)}.",
                "What no label shows cannot be learnt. Label images with them, or leave them out of the alphabet of "
                "a new project if they do not occur.",
            )
        )
    if rare:
        named = _named([f"{character} ({count})" for count, character in rare])
        found.append(
            DataWarning(
                f"Fewer than {FEWEST_OF_A_CHARACTER} times in {among}: {named}.",
                "They will be read worse than the others. Label more images with them.",
            )
        )
    elif not missing and max(seen.values()) >= MOST_UNEVEN * min(seen.values()):
        most, least = (pick(seen, key=lambda each: seen[each]) for pick in (max, min))
        found.append(
            DataWarning(
                f"Unbalanced: {most} is in {among} {seen[most]:,} times, {least} {seen[least]:,} times.",
                "Rare characters are read worse. The hyper-parameter “Class balance” shows them more often.",
            )
        )
    return found


def _named(characters: list[str]) -> str:
    more = len(characters) - NAMED
    return " ".join(characters[:NAMED]) + (f" and {more} more" if more > 0 else "")
