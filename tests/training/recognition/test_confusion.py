import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.intervals import Share
from training.recognition.confusion import NOTHING, Confusion, Mistake, align
from training.recognition.metrics import edit_distance

texts = st.text("abc", max_size=6)
pairs = st.lists(st.tuples(texts, texts), max_size=12)


@pytest.mark.parametrize(
    ("truth", "reading", "aligned"),
    [
        ("abc", "abc", [("a", "a"), ("b", "b"), ("c", "c")]),
        ("abc", "axc", [("a", "a"), ("b", "x"), ("c", "c")]),
        ("abc", "ac", [("a", "a"), ("b", NOTHING), ("c", "c")]),
        ("ac", "abc", [("a", "a"), (NOTHING, "b"), ("c", "c")]),
        ("1234", "234", [("1", NOTHING), ("2", "2"), ("3", "3"), ("4", "4")]),
        ("ab", "", [("a", NOTHING), ("b", NOTHING)]),
    ],
)
def test_characters_are_paired_along_the_shortest_edit(
    truth: str, reading: str, aligned: list[tuple[str, str]]
) -> None:
    assert align(truth, reading) == aligned


@given(texts, texts)
def test_an_alignment_spells_both_texts_and_costs_their_edit_distance(truth: str, reading: str) -> None:
    aligned = align(truth, reading)
    assert "".join(written for written, _ in aligned) == truth
    assert "".join(read for _, read in aligned) == reading
    assert sum(written != read for written, read in aligned) == edit_distance(truth, reading)


@given(pairs)
def test_every_character_is_counted_once(readings: list[tuple[str, str]]) -> None:
    confusion = Confusion.between([truth for truth, _ in readings], [read for _, read in readings])
    written = confusion.written()
    assert sum(written.values()) == sum(confusion.counts.values())
    for character in "abc":
        assert written.get(character, 0) == sum(truth.count(character) for truth, _ in readings)
    added = sum(count for (each, _), count in confusion.counts.items() if each == NOTHING)
    missed = sum(count for (_, each), count in confusion.counts.items() if each == NOTHING)
    assert added - missed == sum(len(read) - len(truth) for truth, read in readings)


@given(pairs)
def test_a_matrix_survives_json(readings: list[tuple[str, str]]) -> None:
    confusion = Confusion.between([truth for truth, _ in readings], [read for _, read in readings])
    assert Confusion.from_json(json.loads(json.dumps(confusion.to_json()))) == confusion


def test_the_most_confused_characters_come_first() -> None:
    confusion = Confusion.between(["1l", "1l", "0o"], ["ll", "ll", "0"])
    assert confusion.most_confused(5) == [Mistake("1", "l", 2, 2), Mistake("o", NOTHING, 1, 1)]
    assert confusion.most_confused(1) == [Mistake("1", "l", 2, 2)]


def test_the_least_accurate_characters_come_first() -> None:
    confusion = Confusion.between(["aab", "abb"], ["aab", "xbb"])
    assert confusion.characters() == {"a": Share(2, 3), "b": Share(3, 3)}
    assert list(confusion.characters()) == ["a", "b"]


def test_of_equally_accurate_characters_the_commoner_comes_first() -> None:
    assert list(Confusion.between(["abb"], ["abb"]).characters()) == ["b", "a"]
