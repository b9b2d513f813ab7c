"""What a network would see of some images while it trains, made by the very functions that training uses."""

import base64
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeling.imaging.decode import UnreadableImage, decode_image
from labeling.imaging.recipe import InvalidRecipe
from labeling.imaging.rendering import picture_to_png
from labeling.models import Image, Project
from labeling.services.preparations import current_preparation
from training.recognition.architectures import Architecture
from training.recognition.augmentation import Augmentation
from training.recognition.data import build_samples
from training.recognition.task import InvalidTask, TextDoesNotFit
from training.services.reading_task import reading_task
from training.services.refusals import refusing

IMAGES = 4
VERSIONS = 5
MOST_PIXELS = 1_500_000
"""Pixels of one preview; where inputs are large, it shows fewer images."""

Parts = tuple[str, ...]
"""Data URLs of the network inputs of one image: the whole picture, or its slices."""


@dataclass(frozen=True)
class PreviewedImage:
    """An image as the network would get it: unchanged and in several changed versions. `problem` says why an image
    cannot be shown."""

    image: Image
    unchanged: Parts = ()
    versions: tuple[Parts, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class AugmentationPreview:
    """Some images before and after augmentation. `augments` tells whether anything is changed at all."""

    architecture: Architecture
    height: int
    width: int
    channels: int
    augments: bool
    images: tuple[PreviewedImage, ...]


def preview_augmentation(
    *, project: Project, architecture: Architecture, hyperparameters: Mapping[str, object], seed: int
) -> AugmentationPreview:
    """Show some labelled images as they would train an architecture. Nothing is saved.

    Raises:
        Refused: a hyper-parameter is out of range, or the architecture cannot read the project's texts.
    """
    with refusing():
        task = reading_task(project, current_preparation(project))
        architecture.check(task)
        chosen = architecture.parse(hyperparameters)
    values = dataclasses.asdict(chosen)
    height, width, channels = architecture.input_shape(task, values)
    augmentation = Augmentation.of(chosen)
    random = np.random.default_rng(seed)

    def preview(image: Image) -> PreviewedImage:
        try:
            with image.file.open("rb") as file:
                pixels = decode_image(file.read()).pixels
            inputs = build_samples([(pixels, image.text)], task, architecture, values).pictures[0]
        except (UnreadableImage, OSError, InvalidRecipe, InvalidTask, TextDoesNotFit) as error:
            return PreviewedImage(image, problem=f"“{image.name}” cannot be shown: {error}")
        versions = (augmentation.batch(inputs, random) for _ in range(VERSIONS))
        return PreviewedImage(image, _urls(inputs / np.float32(255)), tuple(map(_urls, versions)))

    parts = task.max_length if architecture.needs_slices else 1
    fitting = MOST_PIXELS // (height * width * parts * (VERSIONS + 1))
    images = _some_images(project, max(1, min(IMAGES, fitting)))
    return AugmentationPreview(
        architecture, height, width, channels, augmentation != Augmentation(), tuple(map(preview, images))
    )


def _some_images(project: Project, count: int) -> list[Image]:
    """The same ones each time, so that people see what a hyper-parameter does; in the order of their hashes, which
    is no order of time or text."""
    return list(Image.objects.labelled().filter(project=project).order_by("sha256")[:count])


def _urls(parts: NDArray[np.float32]) -> Parts:
    encoded = (base64.b64encode(picture_to_png(part)).decode() for part in parts)
    return tuple(f"data:image/png;base64,{one}" for one in encoded)
