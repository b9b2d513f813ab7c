"""Tasks with annotations as Label Studio exports and imports them.

The format: https://labelstud.io/guide/task_format and, for what a task needs at least,
https://labelstud.io/guide/tasks#Basic-Label-Studio-JSON-format. What a result's value holds depends on its control:
`value.text` for TextArea (https://labelstud.io/tags/textarea), `value.choices` for Choices, and for the controls that
mark regions a list under the name of the result's type, such as `value.rectanglelabels`.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO
from urllib.parse import parse_qs, unquote, urlsplit

from labeling.formats.entries import BadEntry, Entry, Picture, Said
from labeling.formats.records import BrokenPicture, picture_from_data_uri, text_from
from labeling.formats.words import MAX_ANNOTATOR, printable, sha256_from
from labeling.imaging.labels import clean_path

CONFIGURATION = (
    '<View><Image name="image" value="$image"/>'
    '<TextArea name="text" toName="image" maxSubmissions="1" editable="true"/></View>'
)
"""The labelling interface that exported tasks are made for."""

# Label Studio puts eight hex digits before the names of uploaded files.
_UPLOAD = re.compile(r"^[0-9a-f]{8}-(?=.)")
_PICTURE = re.compile(r"\.(png|jpe?g|gif|bmp|webp|tiff?|ppm)$", re.IGNORECASE)
# A typed text says more than a choice, a choice more than the label of a region.
_KINDS = (("textarea", "text"), ("choices", "choices"), ("labels", None))


def is_task(value: Any) -> bool:
    """Whether a JSON object looks like a task."""
    return isinstance(value, Mapping) and isinstance(value.get("data"), Mapping)


def entry_from_task(task: Mapping[str, Any], where: str) -> Entry | BadEntry:
    """What a task says about its picture: every annotator's text, skipped ones as an empty text.

    Predictions are left out: they are no annotations. Without an annotation `data.text` is the text.
    """
    data = task["data"]
    address = _address(data)
    try:
        picture = picture_from_data_uri(address)
    except BrokenPicture as error:
        return BadEntry(where, str(error))
    named = text_from(data.get("name")) or text_from(data.get("filename"))
    name = named if picture else _name_in(address) or named
    if not (name or picture):
        return BadEntry(where, "The task names no picture: it needs data.image.")
    return Entry(
        name=printable(clean_path(name)) or f"task {text_from(task.get('id')) or where}",
        where=where,
        said=_said(task) or _text_of_data(data),
        title=printable(named),
        sha256=sha256_from(data.get("sha256")),
        data=picture,
    )


def write_tasks(target: TextIO, tasks: Iterable[Mapping[str, Any]]) -> None:
    """Write tasks as one JSON list, one after the other."""
    target.write("[")
    for number, task in enumerate(tasks):
        target.write(",\n" if number else "\n")
        target.write(json.dumps(task, ensure_ascii=False))
    target.write("\n]\n")


def task_of(picture: Picture, *, number: int, address: str, annotators: bool) -> dict[str, Any]:
    """An image as a task.

    The agreed text is the annotation marked as ground truth; with `annotators` each of theirs comes before it.

    Args:
        number: a whole number that no other task has.
        address: the picture itself as a data URI, or where Label Studio finds it.
    """
    annotations = [_annotation(said) for said in picture.said] if annotators else []
    if picture.text:
        annotations.append(_annotation(Said(picture.text)) | {"ground_truth": True})
    return {
        "id": number,
        "data": {"image": address, "name": picture.name, "sha256": picture.sha256},
        "annotations": annotations,
    }


def _annotation(said: Said) -> dict[str, Any]:
    result = {"from_name": "text", "to_name": "image", "type": "textarea", "value": {"text": [said.text]}}
    annotation: dict[str, Any] = {"result": [result] if said.text else [], "was_cancelled": not said.text}
    if said.annotator:
        annotation["completed_by"] = {"email": said.annotator}
    return annotation


def _address(data: Mapping[str, Any]) -> str:
    """What the task shows: `data.image` or, as people choose that name, the first value that looks like a picture."""
    values = [value for value in (data.get("image"), *data.values()) if isinstance(value, str)]
    looks = [value for value in values if value.startswith("data:image/") or _PICTURE.search(_path_in(value))]
    return next(iter(looks), text_from(data.get("image")))


def _path_in(address: str) -> str:
    """The path in an address: of `/data/local-files/?d=a/b.png` it is a/b.png."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    wanted = parse_qs(parts.query).get("d")
    return wanted[0] if wanted else unquote(parts.path)


def _name_in(address: str) -> str:
    path = clean_path(_path_in(address)).lstrip("/")
    is_upload = "upload" in path.split("/")
    return _UPLOAD.sub("", path.rsplit("/", 1)[-1]) if is_upload else path


def _said(task: Mapping[str, Any]) -> tuple[Said, ...]:
    """What each annotation says, the ground truth last: it counts most."""
    annotations = task.get("annotations", task.get("completions"))
    if not isinstance(annotations, list):
        return ()
    whole = [one for one in annotations if isinstance(one, Mapping)]
    whole.sort(key=lambda one: one.get("ground_truth") is True)
    said = [(_text_in(one), _annotator(one), one.get("was_cancelled") is True) for one in whole]
    return tuple(
        Said("" if skipped else text, annotator) for text, annotator, skipped in said if text or skipped
    )


def _text_in(annotation: Mapping[str, Any]) -> str:
    results = annotation.get("result")
    values = [
        (str(result.get("type")), result["value"])
        for result in (results if isinstance(results, list) else [])
        if isinstance(result, Mapping) and isinstance(result.get("value"), Mapping)
    ]
    for kind, key in _KINDS:
        found = [
            (value.get("x"), text)
            for type_, value in values
            if type_.endswith(kind) and (text := _first_text(value.get(key or type_)))
        ]
        if found:
            return "".join(text for _, text in _in_reading_order(found))
    return ""


def _in_reading_order(found: Sequence[tuple[Any, str]]) -> Sequence[tuple[Any, str]]:
    """Characters that were labelled one by one stand from left to right."""
    if all(isinstance(x, int | float) for x, _ in found):
        return sorted(found, key=lambda pair: pair[0])
    return found[:1]


def _first_text(value: Any) -> str:
    return text_from(value[:1] if isinstance(value, list) else value)


def _annotator(annotation: Mapping[str, Any]) -> str:
    who = annotation.get("completed_by")
    if isinstance(who, Mapping):
        name = text_from(who.get("email")) or text_from(who.get("username")) or text_from(who.get("id"))
    else:
        name = text_from(who)
    return printable(f"Label Studio user {name}" if name.isdecimal() else name)[:MAX_ANNOTATOR]


def _text_of_data(data: Mapping[str, Any]) -> tuple[Said, ...]:
    text = text_from(data.get("text"))
    return (Said(text),) if text else ()
