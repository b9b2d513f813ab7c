"""When a training last got better."""

import pytest

from training.recognition.progress import EpochMetrics, last_improvement


def history(*epochs: tuple[float, float]) -> list[EpochMetrics]:
    """Epochs of a whole-string accuracy and a validation loss."""
    return [
        EpochMetrics(epoch, 1.0, 0.0, 0.0, loss, accuracy, accuracy, 0.001, 1.0, False)
        for epoch, (accuracy, loss) in enumerate(epochs, start=1)
    ]


def test_before_the_first_epoch_nothing_has_improved() -> None:
    assert last_improvement([]) is None


@pytest.mark.parametrize(
    ("epochs", "last"),
    [
        ([(0.5, 1.0), (0.6, 2.0), (0.4, 3.0)], 2),
        ([(0.5, 1.0), (0.6, 2.0), (0.6, 1.5)], 3),
        ([(0.9, 1.0), (0.8, 0.9), (0.8, 0.8)], 3),
        ([(0.9, 0.5), (0.8, 0.9), (0.9, 0.6)], 1),
    ],
)
def test_more_right_or_more_probable_is_an_improvement(epochs: list[tuple[float, float]], last: int) -> None:
    assert last_improvement(history(*epochs)) == last
