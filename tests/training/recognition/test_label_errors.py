import numpy as np

from training.recognition.decoding import Decoded
from training.recognition.label_errors import Suspect, suspected_label_errors


def read(text: str, confidence: float) -> Decoded:
    return Decoded(
        text=text,
        indices=(0,),
        probabilities=(confidence,),
        confidence=confidence,
        steps=((0, 0),),
        distributions=np.ones((1, 1)),
    )


LABELS = ["a", "b", "c", "d", "e"]
READINGS = [read("a", 0.9), read("x", 0.8), read("y", 0.95), read("d", 0.7), read("z", 0.2)]


def test_sure_readings_that_differ_from_their_label_are_suspects_the_surest_first() -> None:
    # The readings that agree are 0.8 sure on average.
    assert suspected_label_errors(LABELS, READINGS) == [
        Suspect(2, "c", "y", 0.95),
        Suspect(1, "b", "x", 0.8),
    ]


def test_a_threshold_can_be_chosen() -> None:
    assert [each.index for each in suspected_label_errors(LABELS, READINGS, threshold=0.9)] == [2]
    assert [each.index for each in suspected_label_errors(LABELS, READINGS, threshold=0)] == [2, 1, 4]


def test_a_reader_that_agrees_with_no_label_accuses_only_where_it_has_no_doubt() -> None:
    assert suspected_label_errors(["a"], [read("b", 0.99)]) == []


def test_where_all_agree_nothing_is_suspected() -> None:
    assert suspected_label_errors(["a"], [read("a", 0.1)]) == []


def test_a_reader_that_hardly_reads_accuses_nobody() -> None:
    # On average, its right readings are 0.1 sure.
    assert suspected_label_errors(["a", "b"], [read("a", 0.1), read("x", 0.4)]) == []
