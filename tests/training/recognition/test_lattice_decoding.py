from collections import defaultdict
from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.training.recognition.drawings import reading_task
from training.recognition.decoding import get_decoder
from training.recognition.decoding.lattice import best_paths

LATTICE = get_decoder("lattice")
RANGES = st.tuples(st.integers(1, 3), st.integers(1, 3)).map(lambda pair: (min(pair), max(pair)))


def lattice_of(seed: int, steps: int, symbols: int) -> NDArray[np.float64]:
    weights = np.random.default_rng(seed).random((steps, symbols)) ** 4 + 0.001
    return weights / weights.sum(axis=1, keepdims=True)


def text_of(path: tuple[int, ...], alphabet: str) -> str:
    return "".join(alphabet[symbol] for symbol, _ in groupby(path) if symbol < len(alphabet))


def every_path(lattice: NDArray[np.float64], alphabet: str) -> dict[str, list[float]]:
    """The probabilities of all paths through a small lattice, by the text they say."""
    paths = defaultdict(list)
    for path in product(range(len(alphabet) + 1), repeat=len(lattice)):
        paths[text_of(path, alphabet)].append(float(np.prod(lattice[np.arange(len(lattice)), path])))
    return paths


@settings(deadline=None, max_examples=40)
@given(RANGES, st.integers(0, 10_000), st.integers(5, 6))
def test_the_best_path_of_every_length_is_the_best_of_all_paths(
    lengths: tuple[int, int], seed: int, steps: int
) -> None:
    lattice = lattice_of(seed, steps, 3)
    paths = best_paths(np.log(lattice)[None], *lengths)[0]
    everything = every_path(lattice, "ab")
    for length, path in enumerate(paths, start=lengths[0]):
        assert len(text_of(tuple(path), "ab")) == length
        best = max(max(each) for text, each in everything.items() if len(text) == length)
        assert np.prod(lattice[np.arange(steps), path]) == pytest.approx(best)


@settings(deadline=None, max_examples=40)
@given(RANGES, st.integers(0, 10_000))
def test_confidence_is_the_share_of_the_text_among_all_allowed_ones(
    lengths: tuple[int, int], seed: int
) -> None:
    lattice = lattice_of(seed, 6, 3)
    (reading,) = LATTICE.decode(lattice[None], reading_task("ab", lengths))
    sums = {text: sum(each) for text, each in every_path(lattice, "ab").items()}
    allowed = sum(each for text, each in sums.items() if lengths[0] <= len(text) <= lengths[1])
    assert lengths[0] <= len(reading.text) <= lengths[1]
    assert reading.confidence == pytest.approx(sums[reading.text] / allowed)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.text("ab", min_size=1, max_size=3))
def test_the_likelihood_of_a_text_sums_over_its_alignments(seed: int, text: str) -> None:
    lattice = lattice_of(seed, 6, 3)
    (logarithm,) = LATTICE.log_likelihoods(lattice[None], reading_task("ab", (1, 3)), [text])
    sums = {text: sum(each) for text, each in every_path(lattice, "ab").items()}
    allowed = sum(each for text, each in sums.items() if 1 <= len(text) <= 3)
    assert np.exp(logarithm) == pytest.approx(sums[text] / allowed)


def test_a_length_that_greedy_decoding_misses_is_found() -> None:
    # Greedily "a", but a text must have two characters.
    lattice = np.array([[0.9, 0.0, 0.1], [0.0, 0.2, 0.8], [0.0, 0.1, 0.9]])
    (reading,) = LATTICE.decode(lattice[None], reading_task("ab", (2, 2)))
    assert reading.text == "ab"


def test_equal_neighbours_need_a_blank_between_them() -> None:
    lattice = np.array([[0.9, 0.05, 0.05], [0.05, 0.05, 0.9], [0.9, 0.05, 0.05]])
    (reading,) = LATTICE.decode(lattice[None], reading_task("ab", (1, 3)))
    assert reading.text == "aa"


def test_characters_know_the_steps_where_they_stand() -> None:
    lattice = np.full((9, 3), 0.01)
    lattice[:, 2] = 0.98
    lattice[1], lattice[6] = [0.98, 0.01, 0.01], [0.01, 0.98, 0.01]
    (reading,) = LATTICE.decode(lattice[None], reading_task("ab", (1, 3)))
    assert reading.text == "ab"
    (first, last), (second_first, second_last) = reading.steps
    assert first <= 1 <= last < second_first <= 6 <= second_last


def test_distributions_of_characters_sum_to_one_and_hold_the_chosen_probability() -> None:
    (reading,) = LATTICE.decode(lattice_of(3, 9, 4)[None], reading_task("abc", (2, 4)))
    assert reading.distributions.shape == (len(reading.text), 3)
    np.testing.assert_allclose(reading.distributions.sum(axis=1), 1)
    chosen = reading.distributions[np.arange(len(reading.text)), reading.indices]
    assert reading.probabilities == pytest.approx(tuple(chosen))


def test_a_probability_of_zero_does_not_break_the_lattice() -> None:
    lattice = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    (reading,) = LATTICE.decode(lattice[None], reading_task("ab", (1, 2)))
    assert (reading.text, reading.confidence) == ("ab", pytest.approx(1.0))


def test_no_images_give_no_readings() -> None:
    assert LATTICE.decode(np.zeros((0, 9, 3)), reading_task("ab", (1, 2))) == []


def test_images_are_decoded_one_by_one_as_in_a_batch() -> None:
    lattices = np.stack([lattice_of(seed, 12, 4) for seed in range(7)])
    task = reading_task("abc", (1, 4))
    together = LATTICE.decode(lattices, task)
    alone = [LATTICE.decode(lattice[None], task)[0] for lattice in lattices]
    assert [each.text for each in together] == [each.text for each in alone]
    np.testing.assert_allclose([each.confidence for each in together], [each.confidence for each in alone])
