"""What a style may hold fast: size, ground, cover, inks, places, strokes, fonts."""

import dataclasses
from random import Random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ImageFont

from tests.training.recognition.synthesis.test_drawing import CLEAN, FACE
from training.recognition.synthesis.drawing import draw
from training.recognition.synthesis.style import BROAD, Centre, FontChoice, Style
from training.recognition.synthesis.typefaces import Typeface

BLACK_ON_WHITE = dataclasses.replace(
    CLEAN,
    height=50,
    width=100,
    inks=((0, 0, 0),),
    text_height=(0.5, 0.5),
    letter_height=(0.5, 0.5),
    stretch=(1.0, 1.0),
    resize=0.0,
)

FOUR = tuple(Centre(x, y) for x, y in ((0.15, 0.5), (0.4, 0.3), (0.6, 0.7), (0.85, 0.5)))


def ink_of(style: Style, text: str = "HHHH", seed: int = 0) -> NDArray[np.float64]:
    """Ink 0..1 of each pixel, shape (height, width)."""
    return 1 - draw(text, [FACE], style, Random(seed)).mean(axis=2) / 255


@settings(max_examples=60, deadline=None)
@given(
    text=st.text("0123456789abcXYZgjW", min_size=1, max_size=12),
    seed=st.integers(0, 10_000),
    height=st.integers(16, 60),
    width=st.integers(16, 120),
    letter_height=st.none() | st.just((0.4, 0.9)),
)
def test_a_style_with_a_width_gives_pictures_of_just_that_width(
    text: str, seed: int, height: int, width: int, letter_height: tuple[float, float] | None
) -> None:
    style = dataclasses.replace(BROAD, height=height, width=width, letter_height=letter_height)
    assert draw(text, [FACE], style, Random(seed)).shape == (height, width, 3)


@settings(max_examples=40, deadline=None)
@given(
    places=st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.25, 0.75)), min_size=1, max_size=1),
    character=st.sampled_from("HAg7w"),
    stroke=st.sampled_from((0.0, 0.5, -0.3)),
)
def test_a_character_lies_where_its_centre_is(
    places: list[tuple[float, float]], character: str, stroke: float
) -> None:
    ((x, y),) = places
    style = dataclasses.replace(BLACK_ON_WHITE, centres=(Centre(x, y),), stroke=(stroke, stroke))
    rows, columns = (ink_of(style, character) > 0.5).nonzero()
    assert (columns.min() + columns.max() + 1) / 2 == pytest.approx(100 * x, abs=1)
    assert (rows.min() + rows.max() + 1) / 2 == pytest.approx(50 * y, abs=1)


@pytest.mark.parametrize("scatter", ["even", "normal"])
def test_characters_scatter_about_their_centres_as_told(scatter: str) -> None:
    style = dataclasses.replace(BLACK_ON_WHITE, centres=(Centre(0.5, 0.5, 0.08, 0.1),), scatter=scatter)
    found = []
    for seed in range(300):
        rows, columns = (ink_of(style, "I", seed) > 0.5).nonzero()
        found.append((columns.mean() + 0.5, rows.mean() + 0.5))
    means, deviations = np.mean(found, axis=0), np.std(found, axis=0)
    np.testing.assert_allclose(means, (50, 25), atol=1.5)
    np.testing.assert_allclose(deviations, (8, 5), rtol=0.15)
    farthest = np.abs(np.array(found) - (50, 25)).max(axis=0) / (8, 5)
    assert (farthest < 2).all() == (scatter == "even")


def test_on_one_line_a_g_hangs_lower_than_a_d() -> None:
    def middle(character: str, anchor: str) -> float:
        style = dataclasses.replace(BLACK_ON_WHITE, centres=(Centre(0.5, 0.5),), anchor=anchor)
        rows, _ = (ink_of(style, character) > 0.5).nonzero()
        return float(rows.min() + rows.max()) / 2

    assert middle("g", "line") > middle("d", "line") + 3
    assert middle("g", "ink") == pytest.approx(middle("d", "ink"), abs=1)


def test_a_text_of_another_length_than_the_centres_is_refused() -> None:
    style = dataclasses.replace(BLACK_ON_WHITE, centres=FOUR)
    with pytest.raises(ValueError, match="places for 4 characters, and 'HHH' has 3"):
        draw("HHH", [FACE], style, Random(0))


