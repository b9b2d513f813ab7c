"""Decoding of a CTC lattice under the task's constraints, by dynamic programming.

A. Graves et al., "Connectionist Temporal Classification" (ICML 2006): at each step a network names a character
or the blank; runs of one character count once, blanks separate. The constraints, the alphabet and the range of
lengths, are part of the search: its states count the characters written so far, so a text outside the range is
never a candidate, and nothing is filtered afterwards.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from training.recognition.decoding.decoded import SMALLEST_PROBABILITY, Decoded
from training.recognition.task import ReadingTask

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class LatticeDecoder:
    """Step i is a column of the picture; the last symbol is the blank, all others are the alphabet's.

    For every length of the range the most probable alignment is found exactly (Viterbi). The texts of these
    alignments are then compared by their full probabilities, summed over all alignments (forward algorithm),
    and the confidence is the best one's share of all texts within the range, summed in the same way.
    """

    name: ClassVar[str] = "lattice"

    def symbols(self, task: ReadingTask) -> int:
        return len(task.alphabet) + 1

    def decode(self, probabilities: NDArray[np.floating], task: ReadingTask) -> list[Decoded]:
        if not len(probabilities):
            return []
        lattice = np.maximum(np.asarray(probabilities, np.float64), SMALLEST_PROBABILITY)
        images = np.arange(len(lattice))
        paths = best_paths(np.log(lattice), task.min_length, task.max_length)
        blank = lattice.shape[2] - 1
        candidates = _labels_of(paths, task.max_length, blank)
        likelihoods = text_log_likelihoods(np.log(lattice), candidates)
        chosen = likelihoods.argmax(axis=1)
        shares = likelihoods[images, chosen] - total_log_likelihoods(
            lattice, task.min_length, task.max_length
        )
        confidences = np.exp(np.minimum(shares, 0.0))
        return [
            _decoded(lattice[image], paths[image, chosen[image]], float(confidences[image]), task)
            for image in images
        ]

    def log_likelihoods(
        self, probabilities: NDArray[np.floating], task: ReadingTask, texts: Sequence[str]
    ) -> Floats:
        lattice = np.maximum(np.asarray(probabilities, np.float64), SMALLEST_PROBABILITY)
        blank = lattice.shape[2] - 1
        labels = np.where((encoded := task.encode_all(texts)) < len(task.alphabet), encoded, blank)
        of_texts = text_log_likelihoods(np.log(lattice), labels[:, None])[:, 0]
        return np.minimum(of_texts - total_log_likelihoods(lattice, task.min_length, task.max_length), 0.0)


@dataclass
class _Viterbi:
    """Best scores after a step, by characters written so far: ending in a blank, and in each character."""

    blank: Floats
    """(n, counts)"""
    character: Floats
    """(n, counts, characters)"""


def best_paths(logs: Floats, shortest: int, longest: int) -> Integers:
    """The most probable path of every length: log-probabilities (n, steps, symbols) to symbols
    (n, lengths, steps).

    Where there are fewer steps than a length needs, its path has fewer characters and a score of minus infinity.
    """
    images, steps, symbols = logs.shape
    characters, counts = symbols - 1, longest + 1
    blank = np.full((images, counts), -np.inf)
    blank[:, 0] = 0.0
    state = _Viterbi(blank, np.full((images, counts, characters), -np.inf))
    # For each step and state: the symbol before it. A character goes on (itself), or follows a blank or another.
    before_blank = np.empty((steps, images, counts), np.int16)
    before_character = np.empty((steps, images, counts, characters), np.int16)
    own = np.arange(characters)
    for step in range(steps):
        first, best, second, second_best = _two_best(state.character)
        before_blank[step] = np.where(state.blank >= best, characters, first)
        # A new character needs one fewer written, and a blank or another character before it.
        is_first = own == first[:, :, None]
        others = np.where(is_first, second_best[:, :, None], best[:, :, None])
        index_of_others = np.where(is_first, second[:, :, None], first[:, :, None])
        from_blank = np.broadcast_to(state.blank[:, :, None], others.shape)
        new = np.full_like(state.character, -np.inf)
        new[:, 1:] = np.maximum(others, from_blank)[:, :-1]
        source = np.full(new.shape, characters, np.int16)
        source[:, 1:] = np.where(from_blank >= others, characters, index_of_others)[:, :-1]
        stays = state.character >= new
        before_character[step] = np.where(stays, own, source)
        state = _Viterbi(
            np.maximum(state.blank, best) + logs[:, step, characters, None],
            np.where(stays, state.character, new) + logs[:, step, None, :characters],
        )
    return _traced_back(state, before_blank, before_character, range(shortest, counts))


def _two_best(scores: Floats) -> tuple[Integers, Floats, Integers, Floats]:
    """Index and value of the greatest and of the second greatest along the last axis."""
    shape = scores.shape[:-1]
    rest = scores.reshape(-1, scores.shape[-1]).copy()
    rows = np.arange(len(rest))
    first = rest.argmax(axis=1)
    best = rest[rows, first]
    rest[rows, first] = -np.inf
    second = rest.argmax(axis=1)
    second_best = rest[rows, second]
    return first.reshape(shape), best.reshape(shape), second.reshape(shape), second_best.reshape(shape)


def _traced_back(
    state: _Viterbi, before_blank: NDArray[np.int16], before_character: NDArray[np.int16], lengths: range
) -> Integers:
    """The paths that end in a state after the last step, one per length: symbols (n, lengths, steps)."""
    steps, images, _, characters = before_character.shape
    counts = np.broadcast_to(np.array(lengths, np.int64), (images, len(lengths)))
    endings, of_character = (
        state.character[:, lengths].argmax(axis=2),
        state.character[:, lengths].max(axis=2),
    )
    symbols: Integers = np.where(state.blank[:, lengths] >= of_character, characters, endings)
    rows = np.arange(images)[:, None]
    paths = np.empty((images, len(lengths), steps), np.int64)
    for step in range(steps - 1, -1, -1):
        paths[:, :, step] = symbols
        is_blank = symbols == characters
        inside = np.where(is_blank, 0, symbols)
        earlier = np.where(
            is_blank, before_blank[step, rows, counts], before_character[step, rows, counts, inside]
        ).astype(np.int64)
        counts = counts - (~is_blank & (earlier != symbols))
        symbols = earlier
    return paths


def _starts_of(paths: Integers, blank: int) -> NDArray[np.bool_]:
    """Where along the last axis a character begins."""
    starts: NDArray[np.bool_] = (np.diff(paths, axis=-1, prepend=blank) != 0) & (paths != blank)
    return starts


def _labels_of(paths: Integers, longest: int, blank: int) -> Integers:
    """What paths (n, texts, steps) say: symbols (n, texts, longest), filled up with blanks where there are fewer."""
    starts = _starts_of(paths, blank)
    places = starts.cumsum(axis=2) - 1
    labels = np.full((*paths.shape[:2], longest), blank, np.int64)
    image, text, step = np.nonzero(starts)
    labels[image, text, places[image, text, step]] = paths[image, text, step]
    return labels


def text_log_likelihoods(logs: Floats, labels: Integers) -> Floats:
    """The log-probability of each image's texts, summed over all their alignments: (n, texts).

    Takes log-probabilities (n, steps, symbols) and labels (n, texts, longest), shorter ones filled up with the blank.
    """
    images, steps, symbols = logs.shape
    texts, longest = labels.shape[1:]
    blank = symbols - 1
    # Blanks around and between the characters: blank, first, blank, second, ..., blank.
    extended = np.full((images, texts, 2 * longest + 1), blank, np.int64)
    extended[:, :, 1::2] = labels
    may_skip = (extended[:, :, 2:] != blank) & (extended[:, :, 2:] != extended[:, :, :-2])
    emitted = np.take_along_axis(logs[:, None], extended[:, :, None], axis=3)
    forward = np.full(extended.shape, -np.inf)
    forward[:, :, :2] = emitted[:, :, 0, :2]
    for step in range(1, steps):
        reached = forward.copy()
        reached[:, :, 1:] = np.logaddexp(reached[:, :, 1:], forward[:, :, :-1])
        skipped = np.where(may_skip, forward[:, :, :-2], -np.inf)
        reached[:, :, 2:] = np.logaddexp(reached[:, :, 2:], skipped)
        forward = reached + emitted[:, :, step]
    last = 2 * np.count_nonzero(labels != blank, axis=2)[:, :, None]
    endings = np.take_along_axis(forward, np.concatenate([last, np.maximum(last - 1, 0)], axis=2), axis=2)
    logs_of_texts: Floats = np.logaddexp(endings[:, :, 0], endings[:, :, 1])
    return logs_of_texts


def total_log_likelihoods(lattice: Floats, shortest: int, longest: int) -> Floats:
    """The log-probability that a text has a length of the range: probabilities (n, steps, symbols) to (n,)."""
    images, steps, symbols = lattice.shape
    characters = symbols - 1
    blank = np.zeros((images, longest + 1))
    blank[:, 0] = 1.0
    character = np.zeros((images, longest + 1, characters))
    scale = np.zeros(images)
    for step in range(steps):
        of_any = character.sum(axis=2)
        grown = character.copy()
        grown[:, 1:] += np.maximum((blank + of_any)[:, :-1, None] - character[:, :-1], 0.0)
        blank = (blank + of_any) * lattice[:, step, characters, None]
        character = grown * lattice[:, step, None, :characters]
        mass = np.maximum(blank.sum(axis=1) + character.sum(axis=(1, 2)), np.finfo(np.float64).tiny)
        blank, character = blank / mass[:, None], character / mass[:, None, None]
        scale += np.log(mass)
    within = blank[:, shortest:].sum(axis=1) + character[:, shortest:].sum(axis=(1, 2))
    logs: Floats = np.log(np.maximum(within, np.finfo(np.float64).tiny)) + scale
    return logs


def _decoded(lattice: Floats, path: Integers, confidence: float, task: ReadingTask) -> Decoded:
    """The text of one image's path, with what the network saw at the steps of each character."""
    blank = lattice.shape[1] - 1
    starts = np.flatnonzero(_starts_of(path, blank))
    indices = path[starts]
    ends = [_end_of_run(path, int(start)) for start in starts]
    distributions = np.stack(
        [lattice[start:end, :blank].mean(axis=0) for start, end in zip(starts, ends, strict=True)]
    )
    distributions /= distributions.sum(axis=1, keepdims=True)
    return Decoded(
        text=task.alphabet.decode(int(index) for index in indices),
        indices=tuple(int(index) for index in indices),
        probabilities=tuple(float(each) for each in distributions[np.arange(len(indices)), indices]),
        confidence=confidence,
        steps=_widened([(int(start), end - 1) for start, end in zip(starts, ends, strict=True)], len(path)),
        distributions=distributions,
    )


def _end_of_run(path: Integers, start: int) -> int:
    other = np.flatnonzero(path[start:] != path[start])
    return start + int(other[0]) if len(other) else len(path)


def _widened(runs: list[tuple[int, int]], steps: int) -> tuple[tuple[int, int], ...]:
    """Runs of steps reaching to half-way to the nearer neighbour: a network names a character in its middle only."""
    centres = [(first + last) / 2 for first, last in runs]
    if len(centres) == 1:
        return ((0, steps - 1),)
    gaps = [right - left for left, right in pairwise(centres)]
    reaches = [min(pair) / 2 for pair in zip([gaps[0], *gaps], [*gaps, gaps[-1]], strict=True)]
    return tuple(
        (
            max(0, min(first, math.ceil(centre - reach))),
            min(steps - 1, max(last, math.floor(centre + reach))),
        )
        for (first, last), centre, reach in zip(runs, centres, reaches, strict=True)
    )
