import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.recognition.alphabets import Alphabet, InvalidAlphabet, UnknownCharacter


@given(st.text("abcß漢7", max_size=20))
def test_a_text_survives_encoding_and_decoding(text: str) -> None:
    alphabet = Alphabet("7abcß漢")
    assert alphabet.decode(alphabet.encode(text)) == text


def test_a_class_index_is_the_position_in_the_alphabet() -> None:
    assert Alphabet("xyz").encode("zxy").tolist() == [2, 0, 1]


def test_an_unknown_character_is_named() -> None:
    with pytest.raises(UnknownCharacter, match="'ab!' has '!', which is not in the alphabet"):
        Alphabet("ab").encode("ab!")


def test_an_empty_alphabet_is_refused() -> None:
    with pytest.raises(InvalidAlphabet, match="empty"):
        Alphabet("")


def test_a_repeated_character_is_refused_and_named() -> None:
    with pytest.raises(InvalidAlphabet, match="'b' more than once"):
        Alphabet("abcb")
