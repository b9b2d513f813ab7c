"""Which pseudo-labels to learn from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TARGET = 0.97
"""The mean confidence of what is taken, at least."""

FLOOR = 0.6
"""Nothing less sure is taken, however sure the others are."""

RARE = 0.5
"""A character is rare where its share among the taken texts is below this part of its share among all readings."""


def choose_threshold(confidences: NDArray[np.float64], most: float = 1.0) -> float:
    """The lowest confidence at which those at least so sure are TARGET sure on average, and no more of all than the
    share `most`, but for those who are as sure as the last of them; above 1 where there is none.

    FixMatch has one threshold for each image. Here it follows from the wanted precision, which honest confidences
    estimate by their mean, so that a reader that is sure of most images learns from nearly all.
    """
    ordered = np.sort(confidences[confidences >= FLOOR])[::-1]
    share = math.ceil(most * len(confidences))
    ordered = ordered[ordered >= ordered[:share].min(initial=1.0)]
    means = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    # A threshold takes all that are equally sure, or none of them.
    is_last_of_equals = np.append(ordered[1:] < ordered[:-1], True)[: len(ordered)]
    enough = np.flatnonzero(is_last_of_equals & (means >= TARGET))
    return float(ordered[enough[-1]]) if len(enough) else np.nextafter(1.0, 2.0)


def take(texts: Sequence[str], confidences: NDArray[np.float64], threshold: float) -> NDArray[np.int64]:
    """Indices of the pseudo-labels to learn from, in ascending order.

    Those at least `threshold` sure, and for each character that is rare among them the surest others that have it: a
    character that a reader hesitates at would else be learnt out of ever fewer images, and be forgotten in the end
    (the concern of FlexMatch, B. Zhang et al. 2021, arXiv 2110.08263).
    """
    taken = confidences >= threshold
    read = _counts(texts, confidences > 0)
    total_read = sum(read.values())
    have = _counts(texts, taken)
    for character in sorted(read):
        wanted = RARE * read[character] / total_read * sum(have.values())
        others = [
            index for index in np.argsort(-confidences, kind="stable")
            if not taken[index] and confidences[index] >= FLOOR and character in texts[index]
        ] if have[character] < wanted else []  # fmt: skip
        for index in others:
            if have[character] >= wanted:
                break
            taken[index] = True
            have.update(texts[index])
    return np.flatnonzero(taken)


def missing_characters(texts: Sequence[str], alphabet: str) -> str:
    """The characters of the alphabet that no text has, in the alphabet's order."""
    present = set("".join(texts))
    return "".join(each for each in alphabet if each not in present)


def variety(texts: Sequence[str]) -> float:
    """How many characters there are in effect: the exponential of their entropy, 1 where all are the same; 0 for no
    text."""
    counts = np.array(list(Counter("".join(texts)).values()), float)
    if not len(counts):
        return 0.0
    shares = counts / counts.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _counts(texts: Sequence[str], chosen: NDArray[np.bool_]) -> Counter[str]:
    return Counter("".join(text for text, is_chosen in zip(texts, chosen, strict=True) if is_chosen))
