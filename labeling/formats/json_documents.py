"""JSON of strangers, object by object: however large the file, only one object is in memory, within bounds."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson

from labeling.formats.lines import MAX_LINE_BYTES, BrokenLines, lines_of

MAX_OBJECT_BYTES = MAX_LINE_BYTES
"""The largest object that is read: a picture of the largest size in base64 fits."""

MAX_DEPTH = 20
MAX_VALUES = 100_000
"""How deep, and how large in values, one object may be."""

LISTS = ("images", "tasks", "rows", "items")
"""Under which key of an outermost object the list of objects lies."""

_BUFFER = 64 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_Events = Iterator[tuple[str, Any]]


class BrokenJson(ValueError):
    """JSON that is not read any further; the message says why, without a full stop."""


class JsonDocument:
    """A JSON file that is a list of objects, an object with such a list, or a single object.

    `header` holds what the outermost object says beside its list, as far as it was read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = _MeteredFile(file)
        self.header: dict[str, Any] = {}

    def objects(self) -> Iterator[Any]:
        """Yield one object after the other.

        Raises:
            BrokenJson: the rest is no JSON, or beyond the bounds.
        """
        try:
            yield from self._objects(ijson.basic_parse(self._file, use_float=True, buf_size=_BUFFER))
        except ijson.JSONError as error:
            raise BrokenJson(_first_words(error)) from None

    def _objects(self, events: _Events) -> Iterator[Any]:
        event, value = next(events)
        if event == "start_array":
            yield from self._items(events)
        elif event == "start_map":
            has_list = False
            for event, key in events:
                if event == "end_map":
                    break
                event, value = next(events)
                if event == "start_array" and key in LISTS:
                    has_list = True
                    yield from self._items(events)
                else:
                    self.header[key] = _Builder(events).value(event, value)
                    self._check_header()
            if not has_list:
                yield self.header
        for _ in events:  # Whatever else follows is no JSON, and the parser says so.
            pass

    def _items(self, events: _Events) -> Iterator[Any]:
        for event, value in events:
            if event == "end_array":
                return
            item = _Builder(events).value(event, value)
            self._file.next_object()
            yield item

    def _check_header(self) -> None:
        if len(self.header) > MAX_VALUES:
            raise BrokenJson(f"it has more than {MAX_VALUES:,} keys")


def objects_of_lines(file: BinaryIO) -> Iterator[tuple[int, Any]]:
    """Yield (line number, object) of JSON Lines.

    Raises:
        BrokenJson: a line is no JSON, or beyond the bounds; the lines after it are not read.
    """
    number = 0
    try:
        for number, line in enumerate(lines_of(file), start=1):
            if line.strip():
                yield number, json.loads(line, parse_constant=_refuse_constant)
    except BrokenLines as error:
        raise BrokenJson(f"{error} (line {number + 1})") from None
    except RecursionError:
        raise BrokenJson(f"it is nested too deeply (line {number})") from None
    except ValueError as error:
        raise BrokenJson(f"{_first_words(error)} (line {number})") from None


class _MeteredFile:
    """Counts the bytes read since the last object, so that none can fill the memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._since = 0
        self._is_start = True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if self._is_start and size:
            data = data.removeprefix(_BYTE_ORDER_MARK) or self._file.read(size)
            self._is_start = False
        self._since += len(data)
        if self._since > MAX_OBJECT_BYTES + 2 * _BUFFER:
            raise BrokenJson(f"one object has more than {MAX_OBJECT_BYTES // 2**20} MB")
        return data

    def next_object(self) -> None:
        self._since = 0


class _Builder:
    """Builds one value from a parser's events."""

    def __init__(self, events: _Events) -> None:
        self._events = events
        self._count = 0

    def value(self, event: str, value: Any, depth: int = 1) -> Any:
        self._count += 1
        if depth > MAX_DEPTH:
            raise BrokenJson(f"it is nested more than {MAX_DEPTH} levels deep")
        if self._count > MAX_VALUES:
            raise BrokenJson(f"one object has more than {MAX_VALUES:,} values")
        if event == "start_map":
            return {
                key: self.value(*next(self._events), depth + 1)
                for _, key in iter(lambda: next(self._events), ("end_map", None))
            }
        if event == "start_array":
            return [
                self.value(kind, inner, depth + 1)
                for kind, inner in iter(lambda: next(self._events), ("end_array", None))
            ]
        return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _first_words(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    text = text.decode("utf-8", errors="replace") if isinstance(text, bytes) else str(text)
    return " ".join(text.strip().split("\n")[0].split())[:120].rstrip(".") or "it is no JSON"
