"""Whole fits: pictures of a known style in, a style that draws the like out."""

import dataclasses
import json
from functools import cache

import numpy as np
import pytest

from tests.training.recognition.synthesis.fitting.known import ALPHABET, CELLS, INK, drawn, fonts, rgba
from training.recognition.synthesis.fitting import FittedStyle, NothingToFit, SilentFittingListener, fit_style
from training.recognition.synthesis.fitting.drawing import draw_texts, random_texts
from training.recognition.synthesis.fitting.gathering import on_white
from training.recognition.synthesis.fitting.simulation import Comparison, simulate
from training.recognition.synthesis.fitting.two_sample import measure_of
from training.recognition.synthesis.style import Centre, Style

DROID, AILERON = FONTS = fonts()

TRUE = dataclasses.replace(CELLS, stroke=(0.4, 0.4), jpeg=(70, 70), compressed=1.0)

PICTURES = drawn(TRUE, DROID, 160)

ENOUGH = 100.0
"""Seconds in which a fit comes to its end on a busy machine, too."""


class Remembering(SilentFittingListener):
    def __init__(self, stop_after: int | None = None) -> None:
        self.stages: list[str] = []
        self.shares: list[float] = []
        self._stop_after = stop_after

    def on_stage(self, sentence: str, share: float) -> None:
        self.stages.append(sentence)
        self.shares.append(share)

    def on_share(self, share: float) -> None:
        self.shares.append(share)

    def should_stop(self) -> bool:
        return self._stop_after is not None and len(self.stages) >= self._stop_after


@cache
def _fitted() -> FittedStyle:
    return fit_style(PICTURES, ALPHABET, 4, 4, FONTS, max_seconds=ENOUGH)


def test_a_known_style_is_found_within_bounds() -> None:
    style = _fitted().style
    assert (style.height, style.width) == (50, 100)
    assert max(style.fonts, key=lambda choice: choice.weight).name == "Droid Sans Mono"
    assert style.letter_height is not None
    assert np.mean(style.letter_height) == pytest.approx(0.42, abs=0.04)
    assert style.rotation[1] == pytest.approx(24, abs=8)
    assert style.stroke[0] == pytest.approx(0.4, abs=0.8)
    assert np.abs(np.array(style.inks[0]) - INK).max() <= 20
    assert style.jpeg[0] == pytest.approx(70, abs=5)
    assert style.lined == 0
    for found, true in zip(style.centres, TRUE.centres, strict=True):
        assert found.x == pytest.approx(true.x, abs=0.025)
        assert found.y == pytest.approx(true.y, abs=0.05)


def test_what_was_found_is_told_in_sentences() -> None:
    findings = {each.name: each for each in _fitted().findings}
    assert {"ground", "fixed_noise", "ink", "fonts", "letter_height", "rotation", "centres", "jpeg"} <= set(
        findings
    )
    assert "Droid Sans Mono explains the characters best" in findings["fonts"].sentence
    assert all(each.sentence.endswith(".") for each in findings.values())


def test_what_is_drawn_in_the_fitted_style_measures_as_the_pictures_do() -> None:
    fitted = _fitted()
    real = [on_white(each) for each in PICTURES]
    measure = measure_of(real)
    comparison = Comparison(measure.all(real))
    letters, faces = random_texts(ALPHABET, [4], 100, 5), [DROID.typeface, AILERON.typeface]

    def distance(style: Style) -> float:
        drawings = draw_texts(letters, style, faces, 5)
        return float(np.linalg.norm(comparison.residuals(measure.all(drawings))))

    true, found = distance(TRUE), distance(fitted.style)
    assert found < true + 0.6
    assert fitted.closeness.n == 320
    assert 0.45 < fitted.closeness.accuracy <= 1.0


def test_a_fit_is_written_and_read_as_json() -> None:
    fitted = _fitted()
    again = FittedStyle.from_json(json.loads(json.dumps(fitted.to_json())))
    assert again.style == fitted.style
    assert again.fonts == fitted.fonts
    assert [each.sentence for each in again.findings] == [each.sentence for each in fitted.findings]


def test_a_listener_hears_what_is_done_and_how_far_it_is() -> None:
    listener = Remembering(stop_after=4)
    fit_style(PICTURES[:80], ALPHABET, 4, 4, FONTS, listener=listener, max_seconds=60)
    assert listener.stages[0].startswith("Telling the ground")
    assert listener.stages[-1] == "Fitted"
    assert listener.shares == sorted(listener.shares)
    assert listener.shares[-1] == 1.0


def test_equal_pictures_and_seeds_give_equal_styles() -> None:
    one, same = (
        fit_style(PICTURES[:80], ALPHABET, 4, 4, FONTS, seed=3, listener=Remembering(stop_after=4))
        for _ in range(2)
    )
    assert one.style == same.style


def test_a_known_number_that_was_estimated_wrongly_is_corrected_by_drawing() -> None:
    real = [on_white(each) for each in PICTURES]
    wrong = dataclasses.replace(
        TRUE,
        letter_height=(0.5, 0.5),
        centres=tuple(Centre(c.x, c.y + 0.06, c.x_deviation, c.y_deviation) for c in TRUE.centres),
        stroke=(1.0, 1.0),
        slant=0.0,
    )
    found = simulate(
        wrong, real, measure_of(real), [DROID.typeface], ALPHABET, [4], 0, lambda: False, pictures=40
    )
    assert found.style.letter_height is not None
    assert found.after < 0.5 * found.before
    assert np.mean(found.style.letter_height) == pytest.approx(0.42, abs=0.03)
    assert found.style.centres[0].y == pytest.approx(TRUE.centres[0].y, abs=0.03)


def test_pictures_without_text_are_refused() -> None:
    random = np.random.default_rng(0)
    noise = [rgba(random.integers(0, 255, (30, 60, 3)).astype(np.uint8)) for _ in range(60)]
    with pytest.raises(NothingToFit, match="text cannot be told from it"):
        fit_style(noise, ALPHABET, 4, 4, FONTS)


def test_an_alphabet_that_no_font_writes_is_refused() -> None:
    with pytest.raises(NothingToFit, match="None of the 2 fonts at hand has glyphs for all of"):
        fit_style(PICTURES, "ab\u4e2d", 4, 4, FONTS)
