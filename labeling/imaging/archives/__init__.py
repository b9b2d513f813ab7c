"""Reading zip and tar archives of strangers, member by member, without ever writing to disk.

Nothing in an archive is believed: names that leave the archive, links, devices, encrypted or nested members
are rejected one by one, each with a sentence; members, bytes and compression ratio are bounded while reading,
whatever the headers declare. A damaged archive gives what could be read before the damage.
"""

from collections.abc import Iterator
from typing import BinaryIO

from labeling.imaging.archives.members import (
    DEFAULT_LIMITS,
    Limits,
    Member,
    RejectedMember,
    StopReading,
    Wanted,
)
from labeling.imaging.archives.tars import read_tar
from labeling.imaging.archives.zips import ZIP_STARTS, read_zip

__all__ = ["DEFAULT_LIMITS", "Limits", "Member", "RejectedMember", "Wanted", "is_archive", "iterate_archive"]

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


def is_archive(name: str) -> bool:
    """Whether a file of this name is meant to be read with `iterate_archive`."""
    return name.lower().endswith(SUFFIXES)


def iterate_archive(
    file: BinaryIO, name: str, limits: Limits = DEFAULT_LIMITS, wanted: Wanted = lambda _: True
) -> Iterator[Member | RejectedMember]:
    """The files of a zip or tar archive (plain, gzip, bzip2 or xz) in the order they are stored.

    `file` is binary and seekable; its content tells what kind of archive it is. Folders, dotfiles and what
    macOS and Windows add for themselves are left out. Where reading cannot go on, the last item is a
    RejectedMember with the archive's own `name`. Members that are not `wanted` come without their bytes, which for a
    zip costs next to nothing. Raises nothing about the archive's content.
    """
    file.seek(0)
    start = file.read(4)
    read = read_zip if start in ZIP_STARTS else read_tar
    count = 0
    try:
        if not start:
            raise StopReading("The archive is empty; export or download it again.")
        for item in read(file, limits, wanted):
            count += 1
            if count > limits.members:
                raise StopReading(
                    f"The archive has more than {limits.members:,} files; the others were not read. Split it."
                )
            yield item
        if not count:
            raise StopReading("The archive holds no files; pack the images themselves into it.")
    except StopReading as stop:
        yield RejectedMember(name, str(stop))