def test_letters_are_as_high_as_the_font_is_large() -> None:
    style = dataclasses.replace(BLACK_ON_WHITE, centres=FOUR, letter_height=(0.6, 0.6))
    capital = FACE.glyph("H").mask.shape[0] / 64
    rows, _ = (ink_of(style)[:, :25] > 0.5).nonzero()
    assert rows.max() - rows.min() + 1 == pytest.approx(50 * 0.6 * capital, abs=1)


def test_what_lies_under_and_over_a_text_is_always_the_same() -> None:
    random = np.random.default_rng(0)
    ground = random.integers(0, 255, (50, 100, 3)).astype(np.uint8)
    cover = random.integers(0, 255, (50, 100, 4)).astype(np.uint8)
    cover[..., 3] = np.where(random.random((50, 100)) < 0.5, 255, 0)
    style = dataclasses.replace(
        BLACK_ON_WHITE, ground_picture=ground, cover=cover, centres=FOUR, bent=1.0, bend=(0.05, 0.05)
    )
    picture = draw("HHHH", [FACE], style, Random(1))
    covered = cover[..., 3] == 255
    np.testing.assert_array_equal(picture[covered], cover[..., :3][covered])
    changed = (picture != ground).any(axis=2) & ~covered
    assert 0.05 < changed.mean() < 0.3
    assert (picture[changed] <= ground[changed]).all()


def test_a_style_is_left_as_it_is_by_drawing() -> None:
    ground = np.full((50, 100, 3), 200, np.uint8)
    style = dataclasses.replace(BLACK_ON_WHITE, ground_picture=ground, centres=FOUR)
    draw("HHHH", [FACE], style, Random(1))
    assert (ground == 200).all()


@settings(max_examples=30, deadline=None)
@given(
    ink=st.tuples(*[st.integers(30, 200)] * 3), jitter=st.sampled_from((0.0, 0.1)), seed=st.integers(0, 999)
)
def test_texts_are_written_in_the_styles_inks(ink: tuple[int, int, int], jitter: float, seed: int) -> None:
    style = dataclasses.replace(BLACK_ON_WHITE, inks=(ink,), ink_jitter=jitter, stroke=(4.0, 4.0))
    picture = draw("HH", [FACE], style, Random(seed))
    darkest = picture.reshape(-1, 3)[picture.sum(axis=2).argmin()]
    assert np.abs(darkest.astype(int) - ink).max() <= 255 * jitter + 1


def test_every_character_may_have_one_of_the_inks() -> None:
    inks = ((200, 0, 0), (0, 200, 0))
    style = dataclasses.replace(BLACK_ON_WHITE, inks=inks, many_colours=1.0, centres=FOUR)
    seen = set()
    for seed in range(20):
        picture = draw("HHHH", [FACE], style, Random(seed))
        seen |= {ink for ink in inks if (picture == ink).all(axis=2).any()}
    assert seen == set(inks)


@settings(max_examples=20, deadline=None)
@given(change=st.floats(-1.5, 4.0))
def test_strokes_change_by_as_many_pixels_as_told(change: float) -> None:
    """The upright of an I."""
    style = dataclasses.replace(
        BLACK_ON_WHITE, centres=(Centre(0.5, 0.5),), letter_height=(0.8, 0.8), stroke=(0.001, 0.001)
    )
    changed = dataclasses.replace(style, stroke=(change, change))
    before, after = (ink_of(each, "l")[25].sum() for each in (style, changed))
    assert after - before == pytest.approx(change, abs=0.15)


def test_without_a_change_of_stroke_both_ways_to_draw_agree() -> None:
    style = dataclasses.replace(BLACK_ON_WHITE, centres=FOUR, letter_height=(0.8, 0.8))
    by_distance = dataclasses.replace(style, stroke=(1e-6, 1e-6))
    one, by_edge = ink_of(style, "Rg8w"), ink_of(by_distance, "Rg8w")
    assert by_edge.sum() == pytest.approx(one.sum(), rel=0.02)
    assert np.minimum(one, by_edge).sum() > 0.9 * one.sum()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Typeface:
    """The font that Pillow brings along."""
    path = tmp_path_factory.mktemp("fonts") / "Other Sans.ttf"
    default = ImageFont.load_default(20)
    assert isinstance(default, ImageFont.FreeTypeFont)
    path.write_bytes(default.font_bytes)
    return Typeface(path)


