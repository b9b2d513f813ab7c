"""Preprocessing steps: small, exact functions from picture to picture.

Everything is float32 and reproducible by elementary tensor operations, because the exported model carries the
same steps inside its graph and must agree with this module to 1e-5. Where two float32 orders of evaluation
could fall on different sides of a decision, this module says on which side a tie belongs (`TIE`, `FLAT`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from labeling.imaging import opencv as cv2
from labeling.imaging.arrays import Picture, Pixels
from labeling.imaging.fixed_noise import RemoveFixed
from labeling.imaging.parameters import (
    InvalidRecipe,
    choice,
    from_json,
    share,
    whole_number,
)
from labeling.imaging.sampling import sample_box
from labeling.imaging.step import TIE, PictureStep, Step

LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601 weights of red, green and blue."""

FLAT = 1 / 512
"""A picture whose values span less than this (half a grey level) is flat: autocontrast leaves it as it is."""

MAX_STEPS = 20


@dataclass(frozen=True)
class Channel(Step):
    """The first step of every recipe: what of the RGBA pixels becomes the picture.

    grey, colour, red, green and blue are taken after the image was laid on white; alpha is 1 - alpha, so that
    opaque ink is dark.
    """

    name: ClassVar[str] = "channel"
    summary: ClassVar[str] = "Which part of the colours to read."

    channel: Literal["grey", "colour", "red", "green", "blue", "alpha"] = choice(
        "grey",
        "colour",
        "red",
        "green",
        "blue",
        "alpha",
        default="grey",
        help="The part that carries the text.",
    )

    @property
    def channels(self) -> int:
        """How many channels the picture has: 3 for colour, otherwise 1."""
        return 3 if self.channel == "colour" else 1

    def extract(self, pixels: Pixels) -> Picture:
        """RGBA uint8 (h, w, 4) to float32 (h, w, 1 or 3) in 0..1."""
        scaled: Picture = pixels.astype(np.float32) / np.float32(255)
        alpha = scaled[:, :, 3:]
        if self.channel == "alpha":
            inverted: Picture = 1 - alpha
            return inverted
        colour: Picture = (scaled[:, :, :3] * alpha + (1 - alpha)).clip(max=1)
        match self.channel:
            case "colour":
                return colour
            case "grey":
                red, green, blue = (np.float32(weight) for weight in LUMA)
                grey: Picture = red * colour[:, :, :1] + green * colour[:, :, 1:2] + blue * colour[:, :, 2:]
                return grey.clip(max=1)
            case _:
                plane = ("red", "green", "blue").index(self.channel)
                return colour[:, :, plane : plane + 1]


