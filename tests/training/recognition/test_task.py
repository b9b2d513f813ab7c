import pytest

from tests.training.recognition.drawings import GREY_IN_EQUAL_PARTS, reading_task
from training.recognition.alphabets import Alphabet
from training.recognition.task import InvalidTask, ReadingTask, TextDoesNotFit


def without_case(alphabet: str) -> ReadingTask:
    task = reading_task(alphabet)
    return ReadingTask(Alphabet(alphabet), 2, 2, case_sensitive=False, recipe=task.recipe)


def test_a_task_survives_json() -> None:
    task = reading_task("abc", (2, 5))
    assert ReadingTask.from_json(task.to_json()) == task


def test_json_without_a_key_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidTask, match="'alphabet'"):
        ReadingTask.from_json({"min_length": 1, "max_length": 1, "case_sensitive": True})


def test_a_fixed_length_has_one_class_per_character() -> None:
    assert (reading_task("abc", (4, 4)).classes, reading_task("abc", (4, 4)).end_class) == (3, None)


def test_a_range_of_lengths_has_an_end_class_after_the_characters() -> None:
    assert (reading_task("abc", (1, 4)).classes, reading_task("abc", (1, 4)).end_class) == (4, 3)


def test_a_short_text_is_padded_with_the_end_class() -> None:
    assert reading_task("abc", (1, 4)).encode("ca").tolist() == [2, 0, 3, 3]


def test_a_text_longer_than_the_head_is_refused() -> None:
    with pytest.raises(TextDoesNotFit, match="'abcab' has 5 characters, but the task reads 2 to 4"):
        reading_task("abc", (2, 4)).encode("abcab")


def test_a_character_outside_the_alphabet_is_refused() -> None:
    with pytest.raises(TextDoesNotFit, match="'x', which is not in the alphabet"):
        reading_task("abc").encode("ax")


def test_without_case_a_text_takes_the_alphabets_case() -> None:
    assert without_case("aBc").normalise("AbC") == "aBc"


def test_without_case_both_cases_are_one_class() -> None:
    assert without_case("ab").encode("aB").tolist() == without_case("ab").encode("Ab").tolist()


def test_lengths_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(InvalidTask, match="greatest length"):
        reading_task("abc", (4, 2))


def test_a_length_below_one_is_refused() -> None:
    with pytest.raises(InvalidTask, match="at least one character"):
        reading_task("abc", (0, 2))


def test_a_colour_recipe_has_three_channels() -> None:
    colour = {**GREY_IN_EQUAL_PARTS, "steps": [{"step": "channel", "channel": "colour"}]}
    assert reading_task("abc", recipe=colour).channels == 3
