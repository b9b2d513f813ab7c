"""Peers as they come on the real sets, without training: all images of a fixed length, and of `varlen` those that our
reader is tested on; texts compare without case.

The images of `varlen` are wide and mostly empty, which the peers are not made for: they see the text boxes that our
preparation finds, too.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.accuracy import digits4, images, peers, varlen, wilhelmy
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import count
from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import hold_out
from training.recognition.task import ReadingTask

READERS: dict[str, tuple[str, Callable[[ReadingTask], peers.Read]]] = {
    "ddddocr-greedy": ("`ddddocr` 1.6.1, greedy", peers.ddddocr_greedy),
    "ddddocr-range": ("`ddddocr` 1.6.1 with its charset range", peers.ddddocr_range),
    "ddddocr-constrained": (
        "`ddddocr` 1.6.1, our decoding to alphabet and length",
        peers.ddddocr_constrained,
    ),
    "whisperer-greedy": ("`captcha-whisperer` 0.1.0, greedy", peers.whisperer_greedy),
    "whisperer-constrained": (
        "`captcha-whisperer` 0.1.0, our decoding to alphabet and length",
        peers.whisperer_constrained,
    ),
}


def _varlen() -> list[Labelled]:
    """The test images, on white where they are transparent."""
    return [_prepared(image) for image in hold_out(varlen.readable(), varlen.PART, varlen.PARTS)[1]]


def _varlen_text_boxes() -> list[Labelled]:
    return [_text_box(image) for image in _varlen()]


def _prepared(image: Labelled) -> Labelled:
    colours = np.rint(255 * varlen.RECIPE.prepare(image.pixels)).astype(np.uint8)
    return Labelled(np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)]), image.text)


def _text_box(image: Labelled) -> Labelled:
    (box,) = varlen.RECIPE.boxes(varlen.RECIPE.prepare(image.pixels), varlen.TASK.max_length)
    return Labelled(image.pixels[box.top : box.bottom, box.left : box.right], image.text)


SETS: dict[str, tuple[str, Callable[[], list[Labelled]], ReadingTask]] = {
    "wilhelmy": ("`wilhelmy`", images.wilhelmy, wilhelmy.TASK),
    "digits4": ("`digits4`", images.digits4, digits4.TASK),
    "varlen": ("`varlen`, test images", _varlen, varlen.TASK),
    "varlen-boxes": ("`varlen`, text boxes of the test images", _varlen_text_boxes, varlen.TASK),
}


def cells() -> Iterator[Cell]:
    for set_name, (set_title, load, task) in SETS.items():
        for reader, (title, make) in READERS.items():
            yield Cell(
                row="zero_shot",
                label=f"{set_title}, zero-shot, {title}",
                name=f"{set_name}-{reader}",
                unit="whole-string",
                target=None,
                settings={"set": set_name, "reader": reader, "alphabet": task.alphabet.characters},
                measure=lambda make=make, task=task, load=load: _measure(make(task), load()),
            )


def _measure(read: peers.Read, labelled: list[Labelled]) -> dict[str, Any]:
    return count([image.text for image in labelled], [read(image.pixels) for image in labelled])
