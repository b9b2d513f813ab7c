from dataclasses import dataclass

from tests.training.recognition.drawings import reading_task
from training.recognition.coverage import Coverage
from training.recognition.task import ReadingTask
from training.services.evaluation import chosen_coverage, evaluate_readings


@dataclass(frozen=True)
class Read:
    text: str
    confidence: float


def task(alphabet: str, *, case_sensitive: bool) -> ReadingTask:
    described = reading_task(alphabet).to_json() | {"case_sensitive": case_sensitive}
    return ReadingTask.from_json(described)


def test_where_case_does_not_matter_characters_are_shown_in_the_alphabets_case() -> None:
    readings = [Read("AB", 0.9), Read("BB", 0.8)]
    result = evaluate_readings(task("AB", case_sensitive=False), ["ab", "Ab"], readings)
    assert result.right == 1
    assert list(result.confusion.counts) == [("A", "A"), ("B", "B"), ("A", "B")]


def test_where_case_matters_it_counts() -> None:
    assert evaluate_readings(task("aA", case_sensitive=True), ["aa"], [Read("aA", 0.9)]).right == 0


def test_the_threshold_of_the_validation_images_is_found_in_the_stored_metrics() -> None:
    numbers = task("12", case_sensitive=True)
    validation = evaluate_readings(numbers, ["11", "22"], [Read("11", 0.9), Read("12", 0.4)])
    stored = {"validation": validation.to_json(), "test": {}}
    assert chosen_coverage(stored) == validation.coverage == Coverage(0.9, n=2, accepted=1, right=1)


def test_metrics_of_an_older_version_know_no_threshold() -> None:
    assert chosen_coverage({}) is None
    assert chosen_coverage({"validation": {"n": 2}}) is None
