"""Decoding of a CTC lattice under the task's constraints, by dynamic programming.

A. Graves et al., "Connectionist Temporal Classification" (ICML 2006): at each step a network names a character
or the blank; runs of one character count once, blanks separate. The constraints, the alphabet and the range of
lengths, are part of the search: its states count the characters written so far, so a text outside the range is
never a candidate, and nothing is filtered afterwards.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from training.recognition.decoding.decoded import SMALLEST_PROBABILITY, Decoded
from training.recognition.task import ReadingTask

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SCALED_EVERY = 8
"""Steps, after which sums of probabilities are brought back to 1: before they get too small for a float."""


HALF = math.log(0.5)
"""A text with a greater share than this is more probable than any other."""


class LatticeDecoder:
    """Step i is a column of the picture; the last symbol is the blank, all others are the alphabet's.

    For every length of the range the most probable alignment is found exactly (Viterbi). The texts of these
    alignments are then compared by their full probabilities, summed over all alignments (forward algorithm),
    and the confidence is the best one's share of all texts within the range, summed in the same way.

    Most images need no search for that: where the most probable symbols of all steps say a text of the only allowed
    length, or one that is more probable than all others together, the search would find just that text.
    """

    name: ClassVar[str] = "lattice"

    def symbols(self, task: ReadingTask) -> int:
        return len(task.alphabet) + 1

    def decode(self, probabilities: NDArray[np.floating], task: ReadingTask) -> list[Decoded]:
        if not len(probabilities):
            return []
        lattice = np.maximum(np.asarray(probabilities, np.float64), SMALLEST_PROBABILITY)
        totals = total_log_likelihoods(lattice, task.min_length, task.max_length)
        paths, shares = _greedy(lattice, totals, task)
        enough = -np.inf if task.min_length == task.max_length else HALF
        open_ones = np.flatnonzero(~(shares > enough))
        if len(open_ones):
            paths[open_ones], shares[open_ones] = _searched(lattice[open_ones], totals[open_ones], task)
        confidences = np.exp(np.minimum(shares, 0.0)).tolist()
        return [_decoded(*each, task) for each in zip(lattice, paths, confidences, strict=True)]

    def log_likelihoods(
        self, probabilities: NDArray[np.floating], task: ReadingTask, texts: Sequence[str]
    ) -> Floats:
        lattice = np.maximum(np.asarray(probabilities, np.float64), SMALLEST_PROBABILITY)
        blank = lattice.shape[2] - 1
        labels = np.where((encoded := task.encode_all(texts)) < len(task.alphabet), encoded, blank)
        of_texts = text_log_likelihoods(lattice, labels[:, None])[:, 0]
        return np.minimum(of_texts - total_log_likelihoods(lattice, task.min_length, task.max_length), 0.0)


def _greedy(lattice: Floats, totals: Floats, task: ReadingTask) -> tuple[Integers, Floats]:
    """The most probable symbol of each step, (n, steps), and the logarithm of what share of all allowed texts their
    text has, (n,): minus infinity where its length is not allowed."""
    blank = lattice.shape[2] - 1
    paths = lattice.argmax(axis=2)
    lengths = np.count_nonzero(_starts_of(paths, blank), axis=1)
    allowed = (lengths >= max(1, task.min_length)) & (lengths <= task.max_length)
    shares = np.full(len(lattice), -np.inf)
    if allowed.any():
        labels = _labels_of(paths[allowed, None], task.max_length, blank)
        shares[allowed] = text_log_likelihoods(lattice[allowed], labels)[:, 0] - totals[allowed]
    return paths, shares


def _searched(lattice: Floats, totals: Floats, task: ReadingTask) -> tuple[Integers, Floats]:
    """The path (n, steps) of the most probable text among the best ones of each length, and the logarithm of that
    text's share of all allowed ones, (n,)."""
    images = np.arange(len(lattice))
    paths = best_paths(np.log(lattice), task.min_length, task.max_length)
    candidates = _labels_of(paths, task.max_length, lattice.shape[2] - 1)
    likelihoods = text_log_likelihoods(lattice, candidates)
    chosen = likelihoods.argmax(axis=1)
    return paths[images, chosen], likelihoods[images, chosen] - totals


def best_paths(logs: Floats, shortest: int, longest: int) -> Integers:
    """The most probable path of every length: log-probabilities (n, steps, symbols) to symbols
    (n, lengths, steps).

    Where there are fewer steps than a length needs, its path has fewer characters and a score of minus infinity.
    """
    images, steps, symbols = logs.shape
    counts = longest + 1
    # In here the blank is the first symbol, so that it is found first where others are as good.
    logs = np.roll(logs, 1, axis=2)
    # Best scores before each step, by how many characters are written and by the last symbol.
    scores = np.full((steps + 1, images, counts, symbols), -np.inf)
    scores[0, :, 0, 0] = 0.0
    begun = np.full((images, counts, symbols), -np.inf)
    begins = np.empty((steps, images, counts, symbols), np.bool_)
    for step in range(steps):
        before, after = scores[step], scores[step + 1]
        best, others = _best_other(before)
        # A new character needs one fewer written, and a blank or another character before it.
        begun[:, 1:, 1:] = others[:, :-1]
        np.less(before, begun, out=begins[step])
        np.maximum(before, begun, out=after)
        after[:, :, 0] = best
        after += logs[:, step, None]
    paths: Integers = (_traced_back(scores, begins, range(shortest, counts)) - 1) % symbols
    return paths


def _best_other(scores: Floats) -> tuple[Floats, Floats]:
    """The greatest scores (..., symbols) of any symbol: (...); and for each character of any symbol but itself:
    (..., characters)."""
    highest = np.partition(scores, -2, axis=-1)
    second, best = highest[..., -2, None], highest[..., -1, None]
    # Where two are equally good, the second is as good as the best.
    return best[..., 0], np.where(scores[..., 1:] == best, second, best)


