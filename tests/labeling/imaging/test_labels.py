"""Finding and checking the text of an image."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.imaging.labels import (
    InvalidText,
    check_text,
    folder_of_text,
    split_from_path,
    stem_of_text,
    text_from_file_name,
    text_from_folder,
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ab12.png", "ab12"),
        ("train/7/ab12.png", "ab12"),
        ("C:\\pictures\\ab12.png", "ab12"),
        ("ab12_3.png", "ab12"),
        ("ab12-0.png", "ab12"),
        ("ab12 (1).png", "ab12"),
        ("ab12(2).png", "ab12"),
        ("ab12_3 (1).png", "ab12"),
        ("12_34_5.png", "12_34"),
        ("_3.png", "_3"),
        ("-3.png", "-3"),
        ("(1).png", "(1)"),
        ("ab.12.png", "ab.12"),
        ("ab12_x.png", "ab12_x"),
        ("u\u0308.png", "ü"),
        ("ab12", "ab12"),
    ],
)
def test_the_stem_of_a_file_name_is_its_text_without_a_duplicates_number(name: str, text: str) -> None:
    assert text_from_file_name(name) == text


def test_the_folder_a_file_lies_in_is_its_text() -> None:
    assert text_from_folder("train/7/x.png") == "7"
    assert text_from_folder("7\\x.png") == "7"


def test_a_file_in_no_folder_has_no_text_from_its_folder() -> None:
    with pytest.raises(InvalidText, match="no folder"):
        text_from_folder("./x.png")


@given(st.text(alphabet='aB3_-(). %/\\:"<>|*?é', min_size=1, max_size=12), st.integers(1, 3))
def test_any_text_is_read_back_from_the_file_name_made_of_it(text: str, number: int) -> None:
    stem = stem_of_text(text, number)
    assert not set('/\\:*?"<>|') & set(stem)
    assert text_from_file_name(f"some/folder/{stem}.png") == text


def test_texts_that_only_differ_in_their_number_are_told_apart() -> None:
    assert [stem_of_text("ab", number) for number in (1, 2, 3)] == ["ab", "ab_2", "ab_3"]


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("12_34", "12_34_1"),
        ("a(1)", "a(1)_1"),
        ("con", "con_1"),
        ("a/b", "a%2Fb"),
        (".x", "%2Ex"),
        ("5%", "5%25"),
    ],
)
def test_a_text_that_a_file_name_would_change_gets_a_number_or_is_written_as_in_addresses(
    text: str, stem: str
) -> None:
    assert stem_of_text(text, 1) == stem


@given(st.text(alphabet="aA7.%/\\:é", min_size=1, max_size=4))
def test_any_text_is_read_back_from_the_folder_made_of_it(text: str) -> None:
    assert text_from_folder(f"test/{folder_of_text(text, 'aA7')}/1.png") == text


def test_both_cases_of_a_letter_get_folders_that_no_system_takes_for_one() -> None:
    assert (folder_of_text("a", "aA"), folder_of_text("A", "aA")) == ("a", "%41")
    assert folder_of_text("A", "AB") == "A"


@pytest.mark.parametrize(
    ("name", "names_text", "split"),
    [
        ("train/7/x.png", True, "train"),
        ("data/Test/7/x.png", True, "test"),
        ("val/7/x.png", True, "validation"),
        ("train/x.png", True, ""),
        ("train/x.png", False, "train"),
        ("test/train/x.png", False, "train"),
        ("x.png", False, ""),
    ],
)
def test_folders_name_the_split(name: str, names_text: bool, split: str) -> None:
    assert split_from_path(name, names_text=names_text) == split


def test_a_text_that_fits_is_kept() -> None:
    assert check_text("ab1", "ab12", 3, 3, case_sensitive=True) == "ab1"


def test_spaces_around_a_text_are_dropped() -> None:
    assert check_text(" ab1\n", "ab12", 3, 3, case_sensitive=True) == "ab1"


def test_where_case_does_not_matter_a_text_takes_the_case_of_the_alphabet() -> None:
    assert check_text("aB1", "AB12", 3, 3, case_sensitive=False) == "AB1"
    assert check_text("aB1", "ab12", 3, 3, case_sensitive=False) == "ab1"
    assert check_text("xX", "xX", 2, 2, case_sensitive=False) == "xx"


def test_where_case_matters_the_other_case_is_refused() -> None:
    with pytest.raises(InvalidText, match="'aB1' has 'B', which is not in the alphabet"):
        check_text("aB1", "ab12", 3, 3, case_sensitive=True)


def test_a_decomposed_character_is_the_composed_one() -> None:
    assert check_text("u\u0308", "ü", 1, 1, case_sensitive=True) == "ü"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is no text"),
        ("  ", "there is no text"),
        ("ab!", "'ab!' has '!', which is not in the alphabet"),
        ("ab", "'ab' has 2 characters; the project expects 3 to 4"),
        ("ababa", "'ababa' has 5 characters; the project expects 3 to 4"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_with_a_reason(text: str, says: str) -> None:
    with pytest.raises(InvalidText, match=says):
        check_text(text, "ab12", 3, 4, case_sensitive=False)


def test_a_fixed_length_is_named_as_one_number() -> None:
    with pytest.raises(InvalidText, match=r"expects 5\."):
        check_text("ab", "ab12", 5, 5, case_sensitive=False)


@given(st.text(max_size=12), st.text(min_size=1, max_size=10), st.booleans())
def test_a_checked_text_is_within_the_rules_and_stays_the_same(
    text: str, alphabet: str, case_sensitive: bool
) -> None:
    try:
        checked = check_text(text, alphabet, 1, 8, case_sensitive)
    except InvalidText as error:
        assert str(error).endswith(".")
        return
    assert 1 <= len(checked) <= 8
    assert set(checked) <= set(alphabet)
    assert check_text(checked, alphabet, 1, 8, case_sensitive) == checked
