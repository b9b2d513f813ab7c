"""Finding what files say about pictures by the pictures' names."""

import pytest

from labeling.formats.entries import Entry, Said
from labeling.formats.label_book import LabelBook
from labeling.imaging.labels import InvalidText


def book(*entries: tuple[str, str, str]) -> LabelBook:
    found = LabelBook()
    for number, (name, text, annotator) in enumerate(entries, start=1):
        found.add(Entry(name, f"line {number}", (Said(text, annotator),)))
    return found


def text_of(book: LabelBook, name: str) -> str:
    entry = book.find(name)
    return entry.said[-1].text if entry else ""


def test_a_picture_is_found_under_its_path_the_end_of_it_or_its_name() -> None:
    labels = book(("a.png", "1", ""), ("x/b.png", "2", ""), ("deep/x/c.png", "3", ""))
    assert text_of(labels, "wrapped/a.png") == "1"
    assert text_of(labels, "wrapped\\x\\b.png") == "2"
    assert text_of(labels, "c.png") == "3"
    assert text_of(labels, "other.png") == ""


def test_a_name_that_two_paths_end_with_is_nobodys() -> None:
    labels = book(("x/a.png", "1", ""), ("y/a.png", "2", ""))
    assert text_of(labels, "a.png") == ""
    assert text_of(labels, "y/a.png") == "2"


def test_two_texts_for_one_picture_contradict_each_other() -> None:
    labels = book(("a.png", "1", ""), ("a.png", "2", ""))
    entry = labels.find("a.png")
    assert entry is not None
    with pytest.raises(InvalidText, match="line 1 and line 2 give"):
        labels.check(entry)


def test_the_same_text_again_and_texts_of_several_annotators_do_not() -> None:
    labels = book(("a.png", "1", ""), ("a.png", "1", ""), ("a.png", "2", "Mia"), ("a.png", "3", "Ada"))
    entry = labels.find("a.png")
    assert entry is not None
    labels.check(entry)
    assert entry.said == (Said("2", "Mia"), Said("3", "Ada"), Said("1"))
