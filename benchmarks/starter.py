"""The starter model on images that nobody has trained for, beside ddddocr: both see only the characters of a set and
exactly its lengths (`training.recognition.decoding`), and both read the very same images.

`python -m benchmarks.starter` reads 300 images of each set, drawn by their content's hash; `--all` reads all of them.
Of wide images with much empty space both see the text's box, as the project's preparation finds it.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.accuracy import digits4, images, peers, varlen, wilhelmy
from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import hold_out
from benchmarks.common import save, sized
from labeling.imaging.arrays import Pixels
from labeling.intervals import Share
from training.recognition.calibration import expected_calibration_error
from training.recognition.comparison import PairedComparison
from training.recognition.reader import Reader
from training.recognition.starter import fingerprint
from training.recognition.starter.reader import starter_reader
from training.recognition.task import ReadingTask

SAMPLE = sized(300, 12)
TIMED = sized(100, 5)
"""Images that both read one by one, in turns, to be timed."""


@dataclass(frozen=True)
class ImageSet:
    """A set of real images. `judged` are those that were looked at while the starter's recipe was chosen; nothing was
    ever trained on any of them."""

    task: ReadingTask
    load: Callable[[], list[Labelled]]
    judged: Callable[[list[Labelled]], list[Labelled]]


def _training_part(part: int, parts: int) -> Callable[[list[Labelled]], list[Labelled]]:
    return lambda labelled: hold_out(labelled, part, parts)[0]


SETS = {
    "wilhelmy": ImageSet(wilhelmy.TASK, images.wilhelmy, _training_part(0, 5)),
    "digits4": ImageSet(digits4.TASK, images.digits4, _training_part(0, 5)),
    "varlen": ImageSet(varlen.TASK, varlen.readable, _training_part(varlen.PART, varlen.PARTS)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sets", nargs="*", default=list(SETS), metavar="SET", help=", ".join(SETS))
    parser.add_argument("--all", action="store_true", help="read every image, not a sample")
    parser.add_argument("--alone", action="store_true", help="without ddddocr; nothing is kept")
    arguments = parser.parse_args()
    for name in arguments.sets:
        if name not in SETS:
            parser.error(f"there is no set {name}: choose from {', '.join(SETS)}")
        result = measure(SETS[name], everything=arguments.all, alone=arguments.alone)
        if arguments.alone:
            print(name, result)
        else:
            save(f"starter/{name}", result, starter=fingerprint())


def measure(image_set: ImageSet, *, everything: bool, alone: bool) -> dict[str, Any]:
    """Counts of both readers on the same images, what is between them, and the milliseconds of each."""
    labelled = image_set.load()
    judged = {each.sha256 for each in image_set.judged(labelled)}
    chosen = sorted(labelled, key=lambda each: each.sha256)[: None if everything else SAMPLE]
    reader = starter_reader(image_set.task)
    readings = [reader.read([each.pixels])[0] for each in chosen]
    ours = [_is_right(reading.text, each) for reading, each in zip(readings, chosen, strict=True)]
    confidences = [reading.confidence for reading in readings]
    untouched = [each.sha256 not in judged for each in chosen]
    result: dict[str, Any] = {
        "starter": _counts(ours, untouched),
        "mean_confidence": round(statistics.fmean(confidences), 4),
        "calibration_error": round(expected_calibration_error(confidences, ours), 4),
    }
    if alone:
        return result
    views = [_peer_view(each.pixels, image_set.task) for each in chosen]
    read = peers.ddddocr_constrained(image_set.task)
    theirs = [_is_right(read(view), each) for view, each in zip(views, chosen, strict=True)]
    compared = PairedComparison.of(zip(ours, theirs, strict=True))
    return result | {
        "ddddocr": _counts(theirs, untouched),
        "difference": round(compared.difference, 4),
        "difference_interval": [round(compared.interval.low, 4), round(compared.interval.high, 4)],
        "milliseconds": _timed(reader, [each.pixels for each in chosen[:TIMED]], image_set.task),
    }


def _is_right(text: str, image: Labelled) -> bool:
    return text.casefold() == image.text.casefold()


def _counts(right: Sequence[bool], untouched: Sequence[bool]) -> dict[str, Any]:
    share = Share(sum(right), len(right))
    rest = [each for each, is_untouched in zip(right, untouched, strict=True) if is_untouched]
    return {
        "n": share.n,
        "right": share.count,
        "interval": [round(share.interval.low, 4), round(share.interval.high, 4)],
        "untouched": {"n": len(rest), "right": sum(rest)},
    }


def _peer_view(pixels: Pixels, task: ReadingTask) -> Pixels:
    """What ddddocr is shown: the picture on white and, where the recipe finds the text's box, that box of it."""
    alpha = pixels[..., 3:].astype(np.float32) / 255
    white = np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    shown = np.dstack([white, np.full(white.shape[:2], 255, np.uint8)])
    if not _sees_box(task):
        return shown
    (box,) = task.recipe.boxes(task.recipe.prepare(pixels), None)
    return shown[box.top : box.bottom, box.left : box.right]


def _sees_box(task: ReadingTask) -> bool:
    return task.recipe.slicing.name == "text"


def _timed(reader: Reader, pictures: Sequence[Pixels], task: ReadingTask) -> dict[str, Any]:
    """Milliseconds of one image at a time, all threads, in turns; ddddocr as fast as it comes, by its own decoding. To
    find the text's box, where they see that alone, is part of both times."""
    greedy = peers.ddddocr_greedy(task)

    def peer(picture: Pixels) -> str:
        return greedy(_peer_view(picture, task) if _sees_box(task) else picture)

    for _ in range(5):
        reader.read([pictures[0]])
        peer(pictures[0])
    ours, theirs = [], []
    for picture in pictures:
        ours.append(_milliseconds(lambda picture=picture: reader.read([picture])))
        theirs.append(_milliseconds(lambda picture=picture: peer(picture)))
    return {"starter": _median(ours), "ddddocr": _median(theirs)}


def _milliseconds(action: Callable[[], Any]) -> float:
    started = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - started)


def _median(measured: Sequence[float]) -> dict[str, float]:
    """With its 95 % interval by order statistics."""
    ordered = sorted(measured)
    middle, spread = len(ordered) / 2, 0.98 * len(ordered) ** 0.5
    low, high = max(0, int(middle - spread)), min(len(ordered) - 1, int(middle + spread))
    return {
        "n": len(ordered),
        "median": round(statistics.median(ordered), 3),
        "median_low": round(ordered[low], 3),
        "median_high": round(ordered[high], 3),
    }


if __name__ == "__main__":
    main()
