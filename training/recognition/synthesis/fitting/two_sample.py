"""Can drawn pictures be told from real ones? A classifier tries, and says by what.

The classifier two-sample test (D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017): if both
come from one distribution, no classifier is right more often than a coin on pictures that it has not seen. Here two of
them are asked together, logistic regression and boosted trees, on properties of form, colour and texture.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from labeling.imaging.arrays import Pixels
from labeling.intervals import wilson_interval
from training.recognition.synthesis.fitting.fitted import Closeness, Giveaway
from training.recognition.synthesis.fitting.gathering import Colours, Gathered, NothingToFit, on_white
from training.recognition.synthesis.fitting.ground import Ground, estimate_ground
from training.recognition.synthesis.fitting.ink import estimate_ink
from training.recognition.synthesis.fitting.summaries import ALL, WORDS, Measure

FOLDS = 5

MOST = 400
"""Pictures of each kind."""

FEWEST = 25
"""Of each kind; fewer cannot be told apart, nor not."""

FILTERS, PATCH = 16, 5
"""Main components of patches of so many pixels that texture is measured with."""

CELL = 10
"""Pixels of the places that are compared one by one."""

GIVEAWAYS = 5

Labels = NDArray[np.int64]
"""0 for real, 1 for drawn."""


def tell_apart(real: Sequence[Pixels], synthetic: Sequence[Pixels], seed: int = 0) -> Closeness:
    """How often a classifier tells drawn from real pictures that it was not trained on, as many of each.

    Takes pictures of red, green and blue with or without alpha, uint8 (h, w, 3 or 4). Raises NothingToFit with a
    sentence where there are fewer than FEWEST of either.
    """
    count = min(len(real), len(synthetic), MOST)
    if count < FEWEST:
        raise NothingToFit(
            f"{len(real)} real and {len(synthetic)} drawn pictures are too few to tell whether they differ; "
            f"it takes at least {FEWEST} of each."
        )
    random = np.random.default_rng(seed)
    ours = [on_white(real[index]) for index in np.sort(random.permutation(len(real))[:count])]
    theirs = [on_white(synthetic[index]) for index in np.sort(random.permutation(len(synthetic))[:count])]
    measure = measure_of([on_white(each) for each in real])
    pictures = [*ours, *theirs]
    labels = np.repeat([0, 1], count)
    summaries = measure.all(pictures)
    texture = _texture(pictures, seed)
    right = _cross_validated(np.hstack([summaries, texture]), labels, seed)
    interval = wilson_interval(int(right.sum()), len(right))
    return Closeness(
        float(right.mean()),
        interval.low,
        interval.high,
        len(right),
        _giveaways(summaries, labels, interval.high - float(right.mean()), seed),
        _where(pictures, measure, labels, seed),
    )


def measure_of(pictures: Sequence[Colours]) -> Measure:
    """What pictures are measured beside: their ground and ink."""
    same = len({each.shape for each in pictures}) == 1
    height = pictures[0].shape[0]
    gathered = Gathered(list(pictures), height, pictures[0].shape[1] if same else None, 0)
    ground: Ground = estimate_ground(gathered)
    return Measure(ground, estimate_ink(gathered, ground))


def _texture(pictures: Sequence[Colours], seed: int) -> NDArray[np.float32]:
    """How strongly each picture's patches answer to the main components of all patches: mean, deviation and the extreme
    for each, (n, 3 * FILTERS)."""
    random = np.random.default_rng(seed)
    greys = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY).astype(np.float32) for each in pictures]
    patches = []
    for grey in greys:
        for _ in range(12):
            top = random.integers(0, max(grey.shape[0] - PATCH, 1))
            left = random.integers(0, max(grey.shape[1] - PATCH, 1))
            patch = grey[top : top + PATCH, left : left + PATCH]
            if patch.shape == (PATCH, PATCH):
                patches.append(patch.ravel())
    centred = np.stack(patches)
    centred -= centred.mean(axis=1, keepdims=True)
    _, components = np.linalg.eigh(centred.T @ centred)
    filters = components[:, ::-1][:, :FILTERS].T.reshape(-1, PATCH, PATCH).astype(np.float32)
    rows = []
    for grey in greys:
        answers = np.stack([np.abs(cv2.filter2D(grey, -1, each)).ravel() for each in filters])
        rows.append(np.concatenate([answers.mean(1), answers.std(1), np.quantile(answers, 0.98, axis=1)]))
    return np.array(rows, np.float32)


def _folds(n: int, seed: int) -> NDArray[np.int64]:
    """The fold of each of n real and of n drawn pictures, the same share of both in each."""
    random = np.random.default_rng(seed)
    return np.concatenate([random.permutation(np.arange(n) % FOLDS) for _ in range(2)])


def _cross_validated(features: NDArray[np.float32], labels: Labels, seed: int) -> NDArray[np.bool_]:
    """Whether each picture is told rightly by classifiers that were trained on the others' folds."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    folds = _folds(len(labels) // 2, seed)
    drawn = np.zeros(len(labels))
    for fold in range(FOLDS):
        train, test = folds != fold, folds == fold
        for classifier in (
            make_pipeline(StandardScaler(), LogisticRegression(C=0.03, max_iter=300)),
            HistGradientBoostingClassifier(
                max_iter=60, max_leaf_nodes=8, learning_rate=0.1, l2_regularization=1.0, random_state=seed
            ),
        ):
            # On so little data more threads mostly wait for each other.
            with threadpool_limits(1):
                classifier.fit(features[train], labels[train])
                drawn[test] += classifier.predict_proba(features[test])[:, 1] / 2
    right: NDArray[np.bool_] = (drawn > 0.5) == (labels == 1)
    return right


