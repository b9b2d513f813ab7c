"""Pictures drawn to be compared with real ones."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from training.recognition.synthesis.drawing import draw
from training.recognition.synthesis.fitting.gathering import Colours
from training.recognition.synthesis.style import Style
from training.recognition.synthesis.typefaces import Typeface


def random_texts(alphabet: str, lengths: Sequence[int], count: int, seed: int) -> list[str]:
    """Texts of random characters, each as long as one of the lengths."""
    random = Random(seed)
    return ["".join(random.choices(alphabet, k=random.choice(lengths))) for _ in range(count)]


def draw_texts(texts: Sequence[str], style: Style, typefaces: Sequence[Typeface], seed: int) -> list[Colours]:
    """One picture for each text; equal seeds make what is drawn at random equal, whatever the style."""
    return [
        draw(text, typefaces, style, Random(seed * 1_000_003 + index)) for index, text in enumerate(texts)
    ]
