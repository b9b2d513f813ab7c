"""What every architecture tells about itself."""

from __future__ import annotations

import dataclasses
import reprlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from labeling.imaging.slicing import TextBox, WholePicture
from training.recognition.architectures.hyperparameters import (
    HyperparameterField,
    Hyperparameters,
    InvalidHyperparameters,
    described,
)
from training.recognition.task import InvalidTask, ReadingTask

if TYPE_CHECKING:
    from training.recognition.fit import FitRequest, FitResult

Shape = tuple[int, int, int]


class Architecture(ABC):
    """A named way to read, with its published source, its input and how it learns.

    Describing an architecture never imports Keras; only building and fitting do.
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
    learns_in_steps: ClassVar[bool] = False
    """Whether it has epochs, a budget and augmented images; what has not, looks at the images as they are."""
    self_trains: ClassVar[bool] = False
    """Whether unlabelled images can help it; see `training.recognition.self_training`."""
    hyperparameters: ClassVar[type[Hyperparameters]]

    @abstractmethod
    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        """Height, width and channels of one input: the whole picture, or one slice where `needs_slices`."""

    @abstractmethod
    def fit(self, request: FitRequest) -> FitResult:
        """Trains; see `training.recognition.fit.fit_reader`, which checks the request first."""

    @abstractmethod
    def epochs(self, images: int, hyperparameters: Hyperparameters | None = None) -> int:
        """How many epochs to train on so many images where nobody chose; None are the default hyper-parameters."""

    def fields(self) -> tuple[HyperparameterField, ...]:
        """The hyper-parameters in the order of a form."""
        return tuple(
            HyperparameterField(
                name=each.name,
                type=int if each.type in ("int", int) else float,
                default=cast(float, each.default),
                **described(self.hyperparameters, each.name),
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
