"""Reading any file that says what pictures read: its name tells the format, its content what is in it."""

import itertools
from collections.abc import Iterator
from typing import Any, BinaryIO

from labeling.formats.entries import BadEntry, Entry
from labeling.formats.json_documents import BrokenJson, JsonDocument, objects_of_lines
from labeling.formats.label_studio import entry_from_task, is_task
from labeling.formats.records import entry_from_record
from labeling.formats.tables import read_table

TABLE_SUFFIXES = (".csv", ".tsv")
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
LINES_SUFFIXES = (".jsonl", ".ndjson")

MAX_ENTRIES = 500_000
"""So many pictures one file may speak of."""

DATASET_FORMAT = "captcha-workbench-dataset"
DATASET_FORMAT_VERSION = 1
"""Under "format" and "format_version" in the manifest of a dataset."""


def is_table(name: str) -> bool:
    """Whether a file's name says that it is a table."""
    return name.lower().endswith(TABLE_SUFFIXES)


def is_json(name: str) -> bool:
    """Whether a file's name says that it is JSON or JSON Lines, which may hold pictures as well."""
    return name.lower().endswith(JSON_SUFFIXES)


def read_entries(file: BinaryIO, name: str) -> Iterator[Entry | BadEntry]:
    """What a table, JSON or JSON Lines file says about pictures, entry by entry in the order of the file.

    A file that is broken gives what comes before the damage, then a BadEntry. Raises nothing about the file's content.
    """
    if is_table(name):
        entries = read_table(file, name)
    elif name.lower().endswith(LINES_SUFFIXES):
        entries = _read_lines(file, name)
    else:
        entries = _read_document(file, name)
    yield from itertools.islice(entries, MAX_ENTRIES)
    if next(entries, None) is not None:
        yield BadEntry(name, f"It has more than {MAX_ENTRIES:,} entries; the rest was not read. Split it.")


def _read_lines(file: BinaryIO, name: str) -> Iterator[Entry | BadEntry]:
    try:
        for number, value in objects_of_lines(file):
            yield _entry(value, f"{name}, line {number}")
    except BrokenJson as error:
        yield _broken(name, error)


def _read_document(file: BinaryIO, name: str) -> Iterator[Entry | BadEntry]:
    document = JsonDocument(file)
    try:
        for number, value in enumerate(document.objects(), start=1):
            if document.header.get("format") == DATASET_FORMAT and not _is_known(document.header):
                yield BadEntry(
                    name, "A newer version wrote this dataset; update this site, then import it again."
                )
                return
            yield _entry(value, f"{name}, entry {number}")
    except BrokenJson as error:
        yield _broken(name, error)


def _is_known(header: dict[str, Any]) -> bool:
    version = header.get("format_version")
    return isinstance(version, int) and version <= DATASET_FORMAT_VERSION


def _entry(value: Any, where: str) -> Entry | BadEntry:
    return entry_from_task(value, where) if is_task(value) else entry_from_record(value, where)


def _broken(name: str, error: BrokenJson) -> BadEntry:
    return BadEntry(name, f"The JSON cannot be read from here on: {error}. Export or download it again.")
