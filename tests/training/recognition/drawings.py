"""Small pictures of digits, drawn with OpenCV, as material for trainings of a few seconds."""

import cv2
import numpy as np
from numpy.typing import NDArray

from labeling.imaging.recipe import Recipe
from training.recognition.alphabets import Alphabet
from training.recognition.architectures import ARCHITECTURES
from training.recognition.task import ReadingTask

GREY_IN_EQUAL_PARTS = {
    "steps": [{"step": "channel", "channel": "grey"}],
    "slicing": {"slicing": "equal"},
}

SMALL = {"height": 16, "width_per_character": 16, "batch_size": 16, "epoch_images": 0, "starter": 0}
"""Hyper-parameters of `slots` and `ctc` that train in a few seconds."""

NETWORKS = [name for name in ARCHITECTURES if name != "random_forest"]
"""The architectures that Keras builds."""


def quick(name: str) -> dict[str, float]:
    """Hyper-parameters that make an architecture small, where its input's size belongs to them."""
    return dict(SMALL) if name in ("slots", "ctc") else {}


def reading_task(
    alphabet: str = "0123456789", lengths: tuple[int, int] = (2, 2), recipe: object = GREY_IN_EQUAL_PARTS
) -> ReadingTask:
    return ReadingTask(Alphabet(alphabet), *lengths, case_sensitive=True, recipe=Recipe.from_json(recipe))


def draw_text(text: str, random: np.random.Generator, width: int = 48, height: int = 24) -> NDArray[np.uint8]:
    """Dark text on a light ground, each character jittered: uint8 RGBA (height, width, 4)."""
    picture = np.full((height, width, 4), 255, np.uint8)
    picture[:, :, :3] = random.integers(200, 256, 3)
    ink = tuple(int(value) for value in random.integers(0, 90, 3))
    cell = width / max(len(text), 1)
    for index, character in enumerate(text):
        corner = (int(index * cell + random.integers(2, 6)), int(height - random.integers(3, 8)))
        cv2.putText(picture, character, corner, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (*ink, 255), 1, cv2.LINE_AA)
    return picture


def draw_many(texts: list[str], seed: int = 0, **size: int) -> list[tuple[NDArray[np.uint8], str]]:
    random = np.random.default_rng(seed)
    return [(draw_text(text, random, **size), text) for text in texts]


def random_texts(count: int, alphabet: str, lengths: tuple[int, int], seed: int = 0) -> list[str]:
    random = np.random.default_rng(seed)
    return [
        "".join(random.choice(list(alphabet), random.integers(lengths[0], lengths[1] + 1)))
        for _ in range(count)
    ]