@dataclass(frozen=True)
class Crop(PictureStep):
    """Removes pixels at each side, left and top first; the last pixel always stays."""

    name: ClassVar[str] = "crop"
    summary: ClassVar[str] = "Cut away a margin at each side."

    left: int = whole_number(0, 10_000, default=0, help="Pixels removed at the left.")
    top: int = whole_number(0, 10_000, default=0, help="Pixels removed at the top.")
    right: int = whole_number(0, 10_000, default=0, help="Pixels removed at the right.")
    bottom: int = whole_number(0, 10_000, default=0, help="Pixels removed at the bottom.")

    def apply(self, picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        left, top = min(self.left, width - 1), min(self.top, height - 1)
        right, bottom = max(width - self.right, left + 1), max(height - self.bottom, top + 1)
        return picture[top:bottom, left:right]


@dataclass(frozen=True)
class Resize(PictureStep):
    """Resizes with `sampling.sample_box`, so with a triangle filter.

    stretch: to exactly this size. pad: as large as fits without changing the proportions, in the left top corner;
    its last column or row continues it to the full size. Continuing is the same resizing of a box that ends
    beyond the picture, so it is as exact in the exported graph, where a median of the border would not be.
    """

    name: ClassVar[str] = "resize"
    summary: ClassVar[str] = "Give every picture the same size."

    width: int = whole_number(4, 1_000, default=160, help="Width in pixels.")
    height: int = whole_number(4, 1_000, default=60, help="Height in pixels.")
    mode: Literal["stretch", "pad"] = choice(
        "stretch",
        "pad",
        default="pad",
        help="stretch changes the proportions; pad keeps them and continues the border.",
    )

    def apply(self, picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        across, down = width / self.width, height / self.height
        if self.mode == "pad":
            across = down = max(across, down)
        box = (0, 0, across * self.width, down * self.height)
        return sample_box(picture, box, self.height, self.width).clip(0, 1)


@dataclass(frozen=True)
class Invert(PictureStep):
    name: ClassVar[str] = "invert"
    summary: ClassVar[str] = "Swap dark and light."

    def apply(self, picture: Picture) -> Picture:
        return 1 - picture


@dataclass(frozen=True)
class Threshold(PictureStep):
    """1.0 where a value is above `value`, otherwise 0.0; see TIE."""

    name: ClassVar[str] = "threshold"
    summary: ClassVar[str] = "Make everything above a value white and everything else black."

    value: float = share(default=0.5, help="Values above this become white.")

    def apply(self, picture: Picture) -> Picture:
        return (picture > np.float32(self.value + TIE)).astype(np.float32)


@dataclass(frozen=True)
class Otsu(PictureStep):
    """1.0 where a value lies above the picture's own threshold, otherwise 0.0; all channels together.

    A value v has the level floor(255 * v + 0.5): the nearest of 0..255, where a value less than TIE below a half
    counts as the half. The threshold is the level t that maximises the variance between the levels up to t and
    those above it, (m * n(t) - n * m(t))**2 / (n(t) * (n - n(t))) with n(t) values up to t whose levels add up to
    m(t), of n and m in all; of equal ones the lowest. A picture of one level has the threshold 0.

    N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions on Systems, Man, and
    Cybernetics 9(1), 1979.
    """

    name: ClassVar[str] = "otsu"
    summary: ClassVar[str] = "Make each picture black and white at a threshold of its own."

    def apply(self, picture: Picture) -> Picture:
        levels = np.floor(picture * np.float32(255) + np.float32(0.5 + 255 * TIE)).astype(np.int64)
        histogram = np.bincount(levels.ravel(), minlength=256)
        # In float64, and in the order of the formula above: the exported graph gets the very same bits.
        up_to = np.cumsum(histogram).astype(np.float64)
        sum_up_to = np.cumsum(histogram * np.arange(256)).astype(np.float64)
        between = (sum_up_to[-1] * up_to - up_to[-1] * sum_up_to) ** 2
        pairs = up_to * (up_to[-1] - up_to)
        threshold = np.argmax(np.where(pairs > 0, between / np.maximum(pairs, 1), 0))
        white: Picture = (levels > threshold).astype(np.float32)
        return white


@dataclass(frozen=True)
class Autocontrast(PictureStep):
    """Stretches the values of a picture, all channels together, to 0..1; see FLAT."""

    name: ClassVar[str] = "autocontrast"
    summary: ClassVar[str] = "Stretch each picture to the full range from black to white."

    def apply(self, picture: Picture) -> Picture:
        low, high = picture.min(), picture.max()
        if high - low < np.float32(FLAT):
            return picture
        stretched: Picture = (picture - low) / (high - low)
        return stretched


@dataclass(frozen=True)
class Median(PictureStep):
    """The median of each value's square neighbourhood; the border is continued by its own pixels."""

    name: ClassVar[str] = "median"
    summary: ClassVar[str] = "Remove specks, keep edges."

    size: int = choice(3, default=3, help="Side of the neighbourhood in pixels.")

    def apply(self, picture: Picture) -> Picture:
        blurred: Picture = cv2.medianBlur(np.ascontiguousarray(picture), self.size)
        return blurred.reshape(picture.shape)


@dataclass(frozen=True)
class Morphology(PictureStep):
    """Grey morphology on values with a square element; what lies beyond the border is ignored."""

    operations: ClassVar[tuple[Literal["erode", "dilate"], ...]]
    """The elementary operations, in order."""

    size: int = choice(3, 5, default=3, help="Side of the square element in pixels.")

    def apply(self, picture: Picture) -> Picture:
        element = np.ones((self.size, self.size), np.uint8)
        result = np.ascontiguousarray(picture)
        for operation in self.operations:
            result = (cv2.erode if operation == "erode" else cv2.dilate)(result, element)
        return result.reshape(picture.shape)


@dataclass(frozen=True)
class Erode(Morphology):
    """Local minimum."""

    name: ClassVar[str] = "erode"
    summary: ClassVar[str] = "Local minimum: dark strokes grow."
    operations = ("erode",)


@dataclass(frozen=True)
class Dilate(Morphology):
    """Local maximum."""

    name: ClassVar[str] = "dilate"
    summary: ClassVar[str] = "Local maximum: dark strokes shrink."
    operations = ("dilate",)


@dataclass(frozen=True)
class Open(Morphology):
    """Local minimum, then local maximum."""

    name: ClassVar[str] = "open"
    summary: ClassVar[str] = "Minimum, then maximum: removes thin light marks."
    operations = ("erode", "dilate")


@dataclass(frozen=True)
class Close(Morphology):
    """Local maximum, then local minimum."""

    name: ClassVar[str] = "close"
    summary: ClassVar[str] = "Maximum, then minimum: removes thin dark lines."
    operations = ("dilate", "erode")


STEPS: Mapping[str, type[Step]] = {
    step.name: step
    for step in (
        Channel,
        Crop,
        Resize,
        RemoveFixed,
        Invert,
        Threshold,
        Otsu,
        Autocontrast,
        Median,
        Erode,
        Dilate,
        Open,
        Close,
    )
}
"""Every step by name, in the order a page offers them."""


def parse_steps(value: object) -> tuple[Step, ...]:
    """The steps that a JSON list describes: one `channel` first, then any others in any order.

    Raises InvalidRecipe with a sentence.
    """
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise InvalidRecipe(f"The steps must be a list, not {value!r}.")
    if len(value) > MAX_STEPS:
        raise InvalidRecipe(f"There are {len(value)} steps; a recipe has at most {MAX_STEPS}.")
    steps = tuple(from_json("step", STEPS, one) for one in value)
    check_order(steps)
    return steps


def check_order(steps: Sequence[Step]) -> None:
    """Raises InvalidRecipe unless the steps are one `channel` followed by steps from picture to picture."""
    if not steps or not isinstance(steps[0], Channel):
        raise InvalidRecipe("The first step must be channel: say which part of the colours to read.")
    if any(isinstance(step, Channel) for step in steps[1:]):
        raise InvalidRecipe("A recipe has only one channel step; remove the second one.")


def apply_steps(pixels: Pixels, steps: Sequence[Step]) -> Picture:
    """RGBA uint8 (h, w, 4) through all steps: float32 (h', w', c) in 0..1, c 1 or 3, contiguous."""
    channel, *others = steps
    assert isinstance(channel, Channel)
    picture = channel.extract(pixels)
    for step in others:
        assert isinstance(step, PictureStep)
        picture = step.apply(picture)
    return np.ascontiguousarray(picture)
