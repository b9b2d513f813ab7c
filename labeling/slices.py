"""Where the slices of a contact sheet come from: what a model suggests, a preparation's boxes, or equal parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from labeling.models import Image, Suggestion
from labeling.services.renderings import SHARES


@dataclass(frozen=True)
class SuggestedCharacter:
    """One character of a suggestion, and the part of the image's width that shows it (edges are shares 0..1)."""

    text: str
    probability: float
    left: float
    right: float


def cells_of(suggestion: Suggestion) -> list[SuggestedCharacter]:
    """Return the cells that a suggestion fills on contact sheets: one per character.

    They are made whenever a sheet is, from the few images that it looks at, so whoever writes suggestions has
    nothing to write beside them. Models name the part that they looked at, often only the middle of a character: each
    slice reaches at least half-way to its neighbours.
    """
    characters, text = suggestion.characters, suggestion.text
    if _fits(characters, text):
        edges = _widened([(one["left"], one["right"]) for one in characters])
        probabilities = [one["probability"] for one in characters]
    else:
        edges = equal_parts(len(text))
        probabilities = [suggestion.confidence] * len(text)
    return [
        SuggestedCharacter(character, probability, left, right)
        for character, probability, (left, right) in zip(text, probabilities, edges, strict=True)
    ]


def equal_parts(count: int) -> list[tuple[float, float]]:
    """Return the edges of equally wide parts."""
    return [(index / count, (index + 1) / count) for index in range(count)]


def part_url(image: Image, position: int, edges: tuple[float, float]) -> str:
    """Return the address of a part of an image; it says all that decides the pixels."""
    left, right = (round(edge * SHARES) for edge in edges)
    return _slice_url(image, position, {"left": left, "right": max(right, left + 1)})


def prepared_slice_url(image: Image, position: int, version: int) -> str:
    """Return the address of a slice as a preparation cut it."""
    return _slice_url(image, position, {"preparation": version})


def _slice_url(image: Image, position: int, decided_by: Mapping[str, int]) -> str:
    address = reverse("labeling:slice_image", args=[image.project_id, image.pk, position])
    return f"{address}?{urlencode(decided_by)}"


def _fits(characters: Sequence[Mapping[str, Any]], text: str) -> bool:
    spells_it = "".join(one["text"] for one in characters) == text
    return spells_it and all(0 <= one["left"] < one["right"] <= 1 for one in characters)


def _widened(edges: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    middles = [(left + right) / 2 for left, right in edges]
    between = [(first + second) / 2 for first, second in pairwise(middles)]
    if not between:
        return [(0.0, 1.0)]
    # The outermost reach as far to the outside as to the inside.
    outer = [2 * middles[0] - between[0], *between, 2 * middles[-1] - between[-1]]
    return [
        (max(0.0, min(left, outer[index])), min(1.0, max(right, outer[index + 1])))
        for index, (left, right) in enumerate(edges)
    ]
