"""One framework-free ONNX file per reader: preprocessing, network and the task it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labeling.imaging.arrays import Pixels
from training.recognition.architectures import Architecture
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    import keras

TOLERANCE = 1e-4
LARGEST_CHECK = 100


class ExportDisagrees(RuntimeError):
    """The exported model gives other probabilities than the trained one; the message is a sentence for people."""


@dataclass(frozen=True)
class ExportReport:
    """What was written: its size, and the largest difference of a probability over the `checked` images."""

    path: Path
    bytes: int
    checked: int
    largest_difference: float


def export_reader(
    model: keras.Model,
    task: ReadingTask,
    architecture: Architecture,
    path: Path,
    check_pixels: Sequence[Pixels],
) -> ExportReport:
    """Writes a trained network as one ONNX file that takes raw pixels, and checks it.

    The file's inputs are `pixels` uint8 (n, h, w, 4) RGBA and, for a sliced architecture, `boxes` float32
    (n, slices, 4) in pixels of the prepared picture (left, top, right, bottom); its outputs are `probabilities` float32
    (n, positions, classes) and `spans` float32 (n, positions, 2), shares 0..1 of the image's width.

    Raises ExportDisagrees when the file and Keras with NumPy preprocessing differ by more than 1e-4 on one of the (at
    most 100) `check_pixels`; the file is not kept then.
    """
    raise NotImplementedError
