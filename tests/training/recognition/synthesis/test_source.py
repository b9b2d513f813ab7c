"""The source of drawn pictures: what a seed decides, and who may write what."""

import dataclasses
import itertools
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from captcha.image import DEFAULT_FONTS
from PIL import ImageFont

from tests.training.recognition.drawings import reading_task
from training.recognition.synthesis.fonts import Font, MissingFont, Origin
from training.recognition.synthesis.source import CHUNK, RGBA, draw_pictures, random_texts
from training.recognition.synthesis.style import BROAD, Centre, Style

CAPTCHA_FONT = Font("Droid Sans Mono", Path(DEFAULT_FONTS[0]), Origin.CAPTCHA)

TEXTS = random_texts(reading_task("0123abcXYZ", (1, 5)), 3 * CHUNK + 7, seed=1)

FITTED = dataclasses.replace(
    BROAD, width=60, ground_picture=np.full((40, 60, 3), 200, np.uint8), fonts=(CAPTCHA_FONT.choice,)
)


def drawn(
    texts: Sequence[str], style: Style = BROAD, seed: int = 0, processes: int = 1
) -> list[tuple[RGBA, str]]:
    return list(draw_pictures(texts, style, [CAPTCHA_FONT], seed, processes))


@pytest.mark.parametrize("style", [BROAD, FITTED])
def test_equal_seeds_give_equal_pictures_whatever_the_number_of_processes(style: Style) -> None:
    alone, by_two, by_three = (drawn(TEXTS, style, processes=count) for count in (1, 2, 3))
    assert [text for _, text in alone] == TEXTS
    for others in (by_two, by_three):
        for (one, text), (other, other_text) in zip(alone, others, strict=True):
            assert text == other_text
            np.testing.assert_array_equal(one, other)


def test_another_seed_gives_other_pictures_of_the_same_texts() -> None:
    one, other = (drawn(TEXTS[:5], FITTED, seed) for seed in (0, 1))
    assert [text for _, text in one] == [text for _, text in other]
    assert all((first != second).any() for (first, _), (second, _) in zip(one, other, strict=True))


def test_pictures_are_opaque_rgba() -> None:
    for picture, _ in drawn(TEXTS[:20]):
        assert picture.dtype == np.uint8
        assert picture.shape[2] == 4
        assert (picture[..., 3] == 255).all()


def test_texts_are_asked_for_as_they_are_needed() -> None:
    endless = ("7" for _ in itertools.count())
    pictures = draw_pictures(endless, BROAD, [CAPTCHA_FONT], processes=2)
    assert len(list(itertools.islice(pictures, CHUNK + 1))) == CHUNK + 1
    pictures.close()  # type: ignore[attr-defined]


def test_no_texts_give_no_pictures() -> None:
    assert drawn([]) == []


def test_random_texts_are_the_tasks() -> None:
    texts = random_texts(reading_task("abc", (2, 4)), 500, seed=3)
    assert set("".join(texts)) == set("abc")
    assert {len(text) for text in texts} == {2, 3, 4}
    assert texts == random_texts(reading_task("abc", (2, 4)), 500, seed=3)
    assert texts != random_texts(reading_task("abc", (2, 4)), 500, seed=4)


def test_a_font_writes_only_what_it_has_glyphs_for(tmp_path: Path) -> None:
    """Pillow's own font lacks the Greek letters that the other one has."""
    path = tmp_path / "latin.ttf"
    latin = ImageFont.load_default(20)
    assert isinstance(latin, ImageFont.FreeTypeFont)
    path.write_bytes(latin.font_bytes)
    only_latin = Font("Latin", path, Origin.UPLOADED)
    style = dataclasses.replace(FITTED, fonts=(), one_font=0.0)
    both = list(draw_pictures(["λω"] * 10, style, [only_latin, CAPTCHA_FONT], 5, 1))
    alone = list(draw_pictures(["λω"] * 10, style, [CAPTCHA_FONT], 5, 1))
    for (one, _), (other, _) in zip(both, alone, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(MissingFont, match="None of the 1 fonts has glyphs for all of 'λω'"):
        list(draw_pictures(["a1", "λω"], style, [only_latin], 0, 1))


@pytest.mark.parametrize("processes", [1, 2])
def test_what_goes_wrong_in_a_process_is_said_as_it_is(processes: int) -> None:
    style = Style(width=100, centres=(Centre(0.3, 0.5), Centre(0.7, 0.5)))
    with pytest.raises(ValueError, match="places for 2 characters, and 'abc' has 3"):
        drawn(["ab", "abc"], style, processes=processes)


ENDLESS = """
import itertools
import subprocess
import sys
from training.recognition.synthesis.fonts import find_fonts
from training.recognition.synthesis.source import draw_pictures
from training.recognition.synthesis.style import BROAD
for _ in draw_pictures(itertools.repeat("123"), BROAD, find_fonts()[:1], processes=2):
    print("drawn", flush=True)
"""


def test_drawing_processes_end_with_one_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"drawn\n"
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert len(children) >= 2
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
