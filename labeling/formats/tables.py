"""Tables with a picture per row: CSV, TSV, or semicolons between the columns."""

import csv
import itertools
from collections.abc import Iterator, Mapping
from typing import BinaryIO, TextIO

from labeling.formats.entries import BadEntry, Entry, Said
from labeling.formats.lines import BrokenLines, lines_of
from labeling.formats.words import (
    ANNOTATOR_WORDS,
    HASH_WORDS,
    NAME_WORDS,
    SPLIT_WORDS,
    TEXT_WORDS,
    printable,
    sha256_from,
)
from labeling.imaging.labels import clean_path, split_from_word

HEADING = ("filename", "text", "sha256")
_COLUMNS = {
    "name": NAME_WORDS,
    "text": TEXT_WORDS,
    "sha256": HASH_WORDS,
    "split": SPLIT_WORDS,
    "annotator": ANNOTATOR_WORDS,
}


def read_table(file: BinaryIO, name: str) -> Iterator[Entry | BadEntry]:
    """What each row of a table says, whatever separates its columns.

    A first row that names its columns (filename and text, or the like; sha256, split and annotator if there are any)
    may put them in any order among others; without one, the first column is the file name and the second the text.
    Texts are not checked here; an empty one says nothing. Raises nothing about the table's content.
    """
    lines = lines_of(file)
    reader = None
    try:
        first = next((line for line in lines if line.strip()), "")
        separator = max(",;\t", key=first.count)
        reader = csv.reader(itertools.chain([first], lines), delimiter=separator)
        columns: Mapping[str, int] | None = None
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            where = f"{name}, line {reader.line_num}"
            if columns is None:
                columns, is_heading = _columns(cells)
                if is_heading:
                    continue
            yield _entry(cells, columns, where)
    except (csv.Error, BrokenLines) as error:
        line = reader.line_num if reader else 1
        yield BadEntry(f"{name}, line {line}", f"The table cannot be read from here on: {error}.")


def write_table(target: TextIO, rows: Iterator[tuple[str, str, str]], separator: str) -> None:
    """Write rows of (file name, text, SHA-256) with a heading, so that `read_table` reads them back."""
    writer = csv.writer(target, delimiter=separator, lineterminator="\n")
    writer.writerow(HEADING)
    writer.writerows(rows)


def _columns(cells: list[str]) -> tuple[Mapping[str, int], bool]:
    """Which column holds what, and whether this first row says so."""
    headings = [cell.casefold() for cell in cells]
    found = {
        what: headings.index(word)
        for what, words in _COLUMNS.items()
        if (word := next((word for word in words if word in headings), None))
    }
    if "text" in found and ("name" in found or "sha256" in found):
        return found, True
    return {"name": 0, "text": 1}, False


def _entry(cells: list[str], columns: Mapping[str, int], where: str) -> Entry | BadEntry:
    def cell(what: str) -> str:
        index = columns.get(what)
        return "" if index is None or index >= len(cells) else cells[index]

    name, sha256 = printable(clean_path(cell("name"))), sha256_from(cell("sha256"))
    if len(cells) <= columns["text"] or not (name or sha256):
        return BadEntry(
            where,
            f"There is no file name and text in {','.join(cells)[:60]!r}. "
            "A line needs both, with a comma, semicolon or tab between.",
        )
    text = cell("text")
    return Entry(
        name=name or sha256,
        where=where,
        said=(Said(text, printable(cell("annotator"))),) if text else (),
        split=split_from_word(cell("split")),
        sha256=sha256,
    )
