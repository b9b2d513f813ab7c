"""The ordered set of characters that a reader can tell apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


class InvalidAlphabet(ValueError):
    """The characters cannot form an alphabet; the message is a sentence for people."""


class UnknownCharacter(ValueError):
    """A text has a character outside the alphabet; the message is a sentence for people."""


@dataclass(frozen=True)
class Alphabet:
    """Characters in a fixed order; a character's class index is its position in `characters`.

    Raises InvalidAlphabet when `characters` is empty or repeats a character.
    """

    characters: str

    def __post_init__(self) -> None:
        if not self.characters:
            raise InvalidAlphabet("The alphabet is empty: list at least one character.")
        repeated = sorted({c for c in self.characters if self.characters.count(c) > 1})
        if repeated:
            raise InvalidAlphabet(f"The alphabet lists {', '.join(map(repr, repeated))} more than once.")

    def __len__(self) -> int:
        return len(self.characters)

    def __contains__(self, character: object) -> bool:
        return character in self._index_of

    @cached_property
    def _index_of(self) -> dict[str, int]:
        return {character: index for index, character in enumerate(self.characters)}

    def encode(self, text: str) -> NDArray[np.int64]:
        """Class indices of a text: int64, shape (len(text),), values 0..len(self)-1.

        Raises UnknownCharacter naming the first character that is not in the alphabet.
        """
        for character in text:
            if character not in self._index_of:
                raise UnknownCharacter(f"{text!r} has {character!r}, which is not in the alphabet.")
        return np.array([self._index_of[character] for character in text], dtype=np.int64)

    def decode(self, indices: Iterable[int]) -> str:
        """The text of class indices; the inverse of `encode`."""
        return "".join(self.characters[index] for index in indices)
