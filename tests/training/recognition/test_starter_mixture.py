"""The pictures that the starter learns from."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
from captcha.image import DEFAULT_FONTS
from hypothesis import given, settings
from hypothesis import strategies as st

from training.recognition.starter.effects import EFFECTS, Picture, cross, fade, light, spoil
from training.recognition.starter.mixture import (
    CHUNK,
    HELD_OUT,
    INPUT,
    KINDS,
    LENGTHS,
    FontFile,
    Mixture,
    font_families,
    font_licences,
    split_families,
    written_in,
)

FILES = [FontFile(Path(path), written_in(Path(path))) for path in DEFAULT_FONTS]


def written(width: int = 90) -> Picture:
    """Dark bars on a bright ground."""
    picture = np.full((40, width, 3), 230, np.uint8)
    picture[10:30, ::9] = (20, 40, 120)
    return picture


@settings(max_examples=40, deadline=None)
@given(width=st.integers(12, 240), seed=st.integers(0, 2**31))
def test_every_effect_gives_a_picture_of_the_same_size_and_leaves_its_own_alone(
    width: int, seed: int
) -> None:
    picture = written(width)
    for effect, probability in EFFECTS:
        spoilt = effect(picture, Random(seed))
        assert (spoilt.shape, spoilt.dtype) == (picture.shape, np.uint8)
        assert 0 < probability < 1
    np.testing.assert_array_equal(picture, written(width))


def test_equal_seeds_spoil_alike() -> None:
    for seed in range(20):
        np.testing.assert_array_equal(spoil(written(), Random(seed)), spoil(written(), Random(seed)))
    assert any((spoil(written(), Random(seed)) != written()).any() for seed in range(20))


def test_lines_are_often_in_the_texts_colour() -> None:
    blank = written()
    blank[:, :] = 230
    blank[:, 40:50] = (20, 40, 120)
    in_colour = 0
    for seed in range(40):
        crossed = cross(blank, Random(seed))
        beside = np.concatenate([crossed[:, :40], crossed[:, 50:]], axis=1)
        in_colour += bool((beside == (20, 40, 120)).all(axis=2).any())
    assert 20 <= in_colour < 40


def test_light_tilts_and_paleness_narrows_what_is_bright_and_dark() -> None:
    flat = np.full((40, 90, 3), 128, np.uint8)
    assert np.ptp(light(flat, Random(1))) >= 10
    assert np.ptp(fade(written(), Random(1))) < np.ptp(written())


def test_the_mixture_is_the_same_however_many_processes_draw_it() -> None:
    drawn = []
    for processes in (1, 2):
        mixture = Mixture(FILES, processes)
        try:
            samples, kinds = mixture.kinds(2 * CHUNK, seed=4)
        finally:
            mixture.close()
        drawn.append((samples, kinds))
    (one, kinds), (other, _) = drawn
    np.testing.assert_array_equal(one.pictures, other.pictures)
    assert one.texts == other.texts
    assert one.pictures.shape == (2 * CHUNK, 1, *INPUT)
    assert {len(text) for text in one.texts} == set(range(LENGTHS[0], LENGTHS[1] + 1))
    assert set(kinds) == set(KINDS)
    assert all(set(text) <= set(kind) for text, kind in zip(one.texts, kinds, strict=True))


def test_a_mixture_that_goes_on_draws_what_would_have_come_next() -> None:
    mixture = Mixture(FILES, 2)
    try:
        at_once = mixture.batches(CHUNK, seed=1)
        next(at_once)
        second = next(at_once)
        resumed = next(mixture.batches(CHUNK, seed=1, first=1))
    finally:
        mixture.close()
    assert resumed.texts == second.texts
    np.testing.assert_array_equal(resumed.pictures, second.pictures)


def font_package(folder: Path, name: str, font: bytes, category: str) -> None:
    package = folder / "@fontsource" / name
    (package / "files").mkdir(parents=True)
    (package / "files" / f"{name}-latin-400-normal.woff").write_bytes(font)
    (package / "metadata.json").write_text(f'{{"category": "{category}"}}')
    (package / "package.json").write_text(
        f'{{"name": "@fontsource/{name}", "version": "1.2.3", "license": "OFL-1.1"}}'
    )


def test_plain_fonts_count_for_more_and_files_that_are_no_fonts_are_left_out(tmp_path: Path) -> None:
    font = Path(DEFAULT_FONTS[0]).read_bytes()
    font_package(tmp_path, "plain", font, "sans-serif")
    font_package(tmp_path, "wild", font, "display")
    font_package(tmp_path, "broken", b"no font", "serif")
    plain, wild = (family[0].weight for family in font_families(tmp_path))
    assert plain > wild
    assert font_licences(tmp_path)["@fontsource/wild"] == {"version": "1.2.3", "licence": "OFL-1.1"}


@pytest.mark.parametrize("families", [20, 45])
def test_no_family_is_both_learnt_from_and_kept_for_validation(families: int) -> None:
    files = [
        [FontFile(Path(f"{index}-{weight}"), "abc") for weight in (400, 700)] for index in range(families)
    ]
    train, held_out = split_families(files)
    assert not set(train) & set(held_out)
    assert len(train) + len(held_out) == 2 * families
    assert len(held_out) == 2 * -(-families // HELD_OUT)