def test_fonts_are_written_in_as_often_as_their_weights_say(other: Typeface) -> None:
    style = dataclasses.replace(BLACK_ON_WHITE, centres=(Centre(0.5, 0.5),), one_font=1.0)
    chosen = dataclasses.replace(
        style, fonts=(FontChoice("any", FACE.fingerprint, 1.0), FontChoice(other.name, "", 3.0))
    )
    first = draw("R", [FACE], style, Random(0))
    drawn = [draw("R", [FACE, other], chosen, Random(seed)) for seed in range(400)]
    share = np.mean([(picture == first).all() for picture in drawn])
    assert share == pytest.approx(0.25, abs=0.07)


def test_a_style_whose_fonts_are_not_there_is_refused_by_their_names() -> None:
    style = dataclasses.replace(BLACK_ON_WHITE, fonts=(FontChoice("Lost Sans"),))
    with pytest.raises(ValueError, match="written in: Lost Sans"):
        draw("HH", [FACE], style, Random(0))


def test_narrow_margins_leave_the_free_width_where_the_style_wants_it() -> None:
    style = dataclasses.replace(BLACK_ON_WHITE, margin=(0.0, 0.0))
    left, right = (
        (ink_of(dataclasses.replace(style, across=(at, at)), "HH") > 0.5).any(axis=0).nonzero()[0]
        for at in (0.0, 1.0)
    )
    assert left.min() <= 1
    assert right.max() >= 98
    assert cv2.connectedComponents((ink_of(style, "HH") > 0.5).astype(np.uint8))[0] == 3


def test_blocks_of_a_fixed_ground_without_text_are_not_compressed_again() -> None:
    ground = np.random.default_rng(0).integers(0, 255, (50, 100, 3), dtype=np.uint8)
    style = dataclasses.replace(
        BLACK_ON_WHITE, ground_picture=ground, centres=(Centre(0.1, 0.5),), compressed=1.0, jpeg=(20, 20)
    )
    picture = draw("i", [FACE], style, Random(0))
    np.testing.assert_array_equal(picture[:, 48:], ground[:, 48:])
    assert (picture[:, :16] != ground[:, :16]).any()


def test_blur_leaves_a_fixed_ground_alone() -> None:
    ground = np.random.default_rng(0).integers(100, 255, (50, 100, 3), dtype=np.uint8)
    sharp = dataclasses.replace(BLACK_ON_WHITE, ground_picture=ground, centres=(Centre(0.2, 0.5),))
    soft = dataclasses.replace(sharp, blurred=1.0, blur=(0.04, 0.04))
    one, other = (draw("H", [FACE], style, Random(0)) for style in (sharp, soft))
    np.testing.assert_array_equal(other[:, 60:], ground[:, 60:])
    assert (one[:, :40] != other[:, :40]).any()


def test_crisp_edges_have_no_half_tones() -> None:
    style = dataclasses.replace(BLACK_ON_WHITE, centres=(Centre(0.5, 0.5),), crisp=1.0)
    assert set(np.unique(ink_of(style, "R"))) == {0.0, 1.0}


def test_grounds_and_lines_have_the_colours_that_they_are_given() -> None:
    style = dataclasses.replace(
        BLACK_ON_WHITE,
        grounds=((200, 220, 240),),
        inks=((10, 20, 30),),
        stroke=(3.0, 3.0),
        line_inks=((250, 0, 0),),
        lined=1.0,
        lines=(3, 3),
        line_width=(3, 3),
    )
    picture = draw("RRRR", [FACE], style, Random(1)).astype(int)
    for colour in ((200, 220, 240), (10, 20, 30), (250, 0, 0)):
        assert (np.abs(picture - colour).max(axis=2) <= 8).sum() > 20


def test_inks_keep_their_contrast_to_the_grounds_where_they_can() -> None:
    style = dataclasses.replace(
        BLACK_ON_WHITE, grounds=((0, 0, 0), (255, 255, 255)), inks=((0, 0, 0), (255, 255, 255)), contrast=0.5
    )
    assert all(np.ptp(draw("HHHH", [FACE], style, Random(seed))) > 200 for seed in range(20))
