"""From unlabelled pictures to the style that they are in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from labeling.imaging.arrays import Pixels
from training.recognition.synthesis.fitting.budget import Budget
from training.recognition.synthesis.fitting.compression import grain, jpeg_quality
from training.recognition.synthesis.fitting.drawing import draw_texts, random_texts
from training.recognition.synthesis.fitting.estimating import Estimates, first_style, lengths_of, turns_of
from training.recognition.synthesis.fitting.fitted import (
    FittedStyle,
    FittingListener,
    FontScore,
    SilentFittingListener,
)
from training.recognition.synthesis.fitting.gathering import Colours, NothingToFit, gather
from training.recognition.synthesis.fitting.ground import estimate_ground
from training.recognition.synthesis.fitting.ink import estimate_ink, ink_maps
from training.recognition.synthesis.fitting.lines import estimate_lines
from training.recognition.synthesis.fitting.marks import find_marks, touches_edge
from training.recognition.synthesis.fitting.placing import estimate_placing
from training.recognition.synthesis.fitting.ranking import rank_fonts
from training.recognition.synthesis.fitting.sentences import findings_of
from training.recognition.synthesis.fitting.simulation import simulate
from training.recognition.synthesis.fitting.summaries import ALL, Measure
from training.recognition.synthesis.fitting.two_sample import tell_apart
from training.recognition.synthesis.fonts import Font, writing
from training.recognition.synthesis.style import Style
from training.recognition.synthesis.typefaces import Typeface

SIMULATED_ON = 400
"""Real pictures that drawn ones are compared with while numbers are turned."""

FEWEST_MARKS = 20
"""With fewer characters found, no font can be told."""

MOST_INK = 0.45
"""Where more than this share of pictures is inked on average, it is no text on a ground."""

LINED = 0.3
"""From this share of pictures with stray lines on, lines are taken off before characters are looked for."""

COMPARED = 400
"""Drawn pictures that the two-sample test looks at."""


def fit_style(
    pictures: Sequence[Pixels],
    task_alphabet: str,
    min_length: int,
    max_length: int,
    fonts: Sequence[Font],
    seed: int = 0,
    listener: FittingListener | None = None,
    max_seconds: float = 120.0,
) -> FittedStyle:
    """The style that uint8 RGBA pictures (h, w, 4) are in, told without labels.

    Every property is estimated by itself (ground, ink, lines, characters, fonts, places, wear); then the numbers are
    turned until drawn pictures measure as the real ones do (`simulation`), and a classifier says how close that came
    (`two_sample`). Equal pictures, fonts and seeds give equal styles, unless `max_seconds` of one core (see `Budget`)
    end the simulation early. Raises NothingToFit with a sentence where a style cannot be told.
    """
    budget = Budget(0.85 * max_seconds)
    listener = listener or SilentFittingListener()
    estimates = _estimate(pictures, task_alphabet, min_length, max_length, fonts, seed, listener)
    measure = Measure(estimates.ground, estimates.ink)
    chosen = [each.font.typeface for each in estimates.ranking.fonts if each.weight > 0]
    real = _some(estimates.gathered.pictures, SIMULATED_ON)
    texts = random_texts(task_alphabet, estimates.lengths, COMPARED, seed + 1)
    listener.on_stage("Turning sizes, turns and places until drawn pictures measure as the real ones", 0.3)
    first = _with_quality_corrected(first_style(estimates), estimates.quality, chosen, texts[:30], seed)
    simulated = simulate(
        _with_ink_corrected(first, real, measure, chosen, texts[:60], seed),
        real,
        measure,
        chosen,
        task_alphabet,
        estimates.lengths,
        seed,
        budget.is_spent,
        _progress(listener, 0.3, 0.9),
    )
    style = _with_ink_corrected(simulated.style, real, measure, chosen, texts[:60], seed)
    listener.on_stage("Asking a classifier to tell drawn from real pictures", 0.9)
    drawn = draw_texts(texts, style, chosen, seed + 1)
    closeness = tell_apart(_some(estimates.gathered.pictures, COMPARED), drawn, seed)
    listener.on_stage("Fitted", 1.0)
    return FittedStyle(
        style,
        tuple(FontScore(each.font.name, each.score, each.weight) for each in estimates.ranking.fonts),
        tuple(findings_of(estimates, style, simulated)),
        closeness,
        budget.seconds,
    )


def _estimate(
    pictures: Sequence[Pixels],
    alphabet: str,
    min_length: int,
    max_length: int,
    fonts: Sequence[Font],
    seed: int,
    listener: FittingListener,
) -> Estimates:
    listener.on_stage("Telling the ground from what is written on it", 0.0)
    able = writing(fonts, alphabet)
    if not able:
        raise NothingToFit(
            f"None of the {len(fonts)} fonts at hand has glyphs for all of {alphabet!r}. Upload one that has."
        )
    gathered = gather(pictures, seed)
    ground = estimate_ground(gathered)
    ink = estimate_ink(gathered, ground)
    maps = ink_maps(gathered, ground, ink)
    covered = float(np.mean([ink.mean() for ink in maps]))
    if covered > MOST_INK:
        raise NothingToFit(
            f"{100 * covered:.0f} % of the pictures differ from what was taken for their ground: text cannot be told "
            "from it. Crop the pictures to the text, or look whether they are of one family."
        )
    lines = estimate_lines(gathered.pictures, maps)
    listener.on_stage("Looking for single characters", 0.08)
    marks = find_marks(maps, min_length, max_length, thin=lines.share >= LINED)
    whole = [mark for mark in marks.marks if not touches_edge(mark, maps[mark.picture].shape)]
    if len(whole) < FEWEST_MARKS:
        raise NothingToFit(
            f"Only {len(whole)} single characters could be told from the ground in {len(maps)} pictures; fonts and "
            f"sizes need at least {FEWEST_MARKS}. Check alphabet and length of the project, or crop the pictures."
        )
    listener.on_stage(f"Comparing {len(able)} fonts with {len(whole)} characters", 0.1)
    ranking = rank_fonts(able, whole, alphabet, seed, _progress(listener, 0.1, 0.3))
    length = min_length if min_length == max_length else None
    shape = (gathered.height, gathered.width) if gathered.width is not None else None
    placing = estimate_placing(
        ranking.marks, ranking.matches, ranking.fonts[0].font.typeface, alphabet, shape, length, ranking.sure
    )
    turn, slant, stretch = turns_of(ranking, marks.cut)
    return Estimates(
        gathered,
        ground,
        ink,
        maps,
        lines,
        marks,
        ranking,
        placing,
        turn,
        slant,
        stretch,
        jpeg_quality(gathered.pictures),
        grain(gathered.pictures, ground),
        lengths_of(marks, min_length, max_length),
    )


def _progress(listener: FittingListener, begin: float, end: float) -> Callable[[float], bool]:
    """Tells a part's share as one of the whole; whether to go on."""

    def tell(share: float) -> bool:
        listener.on_share(begin + (end - begin) * share)
        return not listener.should_stop()

    return tell


