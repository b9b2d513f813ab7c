"""Ground, fixed noise and ink of pictures that were drawn on a known ground."""

import dataclasses

import cv2
import numpy as np
import pytest

from tests.training.recognition.synthesis.fitting.known import (
    BANDS,
    CELLS,
    GROUND,
    HEIGHT,
    INK,
    LINE,
    LINES,
    WIDTH,
    drawn,
    fonts,
    rgba,
)
from training.recognition.synthesis.fitting.gathering import FEWEST, NothingToFit, gather
from training.recognition.synthesis.fitting.ground import estimate_ground
from training.recognition.synthesis.fitting.ink import estimate_ink, ink_maps
from training.recognition.synthesis.style import Centre, Style

DROID, _ = fonts()


def test_a_fixed_ground_is_found_with_its_lines() -> None:
    ground = estimate_ground(gather(drawn(CELLS, DROID, 150), 0))
    assert ground.picture is not None
    off = np.abs(ground.picture.astype(int) - GROUND).max(axis=2)
    assert np.quantile(off, 0.99) <= 6


def test_a_ground_is_found_where_most_pictures_hide_it_with_text() -> None:
    # Every character lies in the same place, so its middle is inked in most of the pictures.
    heavy = dataclasses.replace(
        CELLS, centres=tuple(Centre(c.x, c.y) for c in CELLS.centres), rotation=(0.0, 0.0), stroke=(3.0, 3.0)
    )
    pictures = drawn(heavy, DROID, 200)
    inked = np.mean([np.abs(p[..., :3].astype(int) - GROUND).max(axis=2) > 40 for p in pictures], axis=0)
    hidden = (inked > 0.55) & (inked < 0.85)
    assert hidden.sum() > 30
    ground = estimate_ground(gather(pictures, 0)).picture
    assert ground is not None
    off = np.abs(ground.astype(int) - GROUND).max(axis=2)
    assert np.mean(off[hidden & (LINES == 0)] <= 12) >= 0.9


def test_fixed_lines_are_told_from_bands() -> None:
    noise = estimate_ground(gather(drawn(CELLS, DROID, 150), 0)).noise
    assert noise is not None
    lines = LINES > 0
    assert (noise & lines).sum() >= 0.8 * lines.sum()
    assert (noise & ~lines).sum() <= 0.3 * lines.sum()


def test_a_ground_whose_colour_changes_is_no_fixed_one() -> None:
    colours = ((200, 30, 30), (30, 200, 30), (30, 30, 200), (230, 230, 230))
    style = dataclasses.replace(LINE, ground_picture=None, grounds=colours)
    gathered = gather(drawn(style, DROID, 120), 0)
    ground = estimate_ground(gathered)
    assert ground.picture is None
    found = {tuple(int(value) for value in np.rint(colour)) for colour in ground.colours}
    assert found == set(colours)


def _ink_of(style: Style, quality: int | None = None) -> tuple[np.ndarray, bool]:
    gathered = gather(drawn(style, DROID, 120, quality=quality), 0)
    ink = estimate_ink(gathered, estimate_ground(gathered))
    return ink.colours, ink.many


@pytest.mark.parametrize("quality", [None, 60])
def test_the_one_colour_of_all_texts_is_found(quality: int | None) -> None:
    colours, many = _ink_of(dataclasses.replace(CELLS, stroke=(1.5, 1.5)), quality)
    assert len(colours) == 1
    assert np.abs(colours[0].astype(int) - INK).max() <= 24
    assert not many


def test_random_colours_are_kept_as_many_and_for_each_character_where_they_differ_within_texts() -> None:
    inks = ((10, 10, 10), (200, 0, 0), (0, 0, 200), (0, 120, 0))
    style = dataclasses.replace(LINE, inks=inks, stroke=(1.0, 1.0))
    per_text = _ink_of(dataclasses.replace(style, many_colours=0.0))
    per_character = _ink_of(dataclasses.replace(style, many_colours=1.0))
    assert len(per_text[0]) > 10
    assert not per_text[1]
    assert per_character[1]


def test_ink_maps_hold_the_text_and_not_the_lines() -> None:
    gathered = gather(drawn(CELLS, DROID, 100), 0)
    ground = estimate_ground(gathered)
    maps = ink_maps(gathered, ground, estimate_ink(gathered, ground))
    plain = dataclasses.replace(CELLS, ground_picture=np.zeros_like(GROUND), inks=((255, 255, 255),))
    for found, true in zip(maps, drawn(plain, DROID, 100), strict=True):
        away = LINES == 0
        assert np.abs(found - true[..., 0] / 255)[away].mean() < 0.02


# What cannot be fitted to.


def test_too_few_pictures_are_refused_with_their_number() -> None:
    with pytest.raises(NothingToFit, match=f"49 pictures.*at least {FEWEST}"):
        gather(drawn(CELLS, DROID, 49), 0)


def test_no_pictures_are_refused() -> None:
    with pytest.raises(NothingToFit, match="0 pictures"):
        gather([], 0)


def test_blank_pictures_are_refused() -> None:
    blank = [rgba(np.full((HEIGHT, WIDTH, 3), 200 + index % 20, np.uint8)) for index in range(80)]
    with pytest.raises(NothingToFit, match="80 of 80 pictures are of one colour"):
        gather(blank, 0)


def test_equal_pictures_are_refused() -> None:
    (one,) = drawn(CELLS, DROID, 1)
    with pytest.raises(NothingToFit, match="Only 1 of 100 pictures differ"):
        gather([one] * 100, 0)


def test_the_few_pictures_of_another_size_are_left_out() -> None:
    odd = [rgba(np.asarray(cv2.resize(BANDS, (80, 40)), np.uint8))] * 3
    gathered = gather([*drawn(CELLS, DROID, 80), *odd], 0)
    assert (gathered.width, gathered.left_out, len(gathered.pictures)) == (WIDTH, 3, 80)


def test_pictures_of_many_widths_get_one_height() -> None:
    pictures = [
        rgba(np.asarray(cv2.resize(each[..., :3], (100 + 7 * (n % 9), 40 + 2 * (n % 5))), np.uint8))
        for n, each in enumerate(drawn(CELLS, DROID, 90))
    ]
    gathered = gather(pictures, 0)
    assert gathered.width is None
    assert {each.shape[0] for each in gathered.pictures} == {gathered.height}


def test_transparent_pictures_are_laid_on_white() -> None:
    pictures = drawn(LINE, DROID, 60)
    for picture in pictures:
        picture[..., 3] = np.where(picture[..., 0] > 128, 0, 255)
        picture[picture[..., 3] == 0] = 0
    gathered = gather(pictures, 0)
    assert all((each[0, 0] == 255).all() for each in gathered.pictures)
