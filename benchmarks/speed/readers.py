"""The networks that are timed: as the accuracy rows train them, but with weights as drawn, which cost the same."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy import images, varlen, wilhelmy
from benchmarks.accuracy.images import Labelled
from training.recognition.architectures import ARCHITECTURES, get_architecture
from training.recognition.export import export_reader
from training.recognition.task import ReadingTask
from training.recognition.trained import TrainedNetwork

BATCH = 64


@dataclasses.dataclass(frozen=True)
class Timed:
    """An architecture on images of one size."""

    architecture: str
    task: ReadingTask
    images: Sequence[Labelled]

    def network(self) -> TrainedNetwork:
        architecture = get_architecture(self.architecture)
        values = dataclasses.asdict(architecture.parse(None))
        return TrainedNetwork(architecture.build(self.task, values, 0), self.task, architecture)

    def export(self, folder: Path) -> Path:
        path = folder / f"{self.architecture}.onnx"
        export_reader(self.network(), path, [image.pixels for image in self.images[:4]])
        return path


def timed() -> list[Timed]:
    """The default on `wilhelmy` and, where there is one, the default for a range of lengths on `varlen`."""
    found = [Timed("slots", wilhelmy.TASK, _of_one_size(images.wilhelmy()))]
    if "ctc" in ARCHITECTURES:
        found.append(Timed("ctc", varlen.TASK, _of_one_size(images.varlen())))
    return found


def _of_one_size(labelled: Sequence[Labelled]) -> list[Labelled]:
    """A batch of images of the most frequent size, the same ones again where there are too few."""
    shapes = [image.pixels.shape for image in labelled]
    usual = max(set(shapes), key=shapes.count)
    chosen = [image for image in labelled if image.pixels.shape == usual]
    return [chosen[index % len(chosen)] for index in range(BATCH)]
