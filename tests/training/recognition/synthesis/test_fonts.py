"""Fonts: which are found, and which of them a style is written in."""

import pickle
from pathlib import Path

import pytest
from captcha.image import DEFAULT_FONTS
from PIL import ImageFont

from training.recognition.synthesis.fonts import Font, MissingFont, Origin, find_fonts, fonts_of, writing
from training.recognition.synthesis.style import FontChoice

DROID = Path(DEFAULT_FONTS[0])


@pytest.fixture
def uploaded(tmp_path: Path) -> Path:
    default = ImageFont.load_default(20)
    assert isinstance(default, ImageFont.FreeTypeFont)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "some.TTF").write_bytes(default.font_bytes)
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    (tmp_path / "notes.txt").write_bytes(DROID.read_bytes())
    return tmp_path


def test_uploaded_fonts_and_that_of_captcha_are_found_by_the_names_in_their_files(uploaded: Path) -> None:
    found = {font.name: font for font in find_fonts(uploaded)}
    assert found["Aileron"] == Font("Aileron", uploaded / "mine" / "some.TTF", Origin.UPLOADED)
    assert found["Droid Sans Mono"].origin in (Origin.CAPTCHA, Origin.INSTALLED)
    assert [font for font in found.values() if font.origin == Origin.UPLOADED] == [found["Aileron"]]


def test_free_families_of_the_front_ends_packages_are_found_in_three_weights() -> None:
    found = {font.name for font in find_fonts() if font.origin == Origin.BUNDLED}
    assert {"Arimo", "Arimo Bold", "Roboto Black", "Tinos", "Comic Neue Bold", "VT323"} <= found


def test_every_name_is_found_once_and_an_uploaded_font_comes_first(tmp_path: Path) -> None:
    mine = tmp_path / "droid.ttf"
    mine.write_bytes(DROID.read_bytes())
    found = find_fonts(tmp_path)
    names = [font.name for font in found]
    assert names == sorted(set(names))
    assert [font.path for font in found if font.name == "Droid Sans Mono"] == [mine]


def test_a_style_finds_its_font_by_the_file_even_under_another_name(uploaded: Path) -> None:
    fonts = [
        Font("Mine", DROID, Origin.UPLOADED),
        Font("Other", uploaded / "mine" / "some.TTF", Origin.UPLOADED),
    ]
    by_file = FontChoice("Droid", fonts[0].fingerprint)
    assert fonts_of([by_file], fonts) == [fonts[0]]
    assert fonts_of([FontChoice("Other", fonts[0].fingerprint)], fonts) == [fonts[0]]
    assert fonts_of([FontChoice("Other", "0" * 64)], fonts) == [fonts[1]]
    assert fonts_of([], fonts) == fonts


def test_a_font_that_is_not_there_is_named() -> None:
    with pytest.raises(MissingFont, match="The font Lost Sans is not on this machine"):
        fonts_of([FontChoice("Lost Sans")], [Font("Droid", DROID, Origin.CAPTCHA)])


def test_fonts_that_lack_a_character_are_no_choice_for_it(uploaded: Path) -> None:
    greek, latin = (
        Font("Droid", DROID, Origin.CAPTCHA),
        Font("Aileron", uploaded / "mine" / "some.TTF", Origin.UPLOADED),
    )
    assert writing([greek, latin], "ab1") == [greek, latin]
    assert writing([greek, latin], "abω") == [greek]


def test_a_font_travels_to_another_process_without_what_was_drawn_with_it() -> None:
    font = Font("Droid", DROID, Origin.CAPTCHA)
    font.typeface.glyph("a")
    assert font.typeface.writes("a") == "a"
    travelled = pickle.loads(pickle.dumps(font))
    assert travelled == font
    assert travelled.fingerprint == font.fingerprint
