"""Decoding a peer's probabilities to the task's characters and length."""

import numpy as np

from benchmarks.accuracy.fitting import GREY, task_of
from benchmarks.accuracy.peers import _columns, _constrained

CHARSET = ["", "a", "b", "A", "x"]


def test_both_cases_of_a_character_count() -> None:
    assert sorted(_columns(CHARSET, "a", task_of("ab", 1, 1, GREY))) == [1, 3]


def test_a_character_outside_of_the_alphabet_is_never_read() -> None:
    task = task_of("ab", 2, 2, GREY)
    columns = [_columns(CHARSET, each, task) for each in "ab"]
    # By itself the peer would read "xb".
    probabilities = np.array(
        [[0.05, 0.2, 0.05, 0.1, 0.6], [0.9, 0.02, 0.02, 0.02, 0.04], [0.1, 0.1, 0.7, 0.05, 0.05]]
    )
    assert _constrained(probabilities, [*columns, [0]], task) == "ab"
