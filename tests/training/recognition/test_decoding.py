from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from tests.training.recognition.drawings import reading_task
from training.recognition.decoding import get_decoder

decode = get_decoder("positions").decode
LENGTHS = st.tuples(st.integers(1, 3), st.integers(1, 3)).map(lambda pair: (min(pair), max(pair)))


def log_probability(image: NDArray[np.float64], text: str, alphabet: str) -> float:
    indices = [alphabet.index(character) for character in text]
    indices += [len(alphabet)] * (len(image) - len(text))
    return float(np.log(image[np.arange(len(image)), indices]).sum())


@given(LENGTHS, st.data())
def test_no_text_of_the_range_is_more_probable_than_the_chosen_one(
    lengths: tuple[int, int], data: st.DataObject
) -> None:
    task = reading_task("abc", lengths)
    weights = arrays.arrays(np.float64, (lengths[1], task.classes), elements=st.floats(0.01, 1))
    image = data.draw(weights)
    image /= image.sum(axis=1, keepdims=True)
    (reading,) = decode(image[None], task)
    every_text = (
        "".join(characters)
        for length in range(lengths[0], lengths[1] + 1)
        for characters in product("abc", repeat=length)
    )
    best = max(log_probability(image, text, "abc") for text in every_text)
    assert lengths[0] <= len(reading.text) <= lengths[1]
    assert log_probability(image, reading.text, "abc") == pytest.approx(best)
    assert np.log(reading.confidence) == pytest.approx(best)


def test_a_fixed_length_takes_the_most_probable_character_of_each_position() -> None:
    (reading,) = decode(np.array([[[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]]), reading_task("abc"))
    assert (reading.text, reading.probabilities) == ("ac", (0.7, 0.6))


def test_confidence_is_the_product_of_the_chosen_probabilities() -> None:
    (reading,) = decode(np.array([[[0.7, 0.3], [0.1, 0.9]]]), reading_task("ab"))
    assert reading.confidence == pytest.approx(0.63)


def test_an_end_in_the_middle_does_not_end_a_text_that_must_be_longer() -> None:
    image = np.array([[[0.9, 0.05, 0.05], [0.1, 0.2, 0.7], [0.0, 0.9, 0.1]]])
    (reading,) = decode(image, reading_task("ab", (2, 3)))
    assert reading.text == "abb"


def test_a_probability_of_zero_does_not_break_decoding() -> None:
    (reading,) = decode(np.array([[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]]), reading_task("ab", (1, 2)))
    assert (reading.text, reading.confidence) == ("a", 1.0)
