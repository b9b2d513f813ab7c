"""JSON of strangers within bounds."""

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.formats.json_documents import BrokenJson, JsonDocument, objects_of_lines

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read(data: str | bytes) -> list[Any]:
    return list(JsonDocument(io.BytesIO(data if isinstance(data, bytes) else data.encode())).objects())


@given(st.lists(values, max_size=5))
def test_a_list_is_read_object_by_object(wanted: list[Any]) -> None:
    assert read(json.dumps(wanted)) == wanted
    assert read(json.dumps({"images": wanted})) == wanted


def test_what_stands_beside_the_list_is_the_header() -> None:
    document = JsonDocument(io.BytesIO(b'{"format": "x", "more": {"a": [1]}, "images": [1, 2], "end": 3}'))
    assert list(document.objects()) == [1, 2]
    assert document.header == {"format": "x", "more": {"a": [1]}, "end": 3}


def test_a_single_object_is_one_and_a_byte_order_mark_is_passed_over() -> None:
    assert read(b'\xef\xbb\xbf{"data": {"image": "a.png"}}') == [{"data": {"image": "a.png"}}]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("", "EOF"),
        ("[1, 2", "EOF"),
        ("[1] 2", "trailing"),
        ("[NaN]", "invalid"),
        ("[Infinity]", "invalid"),
        ("[" * 1000 + "]" * 1000, "levels deep"),
        ('{"images": [' + "[" * 100_000, "levels deep"),
        ("[[" + "0," * 200_000 + "0]]", "values"),
        ('["' + "x" * (18 * 2**20) + '"]', "MB"),
        (b"[\xff\xfe]", "invalid"),
        ("[1" + "0" * 5000 + "]", "overflow"),
    ],
)
def test_what_is_no_json_or_too_much_is_told(data: str | bytes, says: str) -> None:
    with pytest.raises(BrokenJson, match=says):
        read(data)


def test_a_string_of_a_gigabyte_fills_no_memory() -> None:
    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self.left = 2**30

        def read(self, size: int = -1) -> bytes:
            self.left -= size
            return b'["' if self.left + size == 2**30 else b"x" * size

    tracemalloc.start()
    with pytest.raises(BrokenJson, match="16 MB"):
        list(JsonDocument(Endless()).objects())  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 2**20


def test_objects_before_the_damage_are_given() -> None:
    found = JsonDocument(io.BytesIO(b'[{"a": 1}, {"a": 2}, {"a"')).objects()
    assert [next(found), next(found)] == [{"a": 1}, {"a": 2}]
    with pytest.raises(BrokenJson):
        next(found)


def test_json_lines_are_read_with_their_numbers() -> None:
    assert list(objects_of_lines(io.BytesIO(b'{"a": 1}\n\n{"a": 2}'))) == [(1, {"a": 1}), (3, {"a": 2})]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", r"\(line 2\)"),
        ("NaN", "NaN is no JSON"),
        ("[" * 100_000, "too deeply"),
        ("x" * 17 * 2**20, "16 MB"),
    ],
)
def test_a_broken_line_is_told_by_its_number(line: str, says: str) -> None:
    with pytest.raises(BrokenJson, match=says):
        list(objects_of_lines(io.BytesIO(f"1\n{line}\n".encode())))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_told_about(data: bytes) -> None:
    for read_all in (lambda: read(data), lambda: list(objects_of_lines(io.BytesIO(data)))):
        try:
            read_all()
        except BrokenJson as error:
            assert str(error)
