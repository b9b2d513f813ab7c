"""The readers that are timed, as the accuracy rows train them."""

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.accuracy import images, varlen, wilhelmy
from benchmarks.accuracy.fitting import Training
from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import hold_out
from benchmarks.common import sized
from training.recognition.architectures import get_architecture
from training.recognition.task import ReadingTask
from training.recognition.trained import TrainedNetwork

BATCH = 64
MINUTES = sized(2.0, 0.05)
PART, PARTS = 0, 5


@dataclasses.dataclass(frozen=True)
class Timed:
    """An architecture and the images that it reads."""

    architecture: str
    task: ReadingTask
    labelled: Sequence[Labelled]

    @cached_property
    def images(self) -> list[Labelled]:
        """A batch of images of the most frequent size, the same ones again where there are too few."""
        shapes = [image.pixels.shape for image in self.labelled]
        usual = max(set(shapes), key=shapes.count)
        chosen = [image for image in self.labelled if image.pixels.shape == usual]
        return [chosen[index % len(chosen)] for index in range(BATCH)]

    @cached_property
    def test_images(self) -> list[Labelled]:
        """A fifth, which `export` does not train on."""
        return hold_out(self.labelled, PART, PARTS)[1]

    def network(self) -> TrainedNetwork:
        """With weights as drawn, which cost the same as trained ones."""
        architecture = get_architecture(self.architecture)
        values = dataclasses.asdict(architecture.parse(None))
        return TrainedNetwork(architecture.build(self.task, values, 0), self.task, architecture)

    def export(self, path: Path) -> dict[str, Any]:
        """Trains briefly and writes the reader's file; what it reads right of the test images (see
        `Training.run`)."""
        training = Training(self.architecture, self.task, MINUTES)
        return training.run(*hold_out(self.labelled, PART, PARTS), export=path)


def timed() -> list[Timed]:
    """The default on `wilhelmy` and the default for a range of lengths on `varlen`."""
    return [
        Timed("slots", wilhelmy.TASK, images.wilhelmy()),
        Timed("ctc", varlen.TASK, varlen.readable()),
    ]
