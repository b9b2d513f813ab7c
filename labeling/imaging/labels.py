"""Finding the text of an image in its name, its folder or a table, and checking that a project can use it."""

import csv
import re
import unicodedata
from pathlib import PurePosixPath

_COPY = re.compile(r"(?<=.)\s*\(\d+\)$")
_NUMBER = re.compile(r"(?<=.)[_-]\d+$")

_NAME_HEADINGS = {"filename", "file", "file_name", "name", "image", "path"}
_TEXT_HEADINGS = {"text", "label", "labels", "value", "words", "solution"}


class InvalidText(ValueError):
    """A text that a project cannot use; the message is a sentence for people."""


class InvalidLabelTable(ValueError):
    """A table of labels that cannot be read; the message is a sentence for people."""


def text_from_file_name(name: str) -> str:
    """The text in a file name: its stem, without the number that tells images of the same text apart.

    That number is ` (1)` as operating systems add it to copies, `_1` or `-1`: "7/ab12_3 (1).png" reads
    "ab12".
    """
    stem = PurePosixPath(clean_path(name)).stem
    return _NUMBER.sub("", _COPY.sub("", stem))


def text_from_folder(name: str) -> str:
    """The text in the folder a file lies in: "train/7/x.png" reads "7".

    Raises InvalidText for a file that lies in no folder.
    """
    folder = PurePosixPath(clean_path(name)).parent.name
    if not folder:
        raise InvalidText("the file lies in no folder, so no folder names its text.")
    return folder


def read_label_table(text: str) -> dict[str, str]:
    """File name -> text from a table with one image per row, separated by commas, semicolons or tabs.

    A first row that names its columns (filename and text, or the like) may put them in any order among
    others; without one, the first column is the file name and the second the text. Texts are not checked
    here.

    Raises InvalidLabelTable where there are no rows, a row is too short, or two rows give one file different
    texts.
    """
    text = text.removeprefix("\ufeff")
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first_line.count)
    reader = csv.reader(text.splitlines(), delimiter=separator)
    labels: dict[str, str] = {}
    name_column, text_column = 0, 1
    heading_possible = True
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if heading_possible:
                heading_possible = False
                if (columns := _columns(cells)) is not None:
                    name_column, text_column = columns
                    continue
            if len(cells) <= max(name_column, text_column) or not cells[name_column]:
                raise InvalidLabelTable(
                    f"Line {reader.line_num} of the table of labels has no file name and text: "
                    f"{','.join(row)[:60]!r}. Each line needs both, with a comma, semicolon or tab between."
                )
            name, label = clean_path(cells[name_column]), cells[text_column]
            if labels.setdefault(name, label) != label:
                raise InvalidLabelTable(
                    f"Line {reader.line_num} of the table of labels gives {name!r} the text {label!r}, an "
                    f"earlier line {labels[name]!r}. Keep the right one."
                )
    except csv.Error as error:
        raise InvalidLabelTable(
            f"Line {reader.line_num} of the table of labels cannot be read: {error}."
        ) from error
    if not labels:
        raise InvalidLabelTable("The table of labels has no rows. Each line needs a file name and a text.")
    return labels


def check_text(text: str, alphabet: str, min_length: int, max_length: int, case_sensitive: bool) -> str:
    """The text as a project with this alphabet writes it.

    Spaces around it are dropped and composed characters unified (NFC). Where case does not matter, each
    character takes the case it has in the alphabet (the first one, where the alphabet has both).

    Raises InvalidText for an empty text, a character outside the alphabet, or a length outside the range.
    """
    written = unicodedata.normalize("NFC", text).strip()
    if not written:
        raise InvalidText("there is no text.")
    if not case_sensitive:
        cases: dict[str, str] = {}
        for character in alphabet:
            cases.setdefault(character.casefold(), character)
        written = "".join(cases.get(character.casefold(), character) for character in written)
    shown = written if len(written) <= 40 else written[:40] + "…"
    for character in written:
        if character not in alphabet:
            raise InvalidText(f"{shown!r} has {character!r}, which is not in the alphabet.")
    if not min_length <= len(written) <= max_length:
        expected = str(min_length) if min_length == max_length else f"{min_length} to {max_length}"
        raise InvalidText(f"{shown!r} has {len(written)} characters; the project expects {expected}.")
    return written


def clean_path(name: str) -> str:
    """A file name with `/` between folders whatever system wrote it, no leading `./`, and composed characters
    (NFC).

    macOS writes decomposed characters into names; labels typed by people are composed.
    """
    return unicodedata.normalize("NFC", name.replace("\\", "/")).removeprefix("./")


def _columns(cells: list[str]) -> tuple[int, int] | None:
    """Which columns hold file name and text, where a row is a heading."""
    headings = [cell.casefold() for cell in cells]
    names = [index for index, heading in enumerate(headings) if heading in _NAME_HEADINGS]
    texts = [index for index, heading in enumerate(headings) if heading in _TEXT_HEADINGS]
    return (names[0], texts[0]) if names and texts else None
