"""Finding and checking the text of an image."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.imaging.labels import (
    InvalidLabelTable,
    InvalidText,
    check_text,
    read_label_table,
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


@pytest.mark.parametrize(
    "table",
    [
        "a.png,1482\nb.png,3606\n",
        "filename,text\na.png,1482\nb.png,3606",
        "Image\tLabel\r\na.png\t1482\r\nb.png\t3606\r\n",
        "a.png;1482\n\nb.png;3606",
        "\ufefffilename,text\n a.png , 1482 \n./b.png,3606",
        "id,text,filename\n1,1482,a.png\n2,3606,b.png",
        '"a.png","1482"\n"b.png","3606"',
    ],
)
def test_a_table_of_labels_is_read_with_any_separator_with_or_without_a_heading(table: str) -> None:
    assert read_label_table(table) == {"a.png": "1482", "b.png": "3606"}


def test_a_quoted_text_may_hold_the_separator() -> None:
    assert read_label_table('a.png,"1,2"\nb.png,"""x"""') == {"a.png": "1,2", "b.png": '"x"'}


def test_a_row_that_says_the_same_again_changes_nothing() -> None:
    assert read_label_table("a.png,1\na.png,1") == {"a.png": "1"}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("", "no rows"),
        ("filename,text\n", "no rows"),
        ("a.png,1\nb.png\n", "Line 2 .* has no file name and text: 'b.png'"),
        ("a.png,1\n,2\n", "Line 2"),
        ("a.png,1\na.png,2\n", "Line 2 .* gives 'a.png' the text '2', an earlier line '1'"),
        ("a.png," + "1" * 200_000, "Line 1 .* cannot be read"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_the_line(table: str, says: str) -> None:
    with pytest.raises(InvalidLabelTable, match=says):
        read_label_table(table)


@given(st.text())
def test_any_table_is_read_or_refused_with_a_sentence(table: str) -> None:
    try:
        assert read_label_table(table)
    except InvalidLabelTable as error:
        assert str(error).endswith(".")


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