def _giveaways(
    summaries: NDArray[np.float32], labels: Labels, chance: float, seed: int
) -> tuple[Giveaway, ...]:
    """The properties that tell most by themselves, more often than by chance."""
    folds = _folds(len(labels) // 2, seed)
    found = []
    for index, (name, _) in enumerate(ALL):
        accuracy = _alone(summaries[:, index], labels, folds)
        real, drawn = (float(summaries[labels == label, index].mean()) for label in (0, 1))
        if accuracy > 0.5 + chance:
            found.append(Giveaway(name, accuracy, real, drawn, _sentence(name, accuracy, real, drawn)))
    return tuple(sorted(found, key=lambda each: -each.accuracy)[:GIVEAWAYS])


def _alone(values: NDArray[np.float32], labels: Labels, folds: NDArray[np.int64]) -> float:
    """How often one property tells, by the commoner kind in each twelfth of its values."""
    right = 0
    for fold in range(FOLDS):
        train, test = folds != fold, folds == fold
        edges = np.unique(np.quantile(values[train], np.linspace(0, 1, 13)[1:-1]))
        bins = np.searchsorted(edges, values[train])
        balance = np.bincount(bins, 2 * labels[train] - 1, len(edges) + 1)
        right += int(((balance[np.searchsorted(edges, values[test])] > 0) == (labels[test] == 1)).sum())
    return right / len(labels)


def _sentence(name: str, accuracy: float, real: float, drawn: float) -> str:
    words = WORDS[name]
    if abs(real - drawn) < 0.005 * max(abs(real), abs(drawn), 1e-9):
        how = f"is {real:.3g} on average on both, but scattered otherwise"
    else:
        how = f"is {drawn:.3g} on drawn and {real:.3g} on real pictures, on average"
    return f"{words[0].upper()}{words[1:]} {how}; it alone tells {100 * accuracy:.0f} % rightly."


def _where(pictures: Sequence[Colours], measure: Measure, labels: Labels, seed: int) -> NDArray[np.float32]:
    """How often each place alone tells, (h, w) of the first picture, 0.5..1."""
    height, width = pictures[0].shape[:2]
    rows, columns = max(2, height // CELL), max(2, min(width // CELL, 24))
    layers = []
    for picture in pictures:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        ink = measure.map_of(picture)
        rough = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
        # Sampled to a few pixels per place, whatever the picture's width.
        layers.append(
            np.stack(
                [
                    cv2.resize(each, (columns, rows), interpolation=cv2.INTER_AREA)
                    for each in (grey, ink, rough)
                ]
            )
        )
    values = np.stack(layers).astype(np.float32)
    folds = _folds(len(labels) // 2, seed)
    places = np.full((rows, columns), 0.5, np.float32)
    for row in range(rows):
        for column in range(columns):
            best = max(
                _alone(values[:, layer, row, column], labels, folds) for layer in range(values.shape[1])
            )
            places[row, column] = max(best, 0.5)
    smooth = cv2.resize(places, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(smooth, np.float32)
