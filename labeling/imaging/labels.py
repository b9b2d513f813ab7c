"""Texts in the names of files and folders, both ways, and checking that a project can use a text."""

import re
import unicodedata
from pathlib import PurePosixPath

_COPY = re.compile(r"(?<=.)\s*\(\d+\)$")
_NUMBER = re.compile(r"(?<=.)[_-]\d+$")

# No file may be called so, whatever its suffix: on Windows these are devices.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
# What no file name may hold on one system or another, and the sign that writes it; a name does not start with a dot.
_UNWRITABLE = re.compile(r"""[%/\\:*?"<>|\x00-\x1f\x7f]|^\.|\.$""")
_ESCAPED = re.compile(r"%(?:2[25AEF]|3[ACEF]|5C|7[CF]|[01][0-9A-F])")
_ESCAPED_WHOLLY = re.compile(r"(?:%[0-9A-F]{2})+")

_SPLITS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing"),
}
_SPLIT_OF = {word: split for split, words in _SPLITS.items() for word in words}


class InvalidText(ValueError):
    """A text that a project cannot use; the message is a sentence for people."""


def text_from_file_name(name: str) -> str:
    """The text in a file name: its stem, without the number that tells images of the same text apart.

    That number is ` (1)` as operating systems add it to copies, `_1` or `-1`: "7/ab12_3 (1).png" reads
    "ab12". Characters that no file name may hold are read back as `stem_of_text` writes them.
    """
    stem = PurePosixPath(clean_path(name)).stem
    return _unescape(_NUMBER.sub("", _COPY.sub("", stem)))


def stem_of_text(text: str, number: int) -> str:
    """The `number`-th (from 1) stem of a file name that `text_from_file_name` reads as this text.

    Characters that no file name may hold are written as in addresses, `%2F` for a slash.
    """
    stem = _escape(text)
    if number == 1 and not _DEVICE.fullmatch(stem) and text_from_file_name(f"{stem}.png") == text:
        return stem
    return f"{stem}_{number}"


def text_from_folder(name: str) -> str:
    """The text in the folder a file lies in: "train/7/x.png" reads "7".

    Raises InvalidText for a file that lies in no folder.
    """
    folder = PurePosixPath(clean_path(name)).parent.name
    if not folder:
        raise InvalidText("the file lies in no folder, so no folder names its text.")
    return _unescape(folder)


def folder_of_text(text: str, alphabet: str) -> str:
    """The folder that `text_from_folder` reads as this text.

    `a` and `A` are one folder on some systems: where the alphabet has a letter in both cases, a text with
    capitals is written as in addresses, `%41` for A.
    """
    both_cases = any(letter != letter.lower() and letter.lower() in alphabet for letter in text)
    if both_cases or _DEVICE.fullmatch(text):
        return "".join(f"%{byte:02X}" for byte in text.encode())
    return _escape(text)


def split_from_path(name: str, *, names_text: bool) -> str:
    """The split that the folders of a file name, "train", "validation" or "test", or an empty string.

    With `names_text` the innermost folder is the text: "test/7/x.png" is for testing. Folders further in come
    first.
    """
    folders = PurePosixPath(clean_path(name)).parts[: -2 if names_text else -1]
    return next((split for folder in reversed(folders) if (split := split_from_word(folder))), "")


def split_from_word(word: str) -> str:
    """The split that a word means: "val" is "validation"; empty where it means none."""
    return _SPLIT_OF.get(word.strip().casefold(), "")


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


def _escape(text: str) -> str:
    return _UNWRITABLE.sub(lambda match: f"%{ord(match[0]):02X}", text)


def _unescape(name: str) -> str:
    if _ESCAPED_WHOLLY.fullmatch(name):
        try:
            return bytes.fromhex(name.replace("%", "")).decode()
        except UnicodeDecodeError:
            return name
    return _ESCAPED.sub(lambda match: chr(int(match[0][1:], 16)), name)
