"""Characters, fonts, places and wear of pictures whose style is known."""

import dataclasses
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.recognition.synthesis.fitting.known import ALPHABET, CELLS, LINE, compressed, drawn, fonts
from training.recognition.synthesis.fitting.compression import jpeg_quality
from training.recognition.synthesis.fitting.estimating import lengths_of, turns_of
from training.recognition.synthesis.fitting.gathering import gather
from training.recognition.synthesis.fitting.glyphs import MIDDLE, linear_map, match, normalise
from training.recognition.synthesis.fitting.ground import estimate_ground
from training.recognition.synthesis.fitting.ink import estimate_ink, ink_maps
from training.recognition.synthesis.fitting.lines import Lines, estimate_lines
from training.recognition.synthesis.fitting.marks import Marks, find_marks, touches_edge
from training.recognition.synthesis.fitting.placing import Placing, estimate_placing
from training.recognition.synthesis.fitting.ranking import Ranking, rank_fonts
from training.recognition.synthesis.style import Style
from training.recognition.synthesis.typefaces import EM

FONTS = fonts()


def _looked_at(style: Style, font: int, count: int = 120) -> tuple[Marks, Lines, Ranking, Placing]:
    gathered = gather(drawn(style, FONTS[font], count), 0)
    ground = estimate_ground(gathered)
    maps = ink_maps(gathered, ground, estimate_ink(gathered, ground))
    marks = find_marks(maps, 4, 4, thin=False)
    whole = [mark for mark in marks.marks if not touches_edge(mark, maps[mark.picture].shape)]
    ranking = rank_fonts(FONTS, whole, ALPHABET, 0)
    typeface = ranking.fonts[0].font.typeface
    shape = (gathered.height, gathered.width or 0)
    placing = estimate_placing(ranking.marks, ranking.matches, typeface, ALPHABET, shape, 4, ranking.sure)
    return marks, estimate_lines(gathered.pictures, maps), ranking, placing


@cache
def _cells(font: int) -> tuple[Marks, Lines, Ranking, Placing]:
    return _looked_at(CELLS, font)


@cache
def _line() -> tuple[Marks, Lines, Ranking, Placing]:
    return _looked_at(LINE, 0)


@pytest.mark.parametrize("font", [0, 1])
def test_the_font_that_was_written_in_explains_the_characters_best(font: int) -> None:
    _, _, ranking, _ = _cells(font)
    assert ranking.fonts[0].font == FONTS[font]
    assert ranking.fonts[0].weight > 0.8
    assert ranking.fonts[0].score > 0.97


@pytest.mark.parametrize("font", [0, 1])
def test_size_and_turn_of_characters_are_found(font: int) -> None:
    _, _, ranking, placing = _cells(font)
    assert np.mean(placing.em) == pytest.approx(0.42 * 50, rel=0.08)
    turn, slant, stretch = turns_of(ranking)
    assert turn == pytest.approx(24, abs=6)
    assert slant <= 0.15
    assert stretch == pytest.approx(1.0, abs=0.08)


def test_characters_about_places_of_their_own_are_found_there() -> None:
    *_, placing = _cells(0)
    assert len(placing.centres) == 4
    for found, true in zip(placing.centres, CELLS.centres, strict=True):
        assert found.x == pytest.approx(true.x, abs=0.015)
        assert found.y == pytest.approx(true.y, abs=0.03)
        assert found.x_deviation == pytest.approx(true.x_deviation, abs=0.012)
        assert found.y_deviation == pytest.approx(true.y_deviation, abs=0.025)


def test_characters_of_a_line_have_no_places_of_their_own() -> None:
    *_, placing = _line()
    assert placing.centres == ()
    assert placing.together > 0.6
    assert -0.05 <= placing.spacing[0] <= placing.spacing[1] <= 0.12
    assert placing.rise < 0.1


def test_upright_characters_are_not_turned() -> None:
    _, _, ranking, _ = _line()
    turn, slant, _ = turns_of(ranking)
    assert (turn, slant) == (0.0, 0.0)


def test_where_no_lines_are_none_are_found() -> None:
    _, lines, _, _ = _cells(0)
    assert lines.share == 0


def test_stray_lines_are_found_with_their_colour() -> None:
    style = dataclasses.replace(
        CELLS, lined=1.0, lines=(2, 3), line_width=(1, 1), line_inks=((0, 0, 0),), inks=((0, 0, 0),)
    )
    _, lines, _, _ = _looked_at(style, 0)
    assert lines.share > 0.7
    assert 0.5 <= lines.width <= 2.2
    assert np.median(lines.colours.astype(int), axis=0).max() < 90


def test_the_lengths_that_occur_are_told_by_how_many_characters_stand_apart() -> None:
    marks, *_ = _cells(0)
    assert set(lengths_of(marks, 4, 4)) == {4}


@settings(max_examples=25, deadline=None)
@given(
    character=st.sampled_from("2357efhkmt"),
    turn=st.floats(-30, 30),
    stretch=st.sampled_from((0.9, 1.0, 1.1)),
)
def test_a_turned_glyph_is_matched_with_its_turn_and_size(
    character: str, turn: float, stretch: float
) -> None:
    import cv2

    typeface = FONTS[0].typeface
    mask = typeface.glyph(character).mask.astype(np.float32) / 255
    linear = 0.4 * linear_map(turn, 0.0, stretch)
    place = np.column_stack(
        [linear, np.array([20.0, 20.0]) - linear @ (mask.shape[1] / 2, mask.shape[0] / 2)]
    )
    smooth = np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.2), np.float32)
    ink = np.asarray(cv2.warpAffine(smooth, place, (40, 40)), np.float32)
    marks, radii = normalise([ink])
    found = match(typeface, ALPHABET, MIDDLE, marks, radii)
    assert ALPHABET[found.characters[0]] == character
    assert found.turns[0] == pytest.approx(turn, abs=14)
    assert found.em[0] == pytest.approx(0.4 * EM, rel=0.12)


@pytest.mark.parametrize("quality", [40, 60, 80])
def test_the_quality_of_jpeg_is_found_in_decoded_pixels(quality: int) -> None:
    pictures = [compressed(each[..., :3], quality) for each in drawn(LINE, FONTS[0], 30)]
    assert jpeg_quality(pictures) == pytest.approx(quality, abs=3)


def test_what_was_never_compressed_has_no_quality() -> None:
    assert jpeg_quality([each[..., :3] for each in drawn(LINE, FONTS[0], 30)]) is None