def _traced_back(scores: Floats, begins: NDArray[np.bool_], lengths: range) -> Integers:
    """The paths that end in a state after the last step, one per length: symbols (n, lengths, steps), the blank is 0.

    Takes the scores before and after each step, (steps + 1, n, counts, symbols), and where a character begins in a
    step, (steps, n, counts, symbols).
    """
    steps, images, counts, symbols = begins.shape
    # A state is a count and a symbol in one number; who begins a character comes from a state of one fewer.
    own = np.arange(counts * symbols, dtype=np.int32).reshape(counts, symbols)
    best, others = _best_before(scores[:-1])
    before = np.empty(begins.shape, np.int32)
    before[:] = own
    np.copyto(before[:, :, 1:], others[:, :, :-1] + own[:-1, :1], where=begins[:, :, 1:])
    before[..., 0] = best + own[:, 0]
    of_state = before.reshape(steps, images, -1)
    state = own[lengths, 0] + scores[-1][:, lengths].argmax(axis=-1)
    rows = np.arange(images)[:, None]
    paths = np.empty((steps, images, len(lengths)), np.int64)
    for step in range(steps - 1, -1, -1):
        paths[step] = state
        state = of_state[step, rows, state]
    return np.moveaxis(paths % symbols, 0, 2)


def _best_before(scores: Floats) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Which symbol has the greatest of the scores (..., symbols): (...); and for each symbol, which but itself has:
    (..., symbols)."""
    best = scores.argmax(axis=-1).astype(np.int32)[..., None]
    rest = scores.copy()
    np.put_along_axis(rest, best, -np.inf, axis=-1)
    second = rest.argmax(axis=-1).astype(np.int32)[..., None]
    return best[..., 0], np.where(best == np.arange(scores.shape[-1], dtype=np.int32), second, best)


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


def text_log_likelihoods(lattice: Floats, labels: Integers) -> Floats:
    """The log-probability of each image's texts, summed over all their alignments: (n, texts).

    Takes probabilities (n, steps, symbols) and labels (n, texts, longest), shorter ones filled up with the blank.
    """
    images, steps, symbols = lattice.shape
    texts, longest = labels.shape[1:]
    blank = symbols - 1
    # Blanks around and between the characters: blank, first, blank, second, ..., blank.
    extended = np.full((images, texts, 2 * longest + 1), blank, np.int64)
    extended[:, :, 1::2] = labels
    may_skip = (extended[:, :, 2:] != blank) & (extended[:, :, 2:] != extended[:, :, :-2])
    emitted = np.take_along_axis(np.moveaxis(lattice, 1, 0)[:, :, None], extended[None], axis=3)
    # Two states that nobody is ever in come before the first one, so that all are reached in the same way.
    forward = np.zeros((images, texts, extended.shape[2] + 2))
    forward[:, :, 2:4] = emitted[0, :, :, :2]
    own, before, skipped = forward[:, :, 2:], forward[:, :, 1:-1], forward[:, :, 2:-2]
    reached, by_skipping = np.empty_like(own), np.empty_like(skipped)
    scale = np.zeros((images, texts))
    for step in range(1, steps):
        np.add(own, before, out=reached)
        np.multiply(skipped, may_skip, out=by_skipping)
        reached[:, :, 2:] += by_skipping
        np.multiply(reached, emitted[step], out=own)
        if step % SCALED_EVERY == 0 or step == steps - 1:
            scale += _scaled(forward)
    last = 2 * np.count_nonzero(labels != blank, axis=2)[:, :, None]
    endings = np.take_along_axis(own, last, axis=2)[:, :, 0]
    # The empty text has no last character to end in.
    endings += np.where(last > 0, np.take_along_axis(own, np.maximum(last - 1, 0), axis=2), 0.0)[:, :, 0]
    return _log(endings) + scale


def total_log_likelihoods(lattice: Floats, shortest: int, longest: int) -> Floats:
    """The log-probability that a text has a length of the range: probabilities (n, steps, symbols) to (n,)."""
    images, steps, symbols = lattice.shape
    blank = symbols - 1
    # By how many characters are written, from minus one on, which nobody ever is at, and by the last symbol.
    state = np.zeros((images, longest + 2, symbols))
    state[:, 1, blank] = 1.0
    own, characters, blanks = state[:, 1:], state[:, 1:, :blank], state[:, 1:, blank]
    one_fewer = state[:, :-1, :blank]
    of_any = np.empty((images, longest + 2))
    others = np.empty_like(one_fewer)
    scale = np.zeros(images)
    for step, emitted in enumerate(np.moveaxis(lattice, 1, 0)[:, :, None]):
        np.add.reduce(state, axis=2, out=of_any)
        np.subtract(of_any[:, :-1, None], one_fewer, out=others)
        np.maximum(others, 0.0, out=others)
        np.add(characters, others, out=characters)
        blanks[...] = of_any[:, 1:]
        np.multiply(own, emitted, out=own)
        if step % SCALED_EVERY == 0 or step == steps - 1:
            scale += _scaled(state.reshape(images, -1))
    return _log(state[:, shortest + 1 :].sum(axis=(1, 2))) + scale


def _scaled(states: Floats) -> Floats:
    """Brings the sums over the last axis back to 1, in place; the logarithms of what they were."""
    mass = np.maximum(states.sum(axis=-1), np.finfo(np.float64).tiny)
    states /= mass[..., None]
    logs: Floats = np.log(mass)
    return logs


def _log(probabilities: Floats) -> Floats:
    logs: Floats = np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))
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
