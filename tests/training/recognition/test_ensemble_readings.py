"""What the positions of an ensemble read together while some are still to be trained."""

from collections.abc import Sequence

from training.recognition.ensemble_readings import ReadSoFar
from training.recognition.progress import EpochMetrics, Validated

TEXTS = ("174", "471")


def read(characters: Sequence[str], epoch: int = 1, *, best: bool = True, sure: float = 0.5) -> Validated:
    """What one position reads after an epoch of its own."""
    metrics = EpochMetrics(epoch, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.001, 1.0, best)
    return Validated(metrics, list(characters), list(characters), [sure] * 2, [0.2] * 2)


def test_readings_are_those_of_all_positions_that_were_watched_in_their_order() -> None:
    told: list[Validated] = []
    together = ReadSoFar(TEXTS, 3, told.append)
    for position, characters in ((2, "41"), (0, "17")):
        watching = together.watch(position, earlier_epochs=10 * position)
        assert watching is not None
        watching(read(characters))
    assert [(one.positions, list(one.readings)) for one in told] == [
        ([2], ["4", "1"]),
        ([0, 2], ["14", "71"]),
    ]
    assert told[1].truths == ["14", "41"]
    assert list(told[1].confidences) == [0.25, 0.25]
    assert list(told[1].losses) == [0.2, 0.2]
    # Epochs are counted through.
    assert [one.metrics.epoch for one in told] == [21, 1]
    assert told[1].so_far.startswith("Positions 1 and 3 of 3 can be read so far")


def test_a_position_counts_with_its_best_weights() -> None:
    told: list[Validated] = []
    watching = ReadSoFar(TEXTS, 1, told.append).watch(0, 0)
    assert watching is not None
    watching(read("14", 1))
    watching(read("77", 2, best=False))
    assert [list(one.readings) for one in told] == [["1", "4"], ["1", "4"]]
    assert [one.metrics.best for one in told] == [True, False]


def test_a_position_is_read_anew_only_where_nobody_watched_it() -> None:
    told: list[Validated] = []
    together = ReadSoFar(TEXTS, 2, told.append)
    watching = together.watch(0, 0)
    assert watching is not None
    watching(read("14"))
    asked: list[str] = []

    def reads(characters: str) -> Validated:
        asked.append(characters)
        return read(characters)

    together.take(0, told[0].metrics, lambda: reads("44"))
    together.take(1, told[0].metrics, lambda: reads("77"))
    assert asked == ["77"]
    assert (told[-1].positions, list(told[-1].readings), told[-1].so_far) == (None, ["17", "47"], "")


def test_without_anybody_to_tell_nothing_is_read() -> None:
    together = ReadSoFar(TEXTS, 2, None)
    assert together.watch(0, 0) is None

    def fail() -> Validated:
        raise AssertionError("nobody asked")

    together.take(1, read("14").metrics, fail)
