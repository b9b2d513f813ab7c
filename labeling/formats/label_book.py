"""What all files of an import say about pictures that lie elsewhere, found by the pictures' names."""

from collections.abc import Iterator
from dataclasses import replace

from labeling.formats.entries import Entry
from labeling.imaging.labels import InvalidText, clean_path


class LabelBook:
    """Entries by the name of their picture. Several about one picture become one."""

    def __init__(self) -> None:
        self._by_name: dict[str, Entry] = {}
        # File name without its folders -> the one name that ends so, or an empty string where several do.
        self._paths: dict[str, str] = {}
        self._contradictions: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._by_name)

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entries in the order of their files."""
        return iter(self._by_name.values())

    def add(self, entry: Entry) -> None:
        known = self._by_name.get(entry.name)
        if known is None:
            self._by_name[entry.name] = entry
            file_name = entry.name.rsplit("/", 1)[-1]
            self._paths[file_name] = "" if file_name in self._paths else entry.name
            return
        unnamed = {said.text for said in (*known.said, *entry.said) if not said.annotator}
        if len(unnamed) > 1:
            self._contradictions.setdefault(entry.name, f"{known.where} and {entry.where}")
        # What nobody signed comes last: it counts most.
        said = tuple(sorted(dict.fromkeys((*known.said, *entry.said)), key=lambda one: not one.annotator))
        self._by_name[entry.name] = replace(
            known, said=said, split=known.split or entry.split, sha256=known.sha256 or entry.sha256
        )

    def find(self, name: str) -> Entry | None:
        """Return what is said about a picture: under its path, the end of it or, where only one such is, its name."""
        path = clean_path(name)
        while True:
            if found := self._by_name.get(path):
                return found
            _, slash, rest = path.partition("/")
            if not slash:
                return self._by_name.get(self._paths.get(path, ""))
            path = rest

    def check(self, entry: Entry) -> None:
        """Look whether the files agree about a picture.

        Raises:
            InvalidText: they give it different texts; it says where.
        """
        if entry.name in self._contradictions:
            raise InvalidText(
                f"{self._contradictions[entry.name]} give “{entry.name}” different texts. Keep the right one."
            )
