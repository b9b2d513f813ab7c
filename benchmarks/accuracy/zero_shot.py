"""Peers as they come on the real sets of a fixed length, all images, without training; texts compare without case."""

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.accuracy import digits4, images, peers, wilhelmy
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import count
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
SETS = {"wilhelmy": (images.wilhelmy, wilhelmy.TASK), "digits4": (images.digits4, digits4.TASK)}


def cells() -> Iterator[Cell]:
    for set_name, (load, task) in SETS.items():
        for reader, (title, make) in READERS.items():
            yield Cell(
                row="zero_shot",
                label=f"`{set_name}`, zero-shot, {title}",
                name=f"{set_name}-{reader}",
                unit="whole-string",
                target=None,
                settings={"set": set_name, "reader": reader, "alphabet": task.alphabet.characters},
                measure=lambda make=make, task=task, load=load: _measure(make(task), load()),
            )


def _measure(read: peers.Read, labelled: list[images.Labelled]) -> dict[str, Any]:
    return count([image.text for image in labelled], [read(image.pixels) for image in labelled])
