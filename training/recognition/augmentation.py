"""Small random changes that keep a text readable: never flips, never anything that changes what is
written."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.architectures.base import Hyperparameters

WARP_CELL = 16
"""Distance in pixels between the control points of the smooth bend."""


@dataclass(frozen=True)
class Augmentation:
    """Bounds of the random changes; see `Hyperparameters` for the units. All zero means none."""

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    warp: float = 0.0
    brightness: float = 0.0
    noise: float = 0.0

    @classmethod
    def of(cls, hyperparameters: Hyperparameters) -> "Augmentation":
        """The part of the hyper-parameters that concerns augmentation."""
        chosen = hyperparameters
        return cls(
            chosen.shift,
            chosen.rotation,
            chosen.scale,
            chosen.shear,
            chosen.warp,
            chosen.brightness,
            chosen.noise,
        )

    def batch(self, pictures: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.float32]:
        """Randomly changed copies: uint8 (n, height, width, channels) to float32 of the same shape in
        0..1."""
        changed = np.stack([self._move(picture, random) for picture in pictures]).astype(np.float32)
        changed = changed.reshape(pictures.shape) * np.float32(1 / 255)
        if self.brightness:
            one_each = (len(pictures), 1, 1, 1)
            contrast = random.uniform(1 - self.brightness, 1 + self.brightness, one_each).astype(np.float32)
            offset = random.uniform(-self.brightness, self.brightness, one_each).astype(np.float32)
            changed = (changed - 0.5) * contrast + (0.5 + offset)
        if self.noise:
            strength = random.uniform(0, self.noise, (len(pictures), 1, 1, 1)).astype(np.float32)
            changed += strength * random.standard_normal(changed.shape, dtype=np.float32)
        return np.clip(changed, 0, 1, out=changed)

    def _move(self, picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
        if not (self.shift or self.rotation or self.scale or self.shear or self.warp):
            return picture
        height, width = picture.shape[:2]
        matrix = self._affine(height, width, random)
        if not self.warp:
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            moved = cv2.warpAffine(
                picture, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
            )
            return np.asarray(moved, np.uint8)
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
        bend = self._bend(height, width, random)
        map_x = matrix[0, 0] * columns + matrix[0, 1] * rows + matrix[0, 2] + bend[..., 0]
        map_y = matrix[1, 0] * columns + matrix[1, 1] * rows + matrix[1, 2] + bend[..., 1]
        moved = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.uint8)

    def _affine(self, height: int, width: int, random: np.random.Generator) -> NDArray[np.float32]:
        """A random 2x3 matrix from target to source pixels, about the picture's centre."""
        angle = np.deg2rad(random.uniform(-self.rotation, self.rotation))
        shear = np.tan(np.deg2rad(random.uniform(-self.shear, self.shear)))
        scale_x, scale_y = 1 + random.uniform(-self.scale, self.scale, 2)
        shift = random.uniform(-self.shift, self.shift, 2) * (width, height)
        rotate = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        linear = rotate @ np.array([[1, shear], [0, 1]]) @ np.diag([scale_x, scale_y])
        centre = np.array([(width - 1) / 2, (height - 1) / 2])
        return np.column_stack([linear, centre + shift - linear @ centre]).astype(np.float32)

    def _bend(self, height: int, width: int, random: np.random.Generator) -> NDArray[np.float32]:
        """A smooth random displacement in pixels, (height, width, 2), after the elastic distortions of Simard
        et al., "Best practices for convolutional neural networks" (2003), on a coarse grid."""
        grid = (height // WARP_CELL + 2, width // WARP_CELL + 2, 2)
        strength = self.warp * height
        coarse = random.uniform(-strength, strength, grid).astype(np.float32)
        return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
