"""Reading images with an exported model: ONNX Runtime and NumPy, no training framework."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from labeling.imaging.arrays import Pixels
from labeling.imaging.slicing import Box
from training.recognition.decoding import Decoded, get_decoder
from training.recognition.task import ReadingTask

TASK_KEY = "reading_task"
DECODER_KEY = "decoder"
PRODUCER = "captcha-workbench"
ALTERNATIVES = 3
LARGEST_BATCH = 64


class UnusableModel(ValueError):
    """A file is not a model that this reader can use; the message is a sentence for people."""


@dataclass(frozen=True)
class ReadCharacter:
    """One character of a reading.

    `left` and `right` are shares 0..1 of the image's width; `alternatives` are the next most probable
    characters with their probabilities, most probable first.
    """

    text: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]
    left: float
    right: float


@dataclass(frozen=True)
class Reading:
    """What an image says. `confidence` is 0..1; `milliseconds` is this image's share of its batch's time."""

    text: str
    confidence: float
    characters: tuple[ReadCharacter, ...]
    milliseconds: float


class Reader:
    """An exported model, ready to read.

    Takes the path or the bytes of an ONNX file that `export_reader` wrote; `threads` bounds the processor
    cores it uses (all by default). One reader may be used by several threads. Raises UnusableModel with a
    sentence.
    """

    def __init__(self, model: Path | str | bytes, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
        source = model if isinstance(model, bytes) else str(model)
        try:
            self._session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises a private class of its own per cause.
            raise UnusableModel(f"This is not a model that can be loaded: {error}") from error
        metadata = self._session.get_modelmeta().custom_metadata_map
        described = metadata.get(TASK_KEY)
        if described is None:
            raise UnusableModel(
                "This ONNX file was not exported by Captcha Workbench: it lacks its reading task."
            )
        self.task = ReadingTask.from_json(json.loads(described))
        # Files from before there were several ways to decode have one distribution per position.
        self._decoder = get_decoder(metadata.get(DECODER_KEY, "positions"))
        self._takes_boxes = any(each.name == "boxes" for each in self._session.get_inputs())

    def read(self, images: Sequence[Pixels]) -> list[Reading]:
        """Reads images: uint8 RGBA arrays (height, width, 4), sizes may differ. Results come in the same
        order."""
        readings: list[Reading | None] = [None] * len(images)
        for indices in _batches_of_one_size(images):
            start = time.perf_counter()
            probabilities, spans = self.probabilities([images[index] for index in indices])
            decoded = self._decoder.decode(probabilities, self.task)
            milliseconds = (time.perf_counter() - start) * 1000 / len(indices)
            for row, index in enumerate(indices):
                readings[index] = self._reading(decoded[row], spans[row], milliseconds)
        return [reading for reading in readings if reading is not None]

    def probabilities(self, images: Sequence[Pixels]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What the network says of images of one size: probabilities (n, steps, symbols) and spans (n, steps, 2),
        the left and right shares 0..1 of the width that each step has read."""
        feed: dict[str, NDArray[np.uint8] | NDArray[np.float32]] = {"pixels": np.stack(images)}
        if self._takes_boxes:
            boxes = [self._boxes(each) for each in images]
            feed["boxes"] = np.array(boxes, dtype=np.float32)
        probabilities, spans = self._session.run(["probabilities", "spans"], feed)
        return probabilities, spans

    def _boxes(self, pixels: Pixels) -> list[Box]:
        recipe = self.task.recipe
        return recipe.boxes(recipe.prepare(pixels), self.task.max_length)

    def _reading(self, decoded: Decoded, spans: NDArray[np.float32], milliseconds: float) -> Reading:
        characters = tuple(
            ReadCharacter(
                text=text,
                probability=probability,
                alternatives=self._alternatives(decoded.distributions[place], index),
                left=float(spans[first, 0]),
                right=float(spans[last, 1]),
            )
            for place, (text, index, probability, (first, last)) in enumerate(
                zip(decoded.text, decoded.indices, decoded.probabilities, decoded.steps, strict=True)
            )
        )
        return Reading(decoded.text, decoded.confidence, characters, milliseconds)

    def _alternatives(self, distribution: NDArray[np.float64], chosen: int) -> tuple[tuple[str, float], ...]:
        order = [int(index) for index in np.argsort(-distribution, kind="stable") if index != chosen]
        alphabet = self.task.alphabet.characters
        return tuple((alphabet[index], float(distribution[index])) for index in order[:ALTERNATIVES])


def _batches_of_one_size(images: Sequence[Pixels]) -> Iterator[list[int]]:
    """Indices of images that may share a batch, at most LARGEST_BATCH each."""
    by_size: dict[tuple[int, ...], list[int]] = {}
    for index, pixels in enumerate(images):
        by_size.setdefault(pixels.shape, []).append(index)
    for indices in by_size.values():
        for start in range(0, len(indices), LARGEST_BATCH):
            yield indices[start : start + LARGEST_BATCH]
