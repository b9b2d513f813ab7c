"""Small random changes that keep a text readable: never flips, never anything that changes what is
written.

It runs in one thread beside training. So what is random is drawn for a whole batch at once, pictures stay
bytes for as long as they can, and each goes through all its changes while the processor's cache still has it.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.architectures.hyperparameters import Hyperparameters, NetworkHyperparameters

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
"""A picture of a batch: (height, width) in grey, (height, width, 3) in colour."""

Shape = tuple[int, ...]
"""Of a batch: (n, height, width, channels)."""

Change = Callable[[int, Bytes], Bytes]
"""Changes the picture at a place of a batch; it never writes into the picture that it is given."""

LEVELS = np.arange(256, dtype=np.float32) * np.float32(1 / 255)

WARP_CELL = 16
"""Distance in pixels between the control points of the smooth bend."""

BLOCK = 16
"""Rows of a picture that are moved at once."""

NARROWEST = 0.3
"""Shorter by longer side of an erased rectangle, at least (as in the paper)."""

NOISES = 65_536
"""How many different noises a picture may get. Drawing normal numbers anew would cost more than all else."""

CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)

YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
"""From red, green and blue to luma and the plane of colours, in which hue is the angle and saturation the
length (NTSC 1953)."""


@dataclass(frozen=True)
class Augmentation:
    """Bounds of the random changes; see `NetworkHyperparameters` for the units. All zero means none.

    They apply in this order: movement (shift to warp), stroke, blur, jitter, erase, brightness, noise.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    warp: float = 0.0
    stroke: float = 0.0
    blur: float = 0.0
    jitter: float = 0.0
    erase: float = 0.0
    brightness: float = 0.0
    noise: float = 0.0

    @classmethod
    def of(cls, hyperparameters: Hyperparameters) -> "Augmentation":
        """The part of the hyper-parameters that concerns augmentation; none where they are no network's."""
        if not isinstance(hyperparameters, NetworkHyperparameters):
            return cls()
        return cls(**{each.name: getattr(hyperparameters, each.name) for each in dataclasses.fields(cls)})

    def batch(self, pictures: Bytes, random: np.random.Generator) -> Floats:
        """Randomly changed copies: uint8 (n, height, width, 1 or 3) to float32 of the same shape in 0..1.

        Equal pictures and an equally seeded generator give equal copies.
        """
        shape = pictures.shape
        changes = self._changes(shape, random)
        tables = self._tables(shape, random)
        add_noise = self._noise(shape, random) if self.noise else None
        changed = np.empty(shape, np.float32)
        # OpenCV knows no third axis of length 1.
        grey = shape[3] == 1
        sources, targets = (pictures[..., 0], changed[..., 0]) if grey else (pictures, changed)
        for index, (source, target) in enumerate(zip(sources, targets, strict=True)):
            picture = source
            for change in changes:
                picture = change(index, picture)
            cv2.LUT(picture, tables[index], dst=target)
            if add_noise is not None:
                add_noise(index, target)
        return changed

    def _changes(self, shape: Shape, random: np.random.Generator) -> list[Change]:
        """The changes of bytes that are asked for, drawn for a batch of that shape."""
        plans = (
            (self.shift or self.rotation or self.scale or self.shear or self.warp, self._move),
            (self.stroke, self._stroke),
            (self.blur, self._blur),
            (self.jitter and shape[3] == 3, self._jitter),
            (self.erase, self._erase),
        )
        return [plan(shape, random) for wanted, plan in plans if wanted]

    def _move(self, shape: Shape, random: np.random.Generator) -> Change:
        """An affine map about the centre and a smooth bend: the elastic distortions of Simard et al., "Best
        practices for convolutional neural networks" (2003), on a coarse grid."""
        count, height, width, _ = shape
        down, across = _grid(height), _grid(width)
        rows, columns = down.shape[1] - 2, across.shape[1] - 2
        # Where each pixel comes from (x, then y) is a sum over both grids' columns; the last two of each are the
        # way from the centre and 1, which carry the affine map.
        weights = np.zeros((count, 2, rows + 2, columns + 2), np.float32)
        linear = self._linear(count, random)
        weights[:, :, -1, -2] = linear[:, :, 0]
        weights[:, :, -2, -1] = linear[:, :, 1]
        shift = random.uniform(-self.shift, self.shift, (count, 2)) * (width, height)
        weights[:, :, -1, -1] = shift + np.array([(width - 1) / 2, (height - 1) / 2])
        if self.warp:
            strength = self.warp * height
            weights[:, :, :rows, :columns] = random.uniform(-strength, strength, (count, 2, rows, columns))
        else:
            down, across, weights = down[:, rows:], across[:, columns:], weights[:, :, rows:, columns:]
        # In blocks of few rows: for a large product, BLAS would wake threads that training needs.
        down = np.pad(down, ((0, -height % BLOCK), (0, 0)))
        blocks = (down @ weights).reshape(count, -1, BLOCK, across.shape[1])
        across = np.ascontiguousarray(across.T)

        def move(index: int, picture: Bytes) -> Bytes:
            x, y = (blocks[index] @ across).reshape(2, -1, width)[:, :height]
            moved = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            return np.asarray(moved, np.uint8)

        return move

    def _linear(self, count: int, random: np.random.Generator) -> NDArray[np.float64]:
        """Random matrices (n, 2, 2) that stretch, slant and turn."""
        angle = np.deg2rad(random.uniform(-self.rotation, self.rotation, count))
        slant = np.tan(np.deg2rad(random.uniform(-self.shear, self.shear, count)))
        stretch = 1 + random.uniform(-self.scale, self.scale, (count, 1, 2))
        cos, sin = np.cos(angle), np.sin(angle)
        turned = np.stack([cos, cos * slant - sin, sin, sin * slant + cos], axis=1)
        return np.asarray(turned.reshape(count, 2, 2) * stretch)

    def _stroke(self, shape: Shape, random: np.random.Generator) -> Change:
        """Lets what is bright grow or shrink by up to a pixel on each side: dark strokes get thinner or thicker
        by it, bright strokes thicker or thinner."""
        chosen, grows = random.random(shape[0]) < self.stroke, random.random(shape[0]) < 0.5
        strengths = random.random(shape[0]).tolist()

        def stroke(index: int, picture: Bytes) -> Bytes:
            if not chosen[index]:
                return picture
            pixel = (cv2.dilate if grows[index] else cv2.erode)(picture, CROSS)
            mixed = cv2.addWeighted(pixel, strengths[index], picture, 1 - strengths[index], 0)
            return np.asarray(mixed, np.uint8)

        return stroke

    def _blur(self, shape: Shape, random: np.random.Generator) -> Change:
        # A deviation of 0 would mean "choose one" to OpenCV.
        deviations = np.maximum(random.uniform(0, self.blur * shape[1], shape[0]), 0.01).tolist()

        def blur(index: int, picture: Bytes) -> Bytes:
            blurred = cv2.GaussianBlur(picture, (0, 0), deviations[index], borderType=cv2.BORDER_REPLICATE)
            return np.asarray(blurred, np.uint8)

        return blur

    def _jitter(self, shape: Shape, random: np.random.Generator) -> Change:
        """Turns and stretches colours about grey; neither luma nor what is grey changes."""
        hue = 2 * np.pi * random.uniform(-self.jitter, self.jitter, shape[0])
        saturation = random.uniform(1 - self.jitter, 1 + self.jitter, shape[0])
        turns = np.tile(np.eye(3), (shape[0], 1, 1))
        turns[:, 1, 1] = turns[:, 2, 2] = saturation * np.cos(hue)
        turns[:, 2, 1] = saturation * np.sin(hue)
        turns[:, 1, 2] = -turns[:, 2, 1]
        matrices = (np.linalg.inv(YIQ) @ turns @ YIQ).astype(np.float32)
        return lambda index, picture: np.asarray(cv2.transform(picture, matrices[index]), np.uint8)

    def _erase(self, shape: Shape, random: np.random.Generator) -> Change:
        """Hides one rectangle: Random Erasing of Zhong et al. (arXiv 1708.04896), with areas from 0 upwards
        instead of a probability, and filled with the picture's mean colour."""
        count, height, width, _ = shape
        area = random.uniform(0, self.erase, count) * height * width
        aspect = np.exp(random.uniform(np.log(NARROWEST), -np.log(NARROWEST), count))
        tall = np.clip(np.rint(np.sqrt(area * aspect)), 1, height)
        wide = np.minimum(area // tall, width)
        tops = np.floor(random.uniform(0, height - tall + 1))
        lefts = np.floor(random.uniform(0, width - wide + 1))
        boxes = np.stack([tops, tops + tall, lefts, lefts + wide], axis=1).astype(int).tolist()

        def erase(index: int, picture: Bytes) -> Bytes:
            top, bottom, left, right = boxes[index]
            erased = picture.copy()
            erased[top:bottom, left:right] = np.rint(cv2.mean(picture)[: shape[3]])
            return erased

        return erase

    def _tables(self, shape: Shape, random: np.random.Generator) -> Floats:
        """What each byte becomes in each picture, (n, 1, 256); within 0..1 unless noise follows."""
        if not self.brightness:
            return np.broadcast_to(LEVELS, (shape[0], 1, 256))
        one_each = (shape[0], 1, 1)
        contrast = random.uniform(1 - self.brightness, 1 + self.brightness, one_each).astype(np.float32)
        offset = random.uniform(-self.brightness, self.brightness, one_each).astype(np.float32)
        tables = (LEVELS - 0.5) * contrast + (0.5 + offset)
        return tables if self.noise else np.clip(tables, 0, 1)

    def _noise(self, shape: Shape, random: np.random.Generator) -> Callable[[int, Floats], None]:
        """What adds normal noise to a picture in place."""
        size = shape[1] * shape[2] * shape[3]
        numbers = _normal_numbers(size + NOISES)
        places = random.integers(0, NOISES, shape[0]).tolist()
        deviations = random.uniform(0, self.noise, shape[0]).tolist()

        def add_noise(index: int, picture: Floats) -> None:
            noise = numbers[places[index] : places[index] + size].reshape(picture.shape)
            cv2.scaleAdd(noise, deviations[index], picture, dst=picture)
            np.clip(picture, 0, 1, out=picture)

        return add_noise


@lru_cache(maxsize=64)
def _grid(size: int) -> Floats:
    """How the places along an axis depend on its control points (cubic interpolation), on the way from the
    centre, and on nothing: (size, control points + 2)."""
    points = size // WARP_CELL + 2
    cubic = cv2.resize(np.eye(points, dtype=np.float32), (points, size), interpolation=cv2.INTER_CUBIC)
    return np.column_stack([cubic, np.arange(size) - (size - 1) / 2, np.ones(size)]).astype(np.float32)


@lru_cache(maxsize=4)
def _normal_numbers(count: int) -> Floats:
    return np.random.default_rng(0).standard_normal(count, dtype=np.float32)
