"""What every architecture tells about itself, and the hyper-parameters that a form or a command line can
offer."""

from __future__ import annotations

import dataclasses
import reprlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from labeling.imaging.slicing import TextBox, WholePicture
from training.recognition.task import InvalidTask, ReadingTask

if TYPE_CHECKING:
    import keras

    from training.recognition.fit import FitRequest, FitResult

Shape = tuple[int, int, int]

FEWEST_EPOCHS = 10
"""Epochs of a large data set."""


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
        20, 1, 10_000, "Patience", "Epochs without a better validation result before training stops early."
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


def _described(hyperparameters: type[Hyperparameters], name: str) -> Mapping[str, Any]:
    """Bounds, title and explanation of a field: those of the nearest class that gives them, so that a subclass that
    only changes a default need not say them again."""
    inherited = (vars(each).get("__dataclass_fields__", {}).get(name) for each in hyperparameters.__mro__)
    return next(each.metadata for each in inherited if each is not None and each.metadata)


class Architecture(ABC):
    """A named network with its published source, its input and how to build it.

    Describing an architecture never imports Keras; only `build` does.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    source: ClassVar[str]
    needs_slices: ClassVar[bool]
    keeps_proportions: ClassVar[bool] = False
    """Whether a whole picture keeps its proportions in the input, continued on the right, or is stretched."""
    decoder: ClassVar[str] = "positions"
    """How its outputs become texts; see `training.recognition.decoding`."""
    export_tolerance: ClassVar[float] = 1e-4
    """By how much a probability of the exported model may differ from the trained one's."""
    parameters: ClassVar[str] = "weights"
    """What a trained model's `parameter_count` counts."""
    follows_positions: ClassVar[bool] = False
    """Whether epochs and their accuracies are of one position after the other instead of whole texts."""
    default_epochs: ClassVar[int]
    """Epochs of a small data set; see `epochs`."""
    default_views: ClassVar[int] = 150_000
    """How often images are looked at in all, where `default_epochs` would be more than that."""
    hyperparameters: ClassVar[type[Hyperparameters]]

    @property
    def is_network(self) -> bool:
        """Whether it learns step by step from augmented images; what does not needs no budget and no preview."""
        return issubclass(self.hyperparameters, NetworkHyperparameters)

    @abstractmethod
    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        """Height, width and channels of one input: the whole picture, or one slice where `needs_slices`."""

    @abstractmethod
    def build(self, task: ReadingTask, hyperparameters: Mapping[str, Any], seed: int) -> keras.Model:
        """An untrained network, its weights drawn from `seed`.

        It maps float32 (n, height, width, channels) in 0..1 to logits float32 (n, steps, symbols) as its decoder
        wants them: positions by classes, where a sliced architecture has one position per input.
        """

    def spans(self, network: keras.Model) -> Any | None:
        """The symbolic spans (n, steps, 2) as left and right shares 0..1 of its input's width, where the network
        itself knows where it looked."""
        return None

    def targets(
        self, task: ReadingTask, encoded: NDArray[np.int64], hyperparameters: NetworkHyperparameters
    ) -> NDArray[np.generic]:
        """What `loss` compares outputs with, one row per network input, of class indices (n, positions per input):
        smoothed one-hot float32 (n, positions per input, classes)."""
        smoothing = hyperparameters.label_smoothing
        targets = np.eye(task.classes, dtype=np.float32)[encoded]
        return targets * np.float32(1 - smoothing) + np.float32(smoothing / task.classes)

    def guided_share(self, hyperparameters: Hyperparameters) -> float:
        """The share of the training, at its beginning, in which `guided_targets` take the targets' place."""
        return 0.0

    def guided_targets(
        self,
        task: ReadingTask,
        pictures: NDArray[np.float32],
        targets: NDArray[np.generic],
        hyperparameters: Hyperparameters,
    ) -> NDArray[np.generic]:
        """Targets that tell a network more than the truth alone does, for pictures as they are shown, float32 (n,
        height, width, channels), and their targets."""
        return targets

    def loss(self, task: ReadingTask, hyperparameters: Hyperparameters) -> Any:
        """A Keras loss of `targets` and logits."""
        import keras

        return keras.losses.CategoricalCrossentropy(from_logits=True)

    def fit(self, request: FitRequest) -> FitResult:
        """Trains; see `training.recognition.fit.fit_reader`, which checks the request first."""
        from training.recognition.network_fit import fit_network

        return fit_network(self, request)

    def epochs(self, images: int) -> int:
        """How many epochs to train on so many images where nobody chose: fewer, the more images there are."""
        return max(FEWEST_EPOCHS, min(self.default_epochs, self.default_views // max(images, 1)))

    def fields(self) -> tuple[HyperparameterField, ...]:
        """The hyper-parameters in the order of a form."""
        return tuple(
            HyperparameterField(
                name=each.name,
                type=int if each.type in ("int", int) else float,
                default=cast(float, each.default),
                **_described(self.hyperparameters, each.name),
            )
            for each in dataclasses.fields(self.hyperparameters)
        )

    def parse(self, values: Mapping[str, Any] | None) -> Hyperparameters:
        """Given values over the defaults, each checked. Raises InvalidHyperparameters with a sentence."""
        fields = {each.name: each for each in self.fields()}
        unknown = sorted(set(values or {}) - set(fields))
        if unknown:
            raise InvalidHyperparameters(
                f"{self.name} has no hyper-parameter {reprlib.repr(unknown[0])}; it has {', '.join(fields)}."
            )
        parsed: dict[str, Any] = {name: fields[name].parse(value) for name, value in (values or {}).items()}
        return self.hyperparameters(**parsed)

    def check(self, task: ReadingTask) -> None:
        """Raises InvalidTask with a sentence when this architecture cannot read the task's texts."""
        if self.needs_slices and not task.fixed_length:
            raise InvalidTask(
                f"{self.title} reads one slice per character and needs a fixed length, but the texts have "
                f"{task.min_length} to {task.max_length} characters: choose an architecture for whole images."
            )
        if (
            self.needs_slices
            and task.max_length > 1
            and isinstance(task.recipe.slicing, WholePicture | TextBox)
        ):
            raise InvalidTask(
                f"{self.title} reads one slice per character, but the preparation does not slice: choose a "
                "slicing on the Prepare page, or an architecture for whole images."
            )
        if len(task.alphabet) < 2:
            raise InvalidTask(
                f"The alphabet has only {task.alphabet.characters!r}: "
                "a reader needs two characters to tell apart."
            )
