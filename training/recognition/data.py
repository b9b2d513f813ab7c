"""Training images decoded, prepared and resized once, kept in memory or in a memory-mapped cache."""

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeling.imaging.arrays import Picture, Pixels
from labeling.imaging.sampling import sample_box
from labeling.imaging.slicing import Box, TextBox
from labeling.imaging.steps import LUMA
from training.recognition.architectures.base import Architecture, Shape
from training.recognition.task import ReadingTask

PICTURES_FILE = "pictures.uint8"
DESCRIPTION_FILE = "samples.json"


@dataclass(frozen=True)
class Samples:
    """Network inputs with their true texts.

    `pictures` is uint8 (n, parts, height, width, channels), possibly memory-mapped: one part, the whole
    picture, or one part per character for an architecture that reads slices. `texts` has n entries.
    """

    pictures: NDArray[np.uint8]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def parts(self) -> int:
        """Network inputs per text."""
        return int(self.pictures.shape[1])

    def take(self, indices: Iterable[int]) -> "Samples":
        """The samples at these indices, in that order."""
        chosen = list(indices)
        return Samples(self.pictures[chosen], tuple(self.texts[index] for index in chosen))


def takes_boxes(task: ReadingTask, architecture: Architecture) -> bool:
    """Whether a network looks at parts of a picture that the recipe finds: slices, or the box of the text."""
    return architecture.needs_slices or isinstance(task.recipe.slicing, TextBox)


def reading_boxes(picture: Picture, task: ReadingTask, architecture: Architecture, shape: Shape) -> list[Box]:
    """Where a network with inputs of that shape looks in a prepared picture: one box per character, or one for the
    whole picture or its text, which reaches further to the right where the input keeps proportions and is wider."""
    if architecture.needs_slices:
        return task.recipe.boxes(picture, task.max_length)
    height, width = picture.shape[:2]
    (box,) = (
        task.recipe.boxes(picture, None) if takes_boxes(task, architecture) else [Box(0, 0, width, height)]
    )
    if architecture.keeps_proportions:
        box = box._replace(right=max(box.right, box.left - (-box.height * shape[1] // shape[0])))
    return [box]


def fit_channels(picture: Picture, channels: int) -> Picture:
    """A grey picture repeated over three channels where a network wants colour, and a colour picture's luma
    (ITU-R 601) where it wants grey; otherwise unchanged."""
    if picture.shape[2] == channels:
        return picture
    if channels == 1:
        luma: Picture = np.sum(picture * np.array(LUMA, np.float32), axis=2, keepdims=True)
        return luma
    return np.repeat(picture, channels, axis=2)


def network_inputs(
    pixels: Pixels, task: ReadingTask, architecture: Architecture, shape: Shape
) -> NDArray[np.float32]:
    """What a network sees of RGBA pixels (h, w, 4): float32 (parts, height, width, channels) in 0..1."""
    height, width, channels = shape
    picture = task.recipe.prepare(pixels)
    boxes = reading_boxes(picture, task, architecture, shape)
    sampled = [fit_channels(sample_box(picture, box, height, width), channels) for box in boxes]
    return np.stack(sampled).astype(np.float32, copy=False)


def build_samples(
    items: Iterable[tuple[Pixels, str]],
    task: ReadingTask,
    architecture: Architecture,
    hyperparameters: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Samples:
    """Prepares (RGBA pixels, text) pairs for an architecture.

    With a `folder`, inputs are written there one after the other and memory-mapped, so that a data set larger
    than memory fits; `open_samples` opens it again. Raises TextDoesNotFit or InvalidTask with a sentence.
    """
    architecture.check(task)
    shape = architecture.input_shape(task, hyperparameters)

    def inputs() -> Iterable[tuple[NDArray[np.uint8], str]]:
        for pixels, text in items:
            task.encode(text)
            yield _as_bytes(network_inputs(pixels, task, architecture, shape)), task.normalise(text)

    return _kept(inputs(), (_parts(task, architecture), *shape), folder)


def build_pictures(
    items: Iterable[Pixels],
    task: ReadingTask,
    architecture: Architecture,
    hyperparameters: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> NDArray[np.uint8]:
    """Prepares RGBA pixels that nobody has labelled as `build_samples` does: uint8 (n, parts, height, width, channels).
    `open_samples` opens what a `folder` keeps, with empty texts. Raises InvalidTask with a sentence."""
    architecture.check(task)
    shape = architecture.input_shape(task, hyperparameters)
    inputs = ((_as_bytes(network_inputs(pixels, task, architecture, shape)), "") for pixels in items)
    return _kept(inputs, (_parts(task, architecture), *shape), folder).pictures


def _parts(task: ReadingTask, architecture: Architecture) -> int:
    return task.max_length if architecture.needs_slices else 1


def _as_bytes(inputs: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.clip(inputs, 0, 1) * 255).astype(np.uint8)


def _kept(
    inputs: Iterable[tuple[NDArray[np.uint8], str]], shape: tuple[int, ...], folder: Path | None
) -> Samples:
    """Samples of pictures of that shape with their texts, in memory or in a folder."""
    if folder is None:
        pairs = list(inputs)
        pictures = np.stack([each for each, _ in pairs]) if pairs else np.zeros((0, *shape), np.uint8)
        return Samples(pictures, tuple(text for _, text in pairs))

    # Aside first: another process may be writing the very same samples.
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        texts = []
        with (Path(aside) / PICTURES_FILE).open("wb") as file:
            for picture, text in inputs:
                file.write(picture.tobytes())
                texts.append(text)
        description = {"shape": [len(texts), *shape], "texts": texts}
        (Path(aside) / DESCRIPTION_FILE).write_text(json.dumps(description))
        # The description last: a folder that has one is complete.
        for name in (PICTURES_FILE, DESCRIPTION_FILE):
            (Path(aside) / name).replace(folder / name)
    return open_samples(folder)


def open_samples(folder: Path) -> Samples:
    """The samples that `build_samples` wrote, memory-mapped read-only. Raises FileNotFoundError if
    incomplete."""
    description = json.loads((folder / DESCRIPTION_FILE).read_text())
    shape = tuple(description["shape"])
    if shape[0] == 0:
        return Samples(np.zeros(shape, np.uint8), ())
    pictures = np.memmap(folder / PICTURES_FILE, dtype=np.uint8, mode="r", shape=shape)
    return Samples(pictures, tuple(description["texts"]))
