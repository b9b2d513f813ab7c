"""Formats that need no more than a project's images and their texts."""

import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, TextIO
from urllib.parse import quote

from django import forms

from labeling.formats.entries import Picture
from labeling.formats.label_studio import CONFIGURATION, task_of, write_tasks
from labeling.formats.names import names_by_name, names_by_text
from labeling.formats.records import data_uri, write_lines, write_records
from labeling.formats.tables import HEADING, write_table
from labeling.formats.zip_writer import ZipWriter
from labeling.models import Project
from labeling.services.export_formats import ExportFormat, ExportOptions, Progress
from labeling.services.export_pictures import exported_images, pictures

FOLDER = "images"
SEPARATORS = {"csv": ",", "tsv": "\t"}


class AnnotatorsField(forms.BooleanField):
    """Whether names of people leave this site."""

    def __init__(self) -> None:
        super().__init__(
            required=False, label="Say who annotated what", help_text="Names are left out unless asked for."
        )


class UnlabelledField(forms.BooleanField):
    """Whether images come along that have no text."""

    def __init__(self) -> None:
        super().__init__(required=False, label="Also images without a text")


class _PicturesFormat(ExportFormat):
    """A format of images with the agreed texts that they have when they are written."""

    def total(self, project: Project, options: Mapping[str, Any]) -> int:
        return exported_images(project, unlabelled=options.get("unlabelled", False)).count()

    def _pictures(
        self, project: Project, options: Mapping[str, Any], progress: Progress
    ) -> Iterator[Picture]:
        images = exported_images(project, unlabelled=options.get("unlabelled", False))
        return pictures(images, progress, annotators=options.get("annotators", False))


class FileNames(_PicturesFormat):
    """A zip of pictures whose names are their texts."""

    name = "filenames"
    title = "File names"
    summary = (
        "A zip of pictures named by their texts: 48213.png, and 48213_2.png where it comes again. "
        "What no file name may hold is written as in addresses, %2F for a slash."
    )

    def extension(self, options: Mapping[str, Any]) -> str:
        return "zip"

    def write(
        self, project: Project, options: Mapping[str, Any], target: BinaryIO, progress: Progress
    ) -> str:
        with ZipWriter(target) as archive:
            for name, picture in names_by_text(self._pictures(project, options, progress)):
                archive.picture(name, picture.read())
        return ""


class TableOptions(ExportOptions):
    kind = forms.ChoiceField(
        choices=[("csv", "CSV"), ("tsv", "TSV"), ("jsonl", "JSON Lines")],
        initial="csv",
        label="Kind of table",
    )
    pictures = forms.BooleanField(required=False, initial=True, label="With the pictures, in one zip")
    unlabelled = UnlabelledField()


class Table(_PicturesFormat):
    """A table of file names and texts, with or without the pictures beside it."""

    name = "table"
    title = "Table"
    summary = "CSV, TSV or JSON Lines with a file name, a text and the SHA-256 of the picture per line."
    options = TableOptions

    def extension(self, options: Mapping[str, Any]) -> str:
        return "zip" if options["pictures"] else str(options["kind"])

    def write(
        self, project: Project, options: Mapping[str, Any], target: BinaryIO, progress: Progress
    ) -> str:
        found = self._pictures(project, options, progress)
        if not options["pictures"]:
            self._write_rows(target, options["kind"], ((picture.name, picture) for picture in found))
            return ""
        # Rows are gathered while the pictures are written, so that both are of the same moment.
        with tempfile.TemporaryFile() as rows, ZipWriter(target) as archive:
            self._write_rows(rows, options["kind"], _stored(archive, found))
            rows.seek(0)
            archive.copy(f"labels.{options['kind']}", rows)
        return ""

    def _write_rows(self, target: IO[bytes], kind: str, named: Iterator[tuple[str, Picture]]) -> None:
        rows = ((name, picture.text, picture.sha256) for name, picture in named)
        with _text_of(target) as text:
            if kind in SEPARATORS:
                write_table(text, rows, SEPARATORS[kind])
            else:
                write_lines(text, (dict(zip(HEADING, row, strict=True)) for row in rows))


class JsonOptions(ExportOptions):
    unlabelled = UnlabelledField()
    annotators = AnnotatorsField()


class Json(_PicturesFormat):
    """One JSON file with pictures and texts."""

    name = "json"
    title = "JSON"
    summary = "One file that holds the pictures too, in base64, each with its name and text."
    options = JsonOptions

    def extension(self, options: Mapping[str, Any]) -> str:
        return "json"

    def write(
        self, project: Project, options: Mapping[str, Any], target: BinaryIO, progress: Progress
    ) -> str:
        found = self._pictures(project, options, progress)
        with _text_of(target) as text:
            write_records(text, found, annotators=options["annotators"])
        return ""


class LabelStudioOptions(ExportOptions):
    pictures = forms.ChoiceField(
        choices=[
            ("inside", "Inside of the tasks, in base64"),
            ("beside", "Beside them in a zip, for its local file storage"),
        ],
        initial="inside",
        help_text="Label Studio reads files of up to 50 MB: choose the zip for more.",
    )
    unlabelled = UnlabelledField()
    annotators = AnnotatorsField()


class LabelStudio(_PicturesFormat):
    """Tasks with annotations for Label Studio."""

    name = "label_studio"
    title = "Label Studio"
    summary = "Tasks with their annotations, the agreed text as ground truth."
    hint = f"The labelling interface for these tasks: {CONFIGURATION}"
    options = LabelStudioOptions

    def extension(self, options: Mapping[str, Any]) -> str:
        return "json" if options["pictures"] == "inside" else "zip"

    def write(
        self, project: Project, options: Mapping[str, Any], target: BinaryIO, progress: Progress
    ) -> str:
        found = self._pictures(project, options, progress)
        annotators = options["annotators"]
        if options["pictures"] == "inside":
            self._write_tasks(target, annotators, ((data_uri(picture), picture) for picture in found))
            return ""
        with tempfile.TemporaryFile() as tasks, ZipWriter(target) as archive:
            stored = _stored(archive, found)
            addressed = ((f"/data/local-files/?d={quote(path)}", picture) for path, picture in stored)
            self._write_tasks(tasks, annotators, addressed)
            tasks.seek(0)
            archive.copy("tasks.json", tasks)
        return ""

    def _write_tasks(
        self, target: IO[bytes], annotators: bool, addressed: Iterator[tuple[str, Picture]]
    ) -> None:
        with _text_of(target) as text:
            write_tasks(
                text,
                (
                    task_of(picture, number=number, address=address, annotators=annotators)
                    for number, (address, picture) in enumerate(addressed, start=1)
                ),
            )


PLAIN_FORMATS = (FileNames(), Table(), Json(), LabelStudio())


def _stored(archive: ZipWriter, found: Iterator[Picture]) -> Iterator[tuple[str, Picture]]:
    """Write pictures into an archive; yield (path, picture) of each."""
    for path, picture in names_by_name(found, FOLDER):
        archive.picture(path, picture.read())
        yield path, picture


@contextmanager
def _text_of(target: IO[bytes]) -> Iterator[TextIO]:
    """Write UTF-8 into a file that stays its owner's to close."""
    text = io.TextIOWrapper(target, encoding="utf-8", newline="")
    try:
        yield text
    finally:
        text.detach()
