"""Pictures on their way out, for tests."""

import hashlib

from labeling.formats.entries import Picture, Said


def picture(
    text: str,
    *,
    name: str = "a.png",
    extension: str = "png",
    data: bytes = b"\x89PNG",
    said: tuple[Said, ...] = (),
) -> Picture:
    return Picture(
        name=name,
        extension=extension,
        sha256=hashlib.sha256(data).hexdigest(),
        text=text,
        read=lambda: data,
        said=said,
    )
