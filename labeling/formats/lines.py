"""Lines of a text file of a stranger, one by one within bounds."""

from collections.abc import Iterator
from typing import BinaryIO

MAX_LINE_BYTES = 16 * 2**20
"""The longest line that is read: a picture of the largest size in base64 fits."""


class BrokenLines(ValueError):
    """The rest of a file is not read; the message says why, without a full stop."""


def lines_of(file: BinaryIO) -> Iterator[str]:
    """The lines of a UTF-8 file, with their ends; what is not UTF-8 becomes U+FFFD.

    Raises BrokenLines for a line of more than MAX_LINE_BYTES, and for UTF-16.
    """
    first = True
    while line := file.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            raise BrokenLines(f"a line has more than {MAX_LINE_BYTES // 2**20} MB")
        if first:
            if line.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise BrokenLines("it is written in UTF-16; save it as UTF-8")
            line = line.removeprefix(b"\xef\xbb\xbf")
            first = False
        yield line.decode("utf-8", errors="replace")
