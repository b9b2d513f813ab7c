"""One readable log from several processes: every line starts with the name of who wrote it."""

import logging
import sys
from itertools import cycle
from typing import TextIO

from webapp.log_secrets import hide_secrets

_COLOURS = ("36", "33", "35", "32", "34")


class Console:
    """Writes prefixed lines; coloured on a terminal, plain in a file or a pipe."""

    def __init__(self, names: list[str], out: TextIO = sys.stdout) -> None:
        self._out = out
        self._width = max(map(len, names))
        colours = cycle(_COLOURS)
        self._colours = {name: next(colours) for name in names} if out.isatty() else {}

    def write(self, name: str, line: str) -> None:
        prefix = f"{name:<{self._width}} |"
        if name in self._colours:
            prefix = f"\x1b[{self._colours[name]}m{prefix}\x1b[0m"
        # What programs print past their logs comes through here, too.
        self._out.write(f"{prefix} {hide_secrets(line)}\n")
        self._out.flush()


class LogHandler(logging.Handler):
    """Writes log records as lines of one name."""

    def __init__(self, console: Console, name: str) -> None:
        super().__init__()
        self._console, self._line_name = console, name

    def emit(self, record: logging.LogRecord) -> None:
        self._console.write(self._line_name, self.format(record))
