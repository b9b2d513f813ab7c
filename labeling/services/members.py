"""The files that people hand over, archives unpacked on the fly, and the labels they come with."""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from labeling.formats.entries import Entry, Said
from labeling.formats.label_book import LabelBook
from labeling.imaging.archives import Member, RejectedMember, Wanted, is_archive, iterate_archive
from labeling.imaging.labels import (
    InvalidText,
    check_text,
    split_from_path,
    text_from_file_name,
    text_from_folder,
)
from labeling.models import LabelSource, Project


def members_of(
    file: BinaryIO, name: str, wanted: Wanted = lambda _: True
) -> Iterator[Member | RejectedMember]:
    """Yield the members of an archive, or the one file itself; those that are not wanted without their bytes."""
    if is_archive(name):
        yield from iterate_archive(file, name, wanted=wanted)
    else:
        yield Member(name, file.read() if wanted(name) else b"")


def label_of(project: Project, source: str, name: str, book: LabelBook) -> str:
    """Return the text that a label source gives a file, empty where it gives none.

    Raises:
        InvalidText: the label does not fit the project, or is missing, or its files contradict each other.
    """
    entry = book.find(name)
    if entry is not None:
        book.check(entry)
    said = labels_of(project, source, name, entry)
    return said[-1].text if said else ""


def labels_of(project: Project, source: str, name: str, entry: Entry | None) -> tuple[Said, ...]:
    """Return what each annotator said about a file, as the project writes it. What counts most comes last.

    Args:
        entry: what a table or the like says about it: that goes before the names of files and folders.

    Raises:
        InvalidText: a label does not fit the project, or is missing.
    """
    if source == LabelSource.NONE:
        return ()
    if entry is not None and entry.said:
        said = entry.said
    elif source == LabelSource.FILENAME:
        said = (Said(text_from_file_name(name)),)
    elif source == LabelSource.FOLDER:
        said = (Said(text_from_folder(name)),)
    elif entry is None:
        raise InvalidText("the tables have no row for this file.")
    else:
        return ()
    return tuple(replace(one, text=_checked(project, one)) for one in said)


def split_of(source: str, name: str, entry: Entry | None) -> str:
    """Return the split that a table or the folders of a file name put it into; empty where they name none."""
    if source == LabelSource.NONE:
        return ""
    if entry is not None and entry.split:
        return entry.split
    return split_from_path(name, names_text=source == LabelSource.FOLDER)


def _checked(project: Project, said: Said) -> str:
    if said.annotator and not said.text:
        # A person's own word that there is nothing to read.
        return ""
    return check_text(
        said.text, project.alphabet, project.min_length, project.max_length, project.case_sensitive
    )
