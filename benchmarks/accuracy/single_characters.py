"""Single characters of PyPI's `captcha`, 50x75, 36 classes, 1,000 to test: published 81.5 % with `two_conv` in six
and a half hours. Here each reader has eight minutes, drawing its training images included."""

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import COLOUR, DIGITS, LETTERS, Training, task_of
from benchmarks.accuracy.generators import captchas
from benchmarks.common import sized

TASK = task_of(DIGITS + LETTERS, 1, 1, COLOUR)
WIDTH, HEIGHT = 50, 75
TEST_IMAGES = sized(1000, 100)
TRAIN_IMAGES, VALIDATION_IMAGES = sized((40_000, 1000), (600, 60))
MINUTES = sized(8.0, 0.15)
RESERVE = sized(0.7, 0.0)
"""Minutes kept for preparing the images, the last validation and calibration."""


def cells() -> Iterator[Cell]:
    for architecture, target in (("two_conv", 0.92), ("slots", 0.99)):
        # The epochs are as many as there is time for: the learning rate follows the minutes.
        training = Training(architecture, TASK, MINUTES, max_epochs=10_000)
        yield Cell(
            row="single_characters",
            label=f"Single characters of `captcha`, 36 classes, `{architecture}`",
            name=architecture,
            unit="per character",
            target=target,
            settings=training.settings()
            | {"images": TRAIN_IMAGES, "validation_images": VALIDATION_IMAGES, "test_images": TEST_IMAGES},
            measure=lambda training=training: _measure(training),
        )


def _measure(training: Training) -> dict[str, Any]:
    alphabet = training.task.alphabet.characters
    test = captchas(TEST_IMAGES, alphabet, 1, seed=1, width=WIDTH, height=HEIGHT)
    started = time.perf_counter()
    train = captchas(TRAIN_IMAGES, alphabet, 1, seed=2, width=WIDTH, height=HEIGHT)
    validation = captchas(VALIDATION_IMAGES, alphabet, 1, seed=3, width=WIDTH, height=HEIGHT)
    drawing = time.perf_counter() - started
    left = max(MINUTES - RESERVE - drawing / 60, 0.05)
    result = dataclasses.replace(training, minutes=left).run(train, test, validation)
    return result | {
        "seconds_drawing": round(drawing, 1),
        "seconds_drawing_preparing_and_training": round(
            time.perf_counter() - started - result["seconds_reading"], 1
        ),
    }
