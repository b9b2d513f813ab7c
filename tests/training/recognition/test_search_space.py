"""Which values a search tries."""

import pytest

from training.recognition.architectures import ARCHITECTURES, InvalidHyperparameters
from training.recognition.search_space import Range, checked_range, usual_range, usual_space

FIELDS = [(name, one) for name, each in ARCHITECTURES.items() for one in each.fields()]


@pytest.mark.parametrize(("name", "one"), FIELDS, ids=[f"{name}-{one.name}" for name, one in FIELDS])
def test_every_hyper_parameter_has_a_usual_range_within_its_bounds_around_its_default(name, one) -> None:
    ends = usual_range(one)
    assert one.minimum <= ends.low < ends.high <= one.maximum
    assert ends.low <= one.default <= ends.high or one.name == "guidance"


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_has_something_to_search_from_the_start(name: str) -> None:
    assert len(usual_space(ARCHITECTURES[name])) >= 2


def test_learning_rates_are_searched_by_factors() -> None:
    assert usual_space(ARCHITECTURES["slots"])["learning_rate"].log


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        ("many", "1", "is not a number"),
        ("0.001", "nan", "outside"),
        ("0.01", "0.001", "leaves nothing to search"),
        ("0.01", "0.01", "leaves nothing to search"),
        ("0", "0.1", "outside"),
    ],
)
def test_a_range_that_cannot_be_searched_says_why(low: str, high: str, sentence: str) -> None:
    [field] = [one for one in ARCHITECTURES["slots"].fields() if one.name == "learning_rate"]
    with pytest.raises(InvalidHyperparameters, match=sentence):
        checked_range(field, low, high)


def test_a_range_is_the_same_after_a_round_trip() -> None:
    assert Range.from_json(Range(1, 5, log=True).to_json()) == Range(1, 5, log=True)
