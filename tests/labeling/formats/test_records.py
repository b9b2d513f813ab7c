"""Pictures as JSON objects."""

import base64
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.formats.entries import BadEntry, Entry, Said
from labeling.formats.readers import read_entries
from labeling.formats.records import data_uri, entry_from_record, picture_from_data_uri, write_records
from tests.labeling.formats.pictures import picture

names = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12)
texts = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=8)


def entry(record: Any) -> Entry:
    found = entry_from_record(record, "a.json, entry 1")
    assert isinstance(found, Entry)
    return found


def problem(record: Any) -> str:
    found = entry_from_record(record, "a.json, entry 1")
    assert isinstance(found, BadEntry)
    return found.message


def test_a_picture_in_base64_comes_with_its_name_and_text() -> None:
    found = entry({"name": "4736d0", "jpg_base64": "/9j/", "text": "ab12"})
    assert (found.name, found.data, found.said) == ("4736d0", b"\xff\xd8\xff", (Said("ab12"),))


@pytest.mark.parametrize("key", ["png_base64", "base64", "image_base64"])
def test_the_picture_lies_under_any_key_that_says_base64(key: str) -> None:
    assert entry({"name": "a", key: "AAEC"}).data == b"\x00\x01\x02"


def test_a_data_uri_is_a_picture_and_no_name() -> None:
    found = entry({"image": "data:image/png;base64,AAEC", "name": "a"})
    assert (found.name, found.data) == ("a", b"\x00\x01\x02")


def test_a_file_beside_is_meant_by_its_path_and_called_by_its_name() -> None:
    found = entry({"file": "images/0a.png", "name": "ticket.png", "text": 1482, "split": "val"})
    assert (found.name, found.title, found.split, found.said) == (
        "images/0a.png", "ticket.png", "validation", (Said("1482"),),
    )  # fmt: skip


def test_what_each_annotator_said_comes_before_the_agreed_text() -> None:
    annotations = [{"text": "1", "annotator": "Mia"}, {"text": "", "annotator": "Ada"}]
    found = entry({"name": "a", "text": "2", "annotations": annotations})
    assert found.said == (Said("1", "Mia"), Said("", "Ada"), Said("2"))


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (3, "no object"),
        ("x", "no object"),
        ([], "no object"),
        ({}, "names no picture"),
        ({"text": "12"}, "names no picture"),
        ({"name": "a", "jpg_base64": "ä"}, "damaged"),
        ({"name": "a", "jpg_base64": ""}, "empty"),
        ({"name": "a", "jpg_base64": "A"}, "damaged"),
        ({"name": "a", "image": "data:image/png,xx"}, "no base64"),
    ],
)
def test_an_object_that_cannot_be_used_says_why(record: Any, says: str) -> None:
    assert says in problem(record)


@given(st.dictionaries(st.sampled_from(["name", "text", "image", "x_base64", "annotations", "split"]), st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["text", "annotator"]), inner),
    max_leaves=4,
)))  # fmt: skip
def test_any_object_is_an_entry_or_says_why_not(record: dict[str, Any]) -> None:
    found = entry_from_record(record, "a.json, entry 1")
    assert isinstance(found, Entry) or found.message.endswith(".")


@given(st.lists(st.tuples(names, texts, st.binary(min_size=1, max_size=20)), max_size=5), st.booleans())
def test_what_is_written_is_read_back(wanted: list[tuple[str, str, bytes]], annotators: bool) -> None:
    said = (Said("1", "Mia"),)
    target = io.StringIO()
    write_records(
        target,
        (picture(text, name=name, data=data, said=said) for name, text, data in wanted),
        annotators=annotators,
    )
    entries = list(read_entries(io.BytesIO(target.getvalue().encode()), "all.json"))
    assert all(isinstance(each, Entry) for each in entries)
    assert [(each.said[-1].text, each.data) for each in entries] == [(text, data) for _, text, data in wanted]
    assert all(("Mia" in {one.annotator for one in each.said}) == annotators for each in entries)


def test_a_data_uri_is_read_back() -> None:
    assert picture_from_data_uri(data_uri(picture("1", data=b"abc", extension="jpg"))) == b"abc"
    assert picture_from_data_uri("https://example.com/a.png") is None


def test_a_manifest_of_a_newer_version_is_not_guessed_at() -> None:
    manifest = b'{"format": "captcha-workbench-dataset", "format_version": 2, "images": [{"name": "a", "text": "1"}]}'
    [found] = read_entries(io.BytesIO(manifest), "manifest.json")
    assert isinstance(found, BadEntry)
    assert "newer version" in found.message


def test_json_that_breaks_off_gives_what_comes_before() -> None:
    first, last = read_entries(io.BytesIO(b'{"images": [{"name": "a", "text": "1"}, {"na'), "all.json")
    assert isinstance(first, Entry)
    assert isinstance(last, BadEntry)
    assert "cannot be read from here on" in last.message


def test_a_very_long_list_is_read_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeling.formats.readers.MAX_ENTRIES", 2)
    lines = b'{"name": "a"}\n' * 3
    *_, last = read_entries(io.BytesIO(lines), "all.jsonl")
    assert isinstance(last, BadEntry)
    assert "more than 2 entries" in last.message


def test_base64_may_be_broken_into_lines() -> None:
    data = bytes(range(200))
    assert entry({"name": "a", "png_base64": base64.encodebytes(data).decode()}).data == data
