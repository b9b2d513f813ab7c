"""The hyper-parameters that a form, a preview or a command line can offer."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class InvalidHyperparameters(ValueError):
    """A hyper-parameter is unknown or out of range; the message is a sentence for people."""


def number(default: float, minimum: float, maximum: float, title: str, explanation: str) -> Any:
    """A dataclass field for a number within [minimum, maximum]; whole where annotated `int`."""
    metadata = {"minimum": minimum, "maximum": maximum, "title": title, "explanation": explanation}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class HyperparameterField:
    """Everything needed to draw and check one input of a form."""

    name: str
    type: type[int | float]
    default: float
    minimum: float
    maximum: float
    title: str
    explanation: str

    @property
    def is_switch(self) -> bool:
        """Whether it is on (1) or off (0) and nothing else."""
        return self.type is int and (self.minimum, self.maximum) == (0, 1)

    def parse(self, value: object) -> float:
        """The value as this field's type. Raises InvalidHyperparameters with a sentence."""
        wanted = "a whole number" if self.type is int else "a number"
        try:
            parsed = float(str(value))
        except ValueError as error:
            raise InvalidHyperparameters(f"{self.title}: {reprlib.repr(value)} is not {wanted}.") from error
        if self.type is int and not parsed.is_integer():
            raise InvalidHyperparameters(f"{self.title}: {reprlib.repr(value)} is not {wanted}.")
        if not self.minimum <= parsed <= self.maximum:
            raise InvalidHyperparameters(
                f"{self.title}: {parsed:g} is outside {self.minimum:g} to {self.maximum:g}."
            )
        return self.type(parsed)


@dataclass(frozen=True)
class Hyperparameters:
    """What an architecture can be told, one field made by `number` each, with its defaults. Forms, previews and
    command lines offer these fields and take no others."""


@dataclass(frozen=True)
class NetworkHyperparameters(Hyperparameters):
    """The training choices that all networks share; each architecture sets its own defaults and adds fields.

    Lengths are shares of the input's height or width, angles are degrees, brightness and noise are shares of
    the full range 0..1.
    """

    learning_rate: float = number(
        0.001, 1e-6, 1.0, "Learning rate", "Largest step size; it warms up, then decays along a cosine."
    )
    batch_size: int = number(32, 1, 1024, "Batch size", "Images per training step.")
    epoch_images: int = number(
        0,
        0,
        100_000,
        "Images per epoch",
        "At least so many images, or slices, make an epoch: a smaller set is gone through several times.",
    )
    weight_decay: float = number(0.0, 0.0, 1.0, "Weight decay", "AdamW's pull of weights towards zero.")
    label_smoothing: float = number(
        0.0, 0.0, 0.5, "Label smoothing", "Probability spread over the wrong characters in the target."
    )
    patience: int = number(
        20, 1, 10_000, "Patience", "Epochs without a better validation result before training is cut short."
    )
    balance: float = number(
        0.0,
        0.0,
        1.0,
        "Class balance",
        "How far rare characters are shown more often: 0 as they come, 1 all equally often.",
    )
    shift: float = number(0.0, 0.0, 0.5, "Shift", "Largest random shift, as a share of height and width.")
    rotation: float = number(0.0, 0.0, 45.0, "Rotation", "Largest random rotation in degrees.")
    scale: float = number(0.0, 0.0, 0.5, "Scale", "Largest random change of size, as a share.")
    shear: float = number(0.0, 0.0, 45.0, "Shear", "Largest random slant in degrees.")
    warp: float = number(0.0, 0.0, 0.3, "Warp", "Strength of a smooth random bend, as a share of the height.")
    brightness: float = number(
        0.0, 0.0, 0.5, "Brightness", "Largest random change of brightness and contrast."
    )
    noise: float = number(0.0, 0.0, 0.5, "Noise", "Largest standard deviation of added noise.")
    blur: float = number(
        0.0, 0.0, 0.1, "Blur", "Largest standard deviation of a Gaussian blur, as a share of the height."
    )
    stroke: float = number(
        0.0,
        0.0,
        1.0,
        "Stroke",
        "Probability that strokes get thicker or thinner, by up to a pixel on each side.",
    )
    erase: float = number(
        0.0, 0.0, 0.5, "Erase", "Largest share of the picture hidden by one rectangle of its mean colour."
    )
    jitter: float = number(
        0.0,
        0.0,
        0.5,
        "Colour jitter",
        "Largest random change of hue, as a share of the colour circle, and of saturation. Changes nothing in grey.",
    )


def described(hyperparameters: type[Hyperparameters], name: str) -> Mapping[str, Any]:
    """Bounds, title and explanation of a field: those of the nearest class that gives them, so that a subclass that
    only changes a default need not say them again."""
    inherited = (vars(each).get("__dataclass_fields__", {}).get(name) for each in hyperparameters.__mro__)
    return next(each.metadata for each in inherited if each is not None and each.metadata)
