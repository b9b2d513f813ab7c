"""The files that people hand over, archives unpacked on the fly, and the labels they come with."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from labeling.imaging.archives import (
    Member,
    RejectedMember,
    is_archive,
    iterate_archive,
)
from labeling.imaging.labels import (
    InvalidText,
    check_text,
    text_from_file_name,
    text_from_folder,
)
from labeling.models import LabelSource, Project

TABLE_SUFFIXES = (".csv", ".tsv")


def members_of(file: BinaryIO, name: str) -> Iterator[Member | RejectedMember]:
    """Yield the members of an archive, or the one file itself."""
    if is_archive(name):
        yield from iterate_archive(file, name)
    else:
        yield Member(name, file.read())


def is_label_table(name: str) -> bool:
    """Whether a file's name says that it is a table of labels."""
    return name.lower().endswith(TABLE_SUFFIXES)


def label_of(project: Project, source: str, name: str, table: Mapping[str, str] | None) -> str:
    """Return the text that a label source gives a file, empty where it gives none.

    Args:
        table: file name -> text, where the labels come from a table.

    Raises:
        InvalidText: the label does not fit the project, or is missing.
    """
    if source == LabelSource.NONE:
        return ""
    if source == LabelSource.FILENAME:
        text = text_from_file_name(name)
    elif source == LabelSource.FOLDER:
        text = text_from_folder(name)
    else:
        assert table is not None
        found = table.get(name) or table.get(name.rsplit("/", 1)[-1])
        if found is None:
            raise InvalidText("the table of labels has no row for this file.")
        text = found
    return check_text(
        text,
        project.alphabet,
        project.min_length,
        project.max_length,
        project.case_sensitive,
    )