def _some(pictures: Sequence[Colours], count: int) -> list[Colours]:
    if len(pictures) <= count:
        return list(pictures)
    return [pictures[index] for index in np.linspace(0, len(pictures) - 1, count).astype(int)]


def _with_quality_corrected(
    style: Style, quality: int | None, typefaces: Sequence[Typeface], texts: Sequence[str], seed: int
) -> Style:
    """The quality whose drawn pictures are taken for that of the real ones: where text is as bright or dark as can be,
    frequencies are cut off and the quality looks better than it is."""
    if quality is None:
        return style
    for _ in range(3):
        seen = jpeg_quality(draw_texts(texts, style, typefaces, seed))
        moved = int(np.clip(style.jpeg[0] + quality - (quality if seen is None else seen), 10, 98))
        if moved == style.jpeg[0]:
            break
        style = dataclasses.replace(style, jpeg=(moved, moved))
    return style


def _with_ink_corrected(
    style: Style,
    real: Sequence[Colours],
    measure: Measure,
    typefaces: Sequence[Typeface],
    texts: Sequence[str],
    seed: int,
) -> Style:
    """The one ink moved by what drawn ink differs from real ink: soft edges and JPEG pale it on the way."""
    if len(style.inks) != 1:
        return style
    first = [name for name, _ in ALL].index("ink_red")
    seen = measure.all(real[:150])[:, first : first + 3].mean(axis=0)
    drawn = measure.all(draw_texts(texts, style, typefaces, seed))[:, first : first + 3].mean(axis=0)
    red, green, blue = np.rint(np.array(style.inks[0]) + seen - drawn).clip(0, 255).astype(int)
    return dataclasses.replace(style, inks=((int(red), int(green), int(blue)),))
