"""How a training without labels shares out its time."""

import pytest

from training.recognition.label_free import (
    LEAST_SELF_TRAINING,
    LEAST_TRAINING,
    TRAINING_SHARE,
    training_seconds,
)


@pytest.mark.parametrize("left", [1.0, 200.0, LEAST_TRAINING, LEAST_TRAINING + LEAST_SELF_TRAINING - 1])
def test_training_has_all_the_time_where_both_cannot_have_enough(left: float) -> None:
    assert training_seconds(left, self_trains=True) == left


def test_training_has_enough_before_self_training_has_more() -> None:
    assert training_seconds(LEAST_TRAINING + 100, self_trains=True) == LEAST_TRAINING


def test_both_have_their_share_of_a_long_time() -> None:
    assert training_seconds(3_600, self_trains=True) == TRAINING_SHARE * 3_600


def test_training_alone_has_all_the_time() -> None:
    assert training_seconds(3_600, self_trains=False) == 3_600
