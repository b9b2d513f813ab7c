"""Tables of labels: any separator, with or without a heading, and rows that cannot be used."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.formats.entries import BadEntry, Entry
from labeling.formats.tables import read_table, write_table


def read(table: str | bytes) -> list[Entry | BadEntry]:
    data = table if isinstance(table, bytes) else table.encode("utf-8", "surrogatepass")
    return list(read_table(io.BytesIO(data), "labels.csv"))


def texts(table: str) -> dict[str, Any]:
    return {
        entry.name: entry.said[-1].text if entry.said else ""
        for entry in read(table)
        if isinstance(entry, Entry)
    }


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
def test_a_table_is_read_with_any_separator_with_or_without_a_heading(table: str) -> None:
    assert texts(table) == {"a.png": "1482", "b.png": "3606"}


def test_a_quoted_text_may_hold_the_separator() -> None:
    assert texts('a.png,"1,2"\nb.png,"""x"""') == {"a.png": "1,2", "b.png": '"x"'}


def test_a_row_without_a_text_says_nothing() -> None:
    assert texts("a.png,\nb.png,3") == {"a.png": "", "b.png": "3"}


def test_further_columns_name_the_bytes_the_split_and_the_annotator() -> None:
    [entry] = read(f"filename,text,sha256,split,annotator\na.png,12,{'AB' * 32},val,Mia")
    assert isinstance(entry, Entry)
    assert (entry.sha256, entry.split, entry.said[0].annotator) == ("ab" * 32, "validation", "Mia")


def test_a_short_row_is_told_by_its_line_and_the_others_go_through() -> None:
    first, bad, last = read("a.png,1\nb.png\nc.png,3\n")
    assert isinstance(bad, BadEntry)
    assert bad.name == "labels.csv, line 2"
    assert "no file name and text in 'b.png'" in bad.message
    assert (first.name, last.name) == ("a.png", "c.png")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("a.png,1\nb.png," + "1" * 200_000, "field larger than field limit"),
        ('a.png,1\n"b.png,' + "\n" * 200_000, "field larger than field limit"),
        ("filename,text\na.png,1\n".encode("utf-16"), "UTF-16"),
        (b"x" * (17 * 2**20), "more than 16 MB"),
    ],
)
def test_what_comes_before_damage_is_read_and_the_damage_is_told(table: str | bytes, says: str) -> None:
    *_, last = read(table)
    assert isinstance(last, BadEntry)
    assert says in last.message


def test_an_empty_table_says_nothing() -> None:
    assert read("") == []
    assert read("filename,text\n") == []


@given(st.text())
def test_any_table_is_read_or_told_about_with_a_sentence(table: str) -> None:
    for entry in read(table):
        assert isinstance(entry, Entry) or entry.message.endswith(".")


written = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@given(
    st.dictionaries(written.filter(lambda name: name == name.strip() and not name.startswith(".")), written),
    st.sampled_from(",\t"),
)
def test_what_is_written_is_read_back(labels: dict[str, str], separator: str) -> None:
    import unicodedata

    labels = {unicodedata.normalize("NFC", name): text.strip() for name, text in labels.items()}
    labels = {name: text for name, text in labels.items() if text and "\\" not in name}
    target = io.StringIO()
    write_table(target, ((name, text, "ab" * 32) for name, text in labels.items()), separator)
    assert texts(target.getvalue()) == labels
