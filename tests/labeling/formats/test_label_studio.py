"""Label Studio's tasks, as it exports and imports them."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.formats.entries import BadEntry, Entry, Said
from labeling.formats.label_studio import entry_from_task, is_task, task_of, write_tasks
from labeling.formats.readers import read_entries
from labeling.formats.records import data_uri
from tests.labeling.formats.pictures import picture

texts = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=8)


def annotation(kind: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"result": [{"from_name": "x", "to_name": "image", "type": kind, "value": value}], **more}


def entry(*annotations: dict[str, Any], image: str = "a.png", **more: Any) -> Entry:
    found = entry_from_task(
        {"id": 1, "data": {"image": image, **more}, "annotations": list(annotations)}, "x"
    )
    assert isinstance(found, Entry)
    return found


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("textarea", {"text": ["1482"]}),
        ("textarea", {"text": "1482"}),
        ("choices", {"choices": ["1482"]}),
        ("labels", {"labels": ["1482"]}),
        ("rectanglelabels", {"rectanglelabels": ["1482"], "x": 0, "y": 0}),
    ],
)
def test_texts_choices_and_labels_are_read(kind: str, value: dict[str, Any]) -> None:
    assert entry(annotation(kind, value)).said == (Said("1482"),)


def test_characters_labelled_one_by_one_are_read_from_left_to_right() -> None:
    results = [
        {"type": "rectanglelabels", "value": {"rectanglelabels": [character], "x": x}}
        for character, x in (("b", 40.5), ("a", 3), ("c", 80))
    ]
    assert entry({"result": results}).said == (Said("abc"),)


def test_a_typed_text_says_more_than_the_labels_beside_it() -> None:
    results = [
        {"type": "rectanglelabels", "value": {"rectanglelabels": ["word"], "x": 1}},
        {"type": "textarea", "value": {"text": ["ab"], "x": 1}},
    ]
    assert entry({"result": results}).said == (Said("ab"),)


def test_each_annotator_is_heard_and_the_ground_truth_comes_last() -> None:
    found = entry(
        annotation("textarea", {"text": ["3"]}, ground_truth=True),
        annotation("textarea", {"text": ["1"]}, completed_by={"email": "mia@example.com"}),
        annotation("textarea", {"text": ["2"]}, completed_by=7),
        {"result": [], "was_cancelled": True, "completed_by": {"email": "ada@example.com"}},
    )
    assert found.said == (
        Said("1", "mia@example.com"), Said("2", "Label Studio user 7"), Said("", "ada@example.com"), Said("3"),
    )  # fmt: skip


def test_predictions_are_no_annotations_and_drafts_say_nothing() -> None:
    task = {
        "data": {"image": "a.png"},
        "predictions": [annotation("textarea", {"text": ["1"]})],
        "annotations": [],
    }
    found = entry_from_task(task, "x")
    assert isinstance(found, Entry)
    assert found.said == ()


def test_without_annotations_the_text_of_the_data_counts() -> None:
    assert entry(text="1482").said == (Said("1482"),)


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("a.png", "a.png"),
        ("/data/upload/3/0a1b2c3d-a.png", "a.png"),
        ("/data/local-files/?d=images/a%20b.png", "images/a b.png"),
        ("s3://bucket/captchas/a.png", "captchas/a.png"),
        ("https://example.com/deep/a.png?token=x", "deep/a.png"),
    ],
)
def test_the_picture_is_meant_by_the_file_name_in_its_address(image: str, name: str) -> None:
    assert entry(image=image).name == name


def test_the_picture_is_found_under_another_key_than_image() -> None:
    found = entry_from_task({"data": {"captcha": "/data/upload/3/0a1b2c3d-a.png"}}, "x")
    assert found.name == "a.png"


def test_a_task_without_a_picture_says_what_it_needs() -> None:
    found = entry_from_task({"data": {"url": 3}}, "tasks.json, entry 1")
    assert isinstance(found, BadEntry)
    assert "data.image" in found.message


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["image", "result", "value", "text", "type", "completed_by", "x", "labels"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(json_values, json_values)
def test_any_task_is_an_entry_or_says_why_not(data: Any, annotations: Any) -> None:
    task = {"data": data, "annotations": annotations}
    if is_task(task):
        found = entry_from_task(task, "x")
        assert isinstance(found, Entry) or found.message.endswith(".")


@given(
    st.lists(st.tuples(texts, st.binary(min_size=1, max_size=9)), max_size=5), st.booleans(), st.booleans()
)
def test_what_is_written_is_read_back(
    wanted: list[tuple[str, bytes]], annotators: bool, is_inside: bool
) -> None:
    pictures = [picture(text, data=data, said=(Said("x", "Mia"),)) for text, data in wanted]
    target = io.StringIO()
    write_tasks(
        target,
        (
            task_of(
                each,
                number=n,
                address=data_uri(each) if is_inside else f"/d/?d=images/{n}.png",
                annotators=annotators,
            )
            for n, each in enumerate(pictures)
        ),
    )
    assert all(task["data"]["image"] for task in json.loads(target.getvalue()))
    entries = list(read_entries(io.BytesIO(target.getvalue().encode()), "tasks.json"))
    assert all(isinstance(each, Entry) for each in entries)
    assert [each.said[-1] for each in entries] == [Said(text) for text, _ in wanted]
    assert [each.data for each in entries] == [data if is_inside else None for _, data in wanted]
    assert all((Said("x", "Mia") in each.said) == annotators for each in entries)
