"""Pictures as JSON objects: what is said about one, and often the picture itself in base64.

    {"images": [{"name": "a1", "jpg_base64": "/9j/4AAQ...", "text": "1482"}]}

is such a file; JSON Lines hold one such object per line; the manifest of a dataset is such a file too, its pictures
beside it.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from labeling.formats.entries import BadEntry, Entry, Picture, Said
from labeling.formats.words import (
    ANNOTATOR_WORDS,
    HASH_WORDS,
    MAX_ANNOTATOR,
    NAME_WORDS,
    SPLIT_WORDS,
    TEXT_WORDS,
    printable,
    sha256_from,
)
from labeling.imaging.labels import clean_path, split_from_word

_BASE64 = "base64"
_DATA_URI = "data:image/"


class BrokenPicture(ValueError):
    """A picture in base64 that cannot be decoded; the message is a sentence for people."""


def entry_from_record(record: Any, where: str) -> Entry | BadEntry:
    """What an object says about a picture. Raises nothing about the object's content."""
    if not isinstance(record, Mapping):
        return BadEntry(where, f"This is no object with a name and a text but {_shown(record)}.")
    names = {word: record[word] for word in NAME_WORDS if word in record and not _is_picture(record[word])}
    name = printable(clean_path(_word(names, NAME_WORDS)))
    sha256 = sha256_from(_word(record, HASH_WORDS))
    try:
        data = _picture_in(record)
    except BrokenPicture as error:
        return BadEntry(name or where, str(error))
    if not (name or sha256 or data):
        return BadEntry(where, f"It names no picture: {_shown(record)}. Each object needs a name and a text.")
    return Entry(
        name=name or sha256,
        where=where,
        said=_said(record),
        title=printable(_word(record, ("name", "title"))),
        split=split_from_word(_word(record, SPLIT_WORDS)),
        sha256=sha256,
        data=data,
    )


def record_of(picture: Picture, *, name: str, annotators: bool = False) -> dict[str, Any]:
    """What is known about a picture, without the picture itself, as `entry_from_record` reads it."""
    record: dict[str, Any] = {"name": name, "sha256": picture.sha256}
    if picture.text:
        record["text"] = picture.text
    if annotators and picture.said:
        record["annotations"] = [{"text": said.text, "annotator": said.annotator} for said in picture.said]
    return record


def write_records(target: TextIO, pictures: Iterable[Picture], *, annotators: bool) -> None:
    """Write {"images": [...]} with each picture in base64, one after the other."""
    target.write('{"images":[')
    for number, picture in enumerate(pictures):
        record = record_of(picture, name=picture.name, annotators=annotators)
        record[f"{picture.extension}_{_BASE64}"] = base64.b64encode(picture.read()).decode()
        target.write(",\n" if number else "\n")
        target.write(json.dumps(record, ensure_ascii=False))
    target.write("\n]}\n")


def write_lines(target: TextIO, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON Lines."""
    for row in rows:
        target.write(json.dumps(row, ensure_ascii=False) + "\n")


def data_uri(picture: Picture) -> str:
    """A picture as an address that holds it."""
    kind = {"jpg": "jpeg", "tif": "tiff", "ppm": "x-portable-pixmap"}.get(
        picture.extension, picture.extension
    )
    return f"{_DATA_URI}{kind};{_BASE64},{base64.b64encode(picture.read()).decode()}"


def picture_from_data_uri(address: str) -> bytes | None:
    """The picture that an address holds, or None where it only points at one.

    Raises BrokenPicture.
    """
    head, comma, content = address.partition(",")
    if not head.startswith(_DATA_URI) or not comma:
        return None
    if not head.endswith(f";{_BASE64}"):
        raise BrokenPicture("Its picture is no base64; export it again.")
    return _decoded(content)


def text_from(value: Any) -> str:
    """A text as files write it: a string, a whole number, or a list with one of these."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def _picture_in(record: Mapping[str, Any]) -> bytes | None:
    for key, value in record.items():
        if isinstance(value, str) and key.lower().endswith(_BASE64):
            return picture_from_data_uri(value) or _decoded(value)
        if _is_picture(value):
            return picture_from_data_uri(value)
    return None


def _is_picture(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_DATA_URI)


def _decoded(text: str) -> bytes:
    try:
        data = binascii.a2b_base64(text.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        raise BrokenPicture(
            "Its picture is damaged: the base64 cannot be decoded. Export it again."
        ) from None
    if not data:
        raise BrokenPicture("Its picture is empty. Export it again.")
    return data


def _said(record: Mapping[str, Any]) -> tuple[Said, ...]:
    """What each annotator said and then, so that it counts most, the agreed text."""
    annotations = record.get("annotations")
    said = [
        Said(text_from(one.get("text")), annotator)
        for one in (annotations if isinstance(annotations, list) else [])
        if isinstance(one, Mapping) and (annotator := printable(_word(one, ANNOTATOR_WORDS))[:MAX_ANNOTATOR])
    ]
    if text := _word(record, TEXT_WORDS):
        said.append(Said(text, printable(_word(record, ANNOTATOR_WORDS))[:MAX_ANNOTATOR]))
    return tuple(said)


def _word(record: Mapping[str, Any], words: Iterable[str]) -> str:
    """The first of these keys that has a text."""
    return next((text for word in words if (text := text_from(record.get(word)))), "")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:60] + "…"
