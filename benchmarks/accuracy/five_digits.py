"""Five-digit images of PyPI's `captcha`, 80 to train on and 20 to test: published as 398 and 100 slices in equal
parts, of which `tiny_vgg` read 91 %.

The default reads the same slices as one-character tasks, and the whole images, which hold the same digits.
"""

from collections.abc import Iterator
from typing import Any

from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import COLOUR, DIGITS, Training, per_character, task_of
from benchmarks.accuracy.generators import captchas
from benchmarks.accuracy.images import Labelled
from benchmarks.common import sized
from labeling.imaging.slicing import EqualParts, slice_boxes

DRAWS = 3
TRAIN_IMAGES, TEST_IMAGES = 80, 20
TRAIN_SLICES = 398
MINUTES = sized(3.0, 0.05)

ONE_DIGIT = task_of(DIGITS, 1, 1, COLOUR)
FIVE_DIGITS = task_of(DIGITS, 5, 5, COLOUR)


def cells() -> Iterator[Cell]:
    kinds = (
        ("tiny_vgg", "slices", ONE_DIGIT, {"max_epochs": sized(50, 2)}, None),
        ("slots", "slices", ONE_DIGIT, {}, None),
        ("slots", "whole images", FIVE_DIGITS, {}, 0.98),
    )
    for draw in range(DRAWS)[: sized(None, 1)]:
        for architecture, of, task, limits, target in kinds:
            training = Training(architecture, task, MINUTES, seed=draw, **limits)
            yield Cell(
                row="five_digits",
                label=f"Five digits of `captcha`, {DRAWS} draws of 80 + 20 images, `{architecture}` on {of}",
                name=f"{architecture}-{of.replace(' ', '-')}-draw{draw}",
                unit="per digit",
                target=target,
                settings=training.settings() | {"of": of, "draw": draw},
                measure=lambda training=training, of=of, draw=draw: _measure(training, of, draw),
            )


def _measure(training: Training, of: str, draw: int) -> dict[str, Any]:
    images = captchas(TRAIN_IMAGES + TEST_IMAGES, DIGITS, 5, seed=1000 + draw)
    train, test = images[:TRAIN_IMAGES], images[TRAIN_IMAGES:]
    if of == "slices":
        train, test = _slices(train)[:TRAIN_SLICES], _slices(test)
    return per_character(training.run(train, test))


def _slices(images: list[Labelled]) -> list[Labelled]:
    """Equal parts as images of their own."""
    return [
        Labelled(image.pixels[box.top : box.bottom, box.left : box.right], character)
        for image in images
        for box, character in zip(
            slice_boxes(image.pixels, EqualParts(), len(image.text)), image.text, strict=True
        )
    ]
