"""The starter model as a reader of tasks that nobody has trained for."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.imaging.arrays import Pixels
from labeling.imaging.decode import decode_image
from tests.factories import png
from tests.training.recognition.drawings import reading_task
from training.recognition import starter
from training.recognition.starter import unknown_characters, unreadable_words
from training.recognition.starter.reader import starter_reader
from training.recognition.task import InvalidTask, ReadingTask

COLOUR = {"steps": [{"step": "channel", "channel": "colour"}], "slicing": {"slicing": "none"}}
DIGITS = "0123456789"


def task(alphabet: str, lengths: tuple[int, int], *, case_sensitive: bool = True) -> ReadingTask:
    whole = reading_task(alphabet, lengths, recipe=COLOUR)
    return dataclasses.replace(whole, case_sensitive=case_sensitive)


def picture(text: str, seed: int = 0) -> Pixels:
    return decode_image(png(text, seed, width=22 * len(text) + 8)).pixels


def texts(count: int, length: int) -> list[str]:
    random = np.random.default_rng(7)
    return ["".join(random.choice(list(DIGITS), length)) for _ in range(count)]


@pytest.mark.parametrize("length", [3, 5, 8])
def test_plain_digits_are_read_without_any_training(length: int) -> None:
    shown = texts(30, length)
    readings = starter_reader(task(DIGITS, (length, length))).read([picture(text) for text in shown])
    right = sum(reading.text == text for reading, text in zip(readings, shown, strict=True))
    assert right >= 20
    assert all(0 <= reading.confidence <= 1 for reading in readings)


@settings(max_examples=20, deadline=None)
@given(
    alphabet=st.sets(st.sampled_from(starter.ALPHABET + "äß漢"), min_size=2, max_size=12),
    shortest=st.integers(1, 6),
    more=st.integers(0, 4),
    case_sensitive=st.booleans(),
)
def test_only_known_characters_of_the_alphabet_and_allowed_lengths_are_read(
    alphabet: set[str], shortest: int, more: int, case_sensitive: bool
) -> None:
    if not case_sensitive:
        alphabet = {each.lower() for each in alphabet}
    wanted = task("".join(sorted(alphabet)), (shortest, shortest + more), case_sensitive=case_sensitive)
    unknown = unknown_characters(wanted.alphabet.characters, case_sensitive=case_sensitive)
    if len(unknown) == len(alphabet):
        with pytest.raises(InvalidTask, match="has none of them"):
            starter_reader(wanted)
        return
    (reading,) = starter_reader(wanted).read([picture("4711")])
    assert shortest <= len(reading.text) <= shortest + more
    assert set(reading.text) <= alphabet - set(unknown)


def test_both_forms_of_a_letter_count_where_case_does_not_matter() -> None:
    shown = picture("KXZ")
    either, small, large = (
        starter_reader(task(alphabet, (3, 3), case_sensitive=sensitive)).probabilities([shown])[0]
        for alphabet, sensitive in (("kxz", False), ("kxz", True), ("kxzKXZ", True))
    )
    assert either.shape == small.shape
    np.testing.assert_allclose(either[..., :3], large[..., :3] + large[..., 3:6], rtol=1e-3, atol=1e-6)


def test_probabilities_are_those_of_the_alphabet_alone() -> None:
    probabilities, spans = starter_reader(task("01", (2, 3))).probabilities([picture("01")] * 2)
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, rtol=1e-5)
    assert spans.shape == (2, probabilities.shape[1], 2)
    assert spans.min() >= 0
    assert spans.max() <= 1


def test_a_grey_recipe_sees_what_a_coloured_one_sees_of_a_grey_picture() -> None:
    coloured, grey = task("0147", (4, 4)), reading_task("0147", (4, 4))
    shown = picture("4711")
    shown[..., :3] = shown[..., :1]
    of_coloured, of_grey = (starter_reader(each).probabilities([shown])[0] for each in (coloured, grey))
    np.testing.assert_allclose(of_coloured, of_grey, atol=1e-3)


def test_an_alphabet_without_a_known_character_says_why() -> None:
    assert "none of them" in unreadable_words("äöü", case_sensitive=True)
    assert unreadable_words("äöü7", case_sensitive=True) == ""
    assert unknown_characters("äöü7", case_sensitive=False) == "äöü"


def test_reading_with_the_starter_takes_no_training_framework() -> None:
    code = (
        "import sys, numpy; from tests.training.recognition.drawings import reading_task; "
        "from training.recognition.starter.reader import starter_reader; "
        "starter_reader(reading_task('0147', (2, 2))).read([numpy.zeros((20, 40, 4), 'uint8')]); "
        "print(sorted({'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules)))"
    )
    root = Path(starter.FOLDER).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
