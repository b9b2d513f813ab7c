"""The files of an import as one stream: pictures, wherever they lie, and rows of tables about images elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, cast

from labeling.errors import Refused
from labeling.formats.entries import BadEntry, Entry
from labeling.formats.label_book import LabelBook
from labeling.formats.readers import MAX_ENTRIES, is_json, is_table, read_entries
from labeling.imaging.archives import Member, RejectedMember, Wanted, is_archive
from labeling.models import Import, LabelSource
from labeling.services.members import members_of


@dataclass(frozen=True)
class LabelFile:
    """A table, JSON or JSON Lines file, which is read for what it says about pictures."""

    name: str


Item = Member | RejectedMember | LabelFile | Entry
"""An `Entry` with a picture is one like a `Member`; one without is about an image that is no file of the import."""


class ImportFiles:
    """An import's files. However often they are read, the same items come in the same order.

    Raises:
        Refused: there is no table although the labels should come from one, or the tables are too long.
    """

    def __init__(self, row: Import) -> None:
        self._row = row
        self.book = LabelBook()
        names: list[str] = []
        count, has_label_file = 0, False
        for item in self._items(self.is_label_file):
            if isinstance(item, Entry) and item.data is None:
                self._note(item)
                continue
            count += 1
            if isinstance(item, Member | Entry):
                names.append(item.name)
            has_label_file |= isinstance(item, LabelFile)
        if row.label_source == LabelSource.TABLE and not has_label_file:
            raise Refused(
                "There is no table (CSV, TSV, JSON or JSON Lines) with the labels among the files. "
                "Add one, then import again."
            )
        # A table may lie behind its pictures: only now is it known which of its rows are about other images.
        found = {entry.name for name in names if (entry := self.book.find(name))}
        self._rows = [entry for entry in self.book if entry.name not in found]
        self.total = count + len(self._rows)

    def is_label_file(self, name: str) -> bool:
        """Whether a file is read for labels. JSON always is, as it may hold pictures too."""
        return is_json(name) or (self._row.label_source == LabelSource.TABLE and is_table(name))

    def items(self, start: int) -> Iterator[tuple[int, Item]]:
        """Yield (position, item) from a position on."""
        position = 0

        def wanted(name: str) -> bool:
            return position >= start or self.is_label_file(name)

        for item in self._items(wanted):
            if isinstance(item, Entry) and item.data is None:
                continue
            if position >= start:
                yield position, item
            position += 1
        # What is left are the rows about other images, behind all files.
        skipped = max(start - position, 0)
        yield from enumerate(self._rows[skipped:], start=position + skipped)

    def _items(self, wanted: Wanted) -> Iterator[Item]:
        for upload in self._row.uploads.all():
            with upload.file.open("rb") as opened:
                file = cast(BinaryIO, opened)
                if self.is_label_file(upload.name) and not is_archive(upload.name):
                    yield from self._label_file(file, upload.name)
                    continue
                for member in members_of(file, upload.name, wanted):
                    if isinstance(member, Member) and self.is_label_file(member.name):
                        yield from self._label_file(BytesIO(member.data), member.name)
                    else:
                        yield member

    def _label_file(self, file: BinaryIO, name: str) -> Iterator[Item]:
        yield LabelFile(name)
        for entry in read_entries(file, name):
            yield RejectedMember(entry.name, entry.message) if isinstance(entry, BadEntry) else entry

    def _note(self, entry: Entry) -> None:
        if self._row.label_source == LabelSource.NONE:
            return
        self.book.add(entry)
        if len(self.book) > MAX_ENTRIES:
            raise Refused(
                f"The tables of this import speak of more than {MAX_ENTRIES:,} images. Split them, then import again."
            )
