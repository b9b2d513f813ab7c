"""Drawing steps and slicings as forms: their names, what they do, and an input for each parameter."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from labeling.imaging.parameters import (
    Choice,
    Configured,
    ImageCount,
    Parameter,
    Share,
    SmallPng,
    WholeNumber,
)
from labeling.imaging.slicing import SLICINGS, Slicing
from labeling.imaging.steps import STEPS, Channel

TITLES = {
    "none": "Whole picture",
    "text": "The text's box",
    "equal": "Equal parts",
    "projection": "Gaps between characters",
    "remove_fixed": "Remove fixed marks",
    "otsu": "Otsu threshold",
}


@dataclass(frozen=True)
class Input:
    """One parameter as an input: a choice, a number in a range, a slider for a share, or what is estimated from
    images: a pattern and their count."""

    name: str
    help: str
    kind: str
    value: Any
    choices: tuple[Any, ...] = ()
    low: float = 0
    high: float = 1

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def is_number(self) -> bool:
        """Whether the value is a number in JSON."""
        return not isinstance(self.value, str)

    @property
    def in_words(self) -> str:
        """The value for people; empty where others say it already."""
        match self.kind:
            case "pattern":
                return ""
            case "count":
                return f"from {self.value} images" if self.value else "not estimated yet"
        return f"{self.label.lower()} {self.value}"


@dataclass(frozen=True)
class Part:
    """A step or a slicing with its values."""

    name: str
    title: str
    summary: str
    inputs: tuple[Input, ...]
    is_fixed: bool = False


def part(configured: Configured) -> Part:
    """Return what a page needs to draw a step or a slicing."""
    return Part(
        name=configured.name,
        title=TITLES.get(configured.name, configured.name.capitalize()),
        summary=configured.summary,
        inputs=tuple(
            _input(one.name, one.metadata["parameter"], getattr(configured, one.name))
            for one in fields(configured)
        ),
        is_fixed=isinstance(configured, Channel),
    )


def parts(configured: Iterable[Configured]) -> list[Part]:
    """Return `part` of each."""
    return [part(one) for one in configured]


def addable_steps() -> list[Part]:
    """Every step that a recipe may gain, with its defaults; not the channel, which is always there."""
    return parts(step() for step in STEPS.values() if step is not Channel)


def slicings_around(chosen: Slicing) -> list[Part]:
    """Every slicing, the chosen one with its own values, the others with their defaults."""
    return parts(chosen if chosen.name == name else slicing() for name, slicing in SLICINGS.items())


def describe(configured: Configured) -> str:
    """Return a step or a slicing with its values in a few words."""
    drawn = part(configured)
    if len(drawn.inputs) == 1:
        return f"{drawn.title}: {drawn.inputs[0].value}"
    values = ", ".join(one.in_words for one in drawn.inputs if one.in_words)
    return f"{drawn.title}: {values}" if values else drawn.title


def _input(name: str, parameter: Parameter, value: Any) -> Input:
    match parameter:
        case Choice(values=values, help=text):
            return Input(name, text, "choice", value, choices=values)
        case SmallPng(help=text):
            return Input(name, text, "pattern", value)
        case ImageCount(help=text):
            return Input(name, text, "count", value)
        case WholeNumber(low=low, high=high, help=text):
            return Input(name, text, "number", value, low=low, high=high)
        case Share(help=text):
            return Input(name, text, "share", value)
    raise TypeError(f"No input for {parameter!r}.")
