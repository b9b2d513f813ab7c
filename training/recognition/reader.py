"""Reading images with an exported model: ONNX Runtime and NumPy, no training framework."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from labeling.imaging.arrays import Pixels
from labeling.imaging.slicing import Box
from training.recognition.decoding import Decoded, get_decoder
from training.recognition.family import Family, Looks
from training.recognition.task import ReadingTask

TASK_KEY = "reading_task"
DECODER_KEY = "decoder"
FAMILY_KEY = "family"
PRODUCER = "captcha-workbench"
ALTERNATIVES = 3
LARGEST_BATCH = 64

Size = tuple[int, int]
"""Height and width."""

Inputs = dict[str, NDArray[np.uint8] | NDArray[np.float32]]

RARE = 3
"""So many single images of one size are not yet worth a session of their own."""

SIZES_KEPT = 4
"""How many sizes get such a session. The first ones keep theirs: to build one takes as long as to read fifty images."""


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
    """What an image says. `confidence` is 0..1; `milliseconds` is this image's share of its batch's time.

    `strangeness` tells how unlike the model's training images the picture is: 0 is usual, above 1 it is none of the
    family. 0 for models that were exported without a test of it.
    """

    text: str
    confidence: float
    characters: tuple[ReadCharacter, ...]
    milliseconds: float
    strangeness: float = 0.0


class Reader:
    """An exported model, ready to read.

    Takes the path or the bytes of an ONNX file that `export_reader` wrote; `threads` bounds the processor
    cores it uses (all by default). One reader may be used by several threads. Raises UnusableModel with a
    sentence.
    """

    def __init__(self, model: Path | str | bytes, threads: int | None = None) -> None:
        self._threads = threads
        try:
            self._model = model if isinstance(model, bytes) else Path(model).read_bytes()
            self._session = self._open()
        except (
            Exception
        ) as error:  # An unreadable file; and ONNX Runtime raises a private class of its own per cause.
            raise UnusableModel(f"This is not a model that can be loaded: {error}") from error
        self._met: Counter[Size] = Counter()
        self._of_one_size: dict[Size, onnxruntime.InferenceSession] = {}
        metadata = self._session.get_modelmeta().custom_metadata_map
        described = metadata.get(TASK_KEY)
        if described is None:
            raise UnusableModel(
                "This ONNX file was not exported by Captcha Workbench: it lacks its reading task."
            )
        self.task = ReadingTask.from_json(json.loads(described))
        # Files from before there were several ways to decode have one distribution per position.
        self._decoder = get_decoder(metadata.get(DECODER_KEY, "positions"))
        # Older files, and those of a handful of images, cannot tell strangers.
        self.family = Family.from_text(metadata[FAMILY_KEY]) if FAMILY_KEY in metadata else None
        self.takes_boxes = any(each.name == "boxes" for each in self._session.get_inputs())

    def read(self, images: Sequence[Pixels]) -> list[Reading]:
        """Reads images: uint8 RGBA arrays (height, width, 4), sizes may differ. Results come in the same
        order."""
        readings: list[Reading | None] = [None] * len(images)
        for indices in _batches_of_one_size(images):
            start = time.perf_counter()
            batch = [images[index] for index in indices]
            probabilities, spans, strangenesses = self._look_and_read(batch)
            decoded = self._decoder.decode(probabilities, self.task)
            milliseconds = (time.perf_counter() - start) * 1000 / len(indices)
            for row, index in enumerate(indices):
                readings[index] = self._reading(decoded[row], spans[row], milliseconds, strangenesses[row])
        return [reading for reading in readings if reading is not None]

    def probabilities(self, images: Sequence[Pixels]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What the network says of images of one size: probabilities (n, steps, symbols) and spans (n, steps, 2),
        the left and right shares 0..1 of the width that each step has read."""
        probabilities, spans = self._run(images, "probabilities", "spans")
        return probabilities, spans

    def looks(self, images: Sequence[Pixels]) -> Looks:
        """What images of one size look like, (n, features): see `training.recognition.onnx_look`."""
        (looks,) = self._run(images, "look")
        return looks

    def _look_and_read(
        self, images: Sequence[Pixels]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], list[float]]:
        """Probabilities and spans as in `probabilities`, and how strange each image is."""
        if self.family is None:
            return *self.probabilities(images), [0.0] * len(images)
        probabilities, spans, looks = self._run(images, "probabilities", "spans", "look")
        return probabilities, spans, self.family.strangeness(looks).tolist()

    def _run(self, images: Sequence[Pixels], *outputs: str) -> list[NDArray[np.float32]]:
        results: list[NDArray[np.float32]] = self._session_for(images).run(list(outputs), self.inputs(images))
        return results

    def inputs(self, images: Sequence[Pixels]) -> Inputs:
        """What the file takes of images of one size, by the inputs' names (see `export_reader`)."""
        feed: Inputs = {"pixels": np.stack(images)}
        if self.takes_boxes:
            boxes = [self._boxes(each) for each in images]
            feed["boxes"] = np.array(boxes, dtype=np.float32)
        return feed

    def _session_for(self, images: Sequence[Pixels]) -> onnxruntime.InferenceSession:
        """For single images of a size that keeps coming, one in which all that depends on the size alone was computed
        beforehand: a fifth of the time of a small image."""
        size: Size = (images[0].shape[0], images[0].shape[1])
        if len(images) > 1:
            return self._session
        if size not in self._of_one_size and len(self._of_one_size) < SIZES_KEPT:
            self._met[size] += 1
            if self._met[size] > RARE:
                self._of_one_size[size] = self._open(size)
        return self._of_one_size.get(size, self._session)

    def _open(self, size: Size | None = None) -> onnxruntime.InferenceSession:
        """A session for images of any size and number, or for one image of just this size."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if self._threads is not None:
            options.intra_op_num_threads = self._threads
            options.inter_op_num_threads = 1
        if size is not None:
            for axis, length in zip(("images", "height", "width"), (1, *size), strict=True):
                options.add_free_dimension_override_by_name(axis, length)
        return onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])

    def _boxes(self, pixels: Pixels) -> list[Box]:
        recipe = self.task.recipe
        return recipe.boxes(recipe.prepare(pixels), self.task.max_length)

    def _reading(
        self, decoded: Decoded, spans: NDArray[np.float32], milliseconds: float, strangeness: float
    ) -> Reading:
        edges = spans.tolist()
        alternatives = self._alternatives(decoded.distributions, decoded.indices)
        characters = tuple(
            ReadCharacter(text, probability, others, *sorted((edges[first][0], edges[last][1])))
            for text, probability, others, (first, last) in zip(
                decoded.text, decoded.probabilities, alternatives, decoded.steps, strict=True
            )
        )
        return Reading(decoded.text, decoded.confidence, characters, milliseconds, strangeness)

    def _alternatives(
        self, distributions: NDArray[np.float64], chosen: Sequence[int]
    ) -> list[tuple[tuple[str, float], ...]]:
        """What else each character (rows of characters' probabilities) may be."""
        alphabet = self.task.alphabet.characters
        order = np.argsort(-distributions, axis=1, kind="stable")[:, : ALTERNATIVES + 1]
        probabilities = np.take_along_axis(distributions, order, axis=1).tolist()
        return [
            tuple(
                (alphabet[index], probability)
                for index, probability in zip(indices, of_indices, strict=True)
                if index != own
            )[:ALTERNATIVES]
            for indices, of_indices, own in zip(order.tolist(), probabilities, chosen, strict=True)
        ]


def _batches_of_one_size(images: Sequence[Pixels]) -> Iterator[list[int]]:
    """Indices of images that may share a batch, at most LARGEST_BATCH each."""
    by_size: dict[tuple[int, ...], list[int]] = {}
    for index, pixels in enumerate(images):
        by_size.setdefault(pixels.shape, []).append(index)
    for indices in by_size.values():
        for start in range(0, len(indices), LARGEST_BATCH):
            yield indices[start : start + LARGEST_BATCH]
