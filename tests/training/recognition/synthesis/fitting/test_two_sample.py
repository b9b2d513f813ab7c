"""The two-sample test: what can be told apart and what cannot."""

import dataclasses

import numpy as np
import pytest

from tests.training.recognition.synthesis.fitting.known import CELLS, drawn, fonts
from training.recognition.synthesis.fitting import Closeness, NothingToFit
from training.recognition.synthesis.fitting.two_sample import FEWEST, tell_apart
from training.recognition.synthesis.style import Centre

DROID, AILERON = fonts()

REAL = drawn(CELLS, DROID, 150, seed=1)


def test_pictures_of_one_style_cannot_be_told_apart() -> None:
    closeness = tell_apart(REAL, drawn(CELLS, DROID, 150, seed=2))
    assert closeness.accuracy < 0.6
    assert closeness.low < 0.52
    assert closeness.n == 300


def test_wider_strokes_give_pictures_away_and_are_named() -> None:
    closeness = tell_apart(REAL, drawn(dataclasses.replace(CELLS, stroke=(1.5, 1.5)), DROID, 150, seed=2))
    assert closeness.low > 0.9
    named = {each.name for each in closeness.giveaways}
    assert named & {"stroke", "ink", "thin", "mark_area", "edges", "solid"}
    assert all(each.sentence.endswith("% rightly.") for each in closeness.giveaways)


def test_the_map_shows_the_place_that_differs() -> None:
    moved = (*CELLS.centres[:3], Centre(0.85, 0.3, 0.03, 0.08))
    closeness = tell_apart(REAL, drawn(dataclasses.replace(CELLS, centres=moved), DROID, 150, seed=2))
    assert closeness.where.shape == (50, 100)
    assert closeness.where[:, 75:].mean() > closeness.where[:, :60].mean() + 0.05
    assert closeness.where.min() >= 0.5


def test_equal_seeds_tell_the_same() -> None:
    drawings = drawn(CELLS, AILERON, 60, seed=2)
    one, same = (tell_apart(REAL[:60], drawings, seed=3).to_json() for _ in range(2))
    assert one == same


def test_a_closeness_is_written_and_read_as_json() -> None:
    closeness = tell_apart(REAL[:60], drawn(CELLS, AILERON, 60, seed=2))
    again = Closeness.from_json(closeness.to_json())
    np.testing.assert_allclose(again.where, closeness.where, atol=0.001)
    assert again.giveaways == closeness.giveaways
    assert (again.accuracy, again.low, again.high, again.n) == (
        closeness.accuracy,
        closeness.low,
        closeness.high,
        closeness.n,
    )


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(NothingToFit, match=f"150 real and 3 drawn.*at least {FEWEST}"):
        tell_apart(REAL, REAL[:3])
