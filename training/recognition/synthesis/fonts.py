"""The fonts at hand, and those of them that a style is written in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from training.recognition.synthesis.style_parts import FontChoice
from training.recognition.synthesis.typefaces import Typeface, UnusableFont

FONT_FILES = (".ttf", ".otf", ".woff", ".woff2")

BUNDLED = Path(__file__).resolve().parents[3] / "node_modules" / "@fontsource"
"""Free families that come with the front end's packages (`package.json`)."""

BUNDLED_FILES = "*/files/*-latin-[479]00-normal.woff"
"""Regular, bold and black of each."""


class Origin(StrEnum):
    UPLOADED = "uploaded"
    BUNDLED = "bundled"
    CAPTCHA = "captcha"
    """Shipped by PyPI's `captcha`."""
    INSTALLED = "installed"


@dataclass(frozen=True)
class Font:
    """One font file; its name is the one that the file gives itself, as in "Open Sans Bold"."""

    name: str
    path: Path
    origin: Origin

    @cached_property
    def typeface(self) -> Typeface:
        """What it is drawn with. Raises UnusableFont with a sentence if the file is gone."""
        return Typeface(self.path)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the file, in hexadecimal digits."""
        return self.typeface.fingerprint

    @property
    def choice(self) -> FontChoice:
        """This font as a style names it."""
        return FontChoice(self.name, self.fingerprint)

    def __getstate__(self) -> tuple[str, Path, Origin]:
        # What was drawn with it stays behind: FreeType's objects do not travel between processes.
        return self.name, self.path, self.origin

    def __setstate__(self, state: tuple[str, Path, Origin]) -> None:
        for name, value in zip(("name", "path", "origin"), state, strict=True):
            object.__setattr__(self, name, value)


class MissingFont(ValueError):
    """A style is written in a font that is not at hand; the message is a sentence for people."""


def find_fonts(uploaded: Path | None = None) -> list[Font]:
    """The fonts at hand, each name once, in the order of their names; files that no font can be read from are left out.

    `uploaded` is a folder of fonts that somebody brought. Of several with one name the first counts: uploaded,
    bundled, of PyPI's `captcha`, installed in the system.
    """
    found: dict[str, Font] = {}
    for origin, paths in (
        (Origin.UPLOADED, _font_files([uploaded] if uploaded else [])),
        (Origin.BUNDLED, sorted(BUNDLED.glob(BUNDLED_FILES))),
        (Origin.CAPTCHA, _font_files(_captcha_folder())),
        (Origin.INSTALLED, _font_files(_system_folders())),
    ):
        for font in _readable(paths, origin):
            found.setdefault(font.name, font)
    return [found[name] for name in sorted(found)]


def writing(fonts: Iterable[Font], alphabet: str) -> list[Font]:
    """Those fonts that have a glyph of their own for every character of an alphabet."""
    return [font for font in fonts if set(font.typeface.writes(alphabet)) == set(alphabet)]


def fonts_of(choices: Sequence[FontChoice], fonts: Sequence[Font]) -> list[Font]:
    """The fonts that a style names: those of the same file, or else of the same name; of no choices, all.

    Raises MissingFont where one is not there.
    """
    if not choices:
        return list(fonts)
    by_name = {font.name: font for font in fonts}
    chosen = {}
    for choice in choices:
        # Comparing names first saves reading every file.
        font = by_name.get(choice.name)
        if choice.fingerprint and (font is None or font.fingerprint != choice.fingerprint):
            font = next((each for each in fonts if each.fingerprint == choice.fingerprint), font)
        if font is None:
            raise MissingFont(
                f"The font {choice.name} is not on this machine: upload it, or choose another font for this style."
            )
        chosen[font.name] = font
    return list(chosen.values())


def _readable(paths: Iterable[Path], origin: Origin) -> Iterator[Font]:
    for path in paths:
        try:
            yield Font(Typeface(path).name, path, origin)
        except UnusableFont:
            continue


def _font_files(folders: Iterable[Path]) -> list[Path]:
    return sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in FONT_FILES
    )


def _captcha_folder() -> list[Path]:
    spec = find_spec("captcha")
    return [Path(each) / "data" for each in (spec.submodule_search_locations or [])] if spec else []


def _system_folders() -> list[Path]:
    """Where systems keep fonts."""
    home = Path.home()
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"]
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    own = os.environ.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    return [Path(folder) / "fonts" for folder in (own, *shared.split(":"))]
