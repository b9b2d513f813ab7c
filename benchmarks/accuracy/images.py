"""The real image sets, as pixels with their texts."""

import base64
import csv
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from benchmarks.common import image_set, sized
from labeling.imaging.arrays import Pixels
from labeling.imaging.decode import decode_image
from labeling.imaging.similarity import fingerprint

UNREADABLE = Path(__file__).with_name("varlen_unreadable.txt")
QUICK_IMAGES = 120


@dataclass(frozen=True)
class Labelled:
    """RGBA pixels uint8 (h, w, 4) with what they say."""

    pixels: Pixels
    text: str

    @cached_property
    def sha256(self) -> str:
        """Of the pixels and their size, 64 hex digits."""
        return hashlib.sha256(repr(self.pixels.shape).encode() + self.pixels.tobytes()).hexdigest()

    @cached_property
    def fingerprint(self) -> bytes:
        """See `labeling.imaging.similarity`."""
        return fingerprint(self.pixels)


@lru_cache(maxsize=1)
def wilhelmy() -> list[Labelled]:
    """869 images of five characters; the file name is the text."""
    files = [path for path in image_set("wilhelmy").iterdir() if path.suffix in (".png", ".jpg")]
    return _load((path, path.stem) for path in files)


@lru_cache(maxsize=1)
def digits4() -> list[Labelled]:
    """3,061 images of four digits."""
    folder = image_set("digits4")
    with (folder / "labels.csv").open() as file:
        return _load((folder / "images" / row["filename"], row["text"]) for row in csv.DictReader(file))


@lru_cache(maxsize=1)
def varlen() -> list[Labelled]:
    """3,206 images of four to eight characters in many fonts, texts in lower case."""
    files = [path for folder in ("lower", "upper") for path in (image_set("varlen") / folder).glob("*.png")]
    return _load((path, path.stem.partition("-")[0].casefold()) for path in files)


@lru_cache(maxsize=1)
def hackmit() -> tuple[list[Pixels], list[Labelled]]:
    """About 5,900 images of four characters without labels, and the 119 others that were labelled to validate on."""
    folder = image_set("hackmit")
    with (folder / "labels.csv").open() as file:
        texts = {row["name"]: row["text"] for row in csv.DictReader(file)}
    found = {
        each["name"]: decode_image(base64.b64decode(each["jpg_base64"])).pixels
        for path in sorted(folder.glob("challenge-*.json"))
        for each in json.loads(path.read_text())["images"]
    }
    unlabelled = [pixels for name, pixels in found.items() if name not in texts]
    return unlabelled, [Labelled(found[name], text) for name, text in texts.items()]


def unreadable() -> dict[str, str]:
    """Images of `varlen` that no one can read: the first 16 digits of their `sha256` to what makes them so."""
    lines = (line for line in UNREADABLE.read_text().splitlines() if not line.startswith("#"))
    return dict(line.split(maxsplit=1) for line in lines)


def _load(files: Iterable[tuple[Path, str]]) -> list[Labelled]:
    """In an order that does not depend on the file system."""
    ordered = sorted(files)[:: sized(1, 7)][: sized(None, QUICK_IMAGES)]
    return [Labelled(decode_image(path.read_bytes()).pixels, text) for path, text in ordered]
