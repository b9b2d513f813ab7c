"""What a reader has to read: its alphabet, the length of its texts and how its pictures are prepared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeling.imaging.recipe import Recipe
from training.recognition.alphabets import Alphabet, UnknownCharacter


class InvalidTask(ValueError):
    """The task contradicts itself or does not fit an architecture; the message is a sentence for people."""


class TextDoesNotFit(ValueError):
    """A text cannot be a label of the task; the message is a sentence for people."""


@dataclass(frozen=True)
class ReadingTask:
    """One family of texts in pictures that are all prepared by the same recipe.

    `min_length` and `max_length` count characters; equal values mean a fixed length. Where `case_sensitive`
    is false, texts are compared and encoded without regard to case. Raises InvalidTask when the lengths
    contradict each other.
    """

    alphabet: Alphabet
    min_length: int
    max_length: int
    case_sensitive: bool
    recipe: Recipe

    def __post_init__(self) -> None:
        if self.min_length < 1:
            raise InvalidTask("A text has at least one character: set the smallest length to 1 or more.")
        if self.max_length < self.min_length:
            raise InvalidTask(
                f"The greatest length ({self.max_length}) is below the smallest length ({self.min_length})."
            )

    @property
    def fixed_length(self) -> bool:
        """Whether every text has the same number of characters."""
        return self.min_length == self.max_length

    @property
    def positions(self) -> int:
        """How many characters a reader gives probabilities for: the greatest length."""
        return self.max_length

    @property
    def classes(self) -> int:
        """Classes per position: the characters and, for a range of lengths, one end class after them."""
        return len(self.alphabet) + (0 if self.fixed_length else 1)

    @property
    def end_class(self) -> int | None:
        """Index of the class that marks positions after the text's end; None for a fixed length."""
        return None if self.fixed_length else len(self.alphabet)

    @property
    def channels(self) -> int:
        """Channels of a prepared picture: 3 for colour, else 1."""
        return self.recipe.channels

    def normalise(self, text: str) -> str:
        """The text in the alphabet's own case where case does not matter; otherwise unchanged."""
        if self.case_sensitive:
            return text
        return "".join(self._in_the_alphabets_case(character) for character in text)

    def _in_the_alphabets_case(self, character: str) -> str:
        for form in (character, character.lower(), character.upper()):
            if form in self.alphabet:
                return form
        return character

    def encode(self, text: str) -> NDArray[np.int64]:
        """Class index per position: int64, shape (positions,), shorter texts padded with the end class.

        Raises TextDoesNotFit for a length outside the range or a character outside the alphabet.
        """
        if not self.min_length <= len(text) <= self.max_length:
            wanted = f"{self.min_length}" if self.fixed_length else f"{self.min_length} to {self.max_length}"
            raise TextDoesNotFit(f"{text!r} has {len(text)} characters, but the task reads {wanted}.")
        try:
            indices = self.alphabet.encode(self.normalise(text))
        except UnknownCharacter as error:
            raise TextDoesNotFit(str(error)) from error
        encoded = np.full(self.positions, len(self.alphabet), dtype=np.int64)
        encoded[: len(indices)] = indices
        return encoded

    def encode_all(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """`encode` for many texts: int64, shape (len(texts), positions)."""
        if not texts:
            return np.zeros((0, self.positions), dtype=np.int64)
        return np.stack([self.encode(text) for text in texts])

    def to_json(self) -> dict[str, Any]:
        """The task as plain JSON values; `from_json` reads it back."""
        return {
            "alphabet": self.alphabet.characters,
            "min_length": self.min_length,
            "max_length": self.max_length,
            "case_sensitive": self.case_sensitive,
            "recipe": self.recipe.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ReadingTask":
        """The task that `to_json` wrote. Raises InvalidTask, InvalidAlphabet or the recipe's own error."""
        try:
            return cls(
                alphabet=Alphabet(data["alphabet"]),
                min_length=int(data["min_length"]),
                max_length=int(data["max_length"]),
                case_sensitive=bool(data["case_sensitive"]),
                recipe=Recipe.from_json(data["recipe"]),
            )
        except KeyError as error:
            raise InvalidTask(f"The task lacks {error.args[0]!r}.") from error
