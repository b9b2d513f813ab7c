"""What a person should know of a reading."""

from dataclasses import dataclass
from typing import Any

import pytest

from training.models import Model, Verdict
from training.services.reading import ReadingResult, with_verdicts
from training.verdicts import verdict_of


@dataclass(frozen=True)
class Read:
    confidence: float
    strangeness: float = 0.0


def model_with(threshold: float | None) -> Model:
    chosen: dict[str, Any] = {"threshold": threshold, "n": 100, "accepted": 90, "right": 90}
    return Model(metrics={"validation": {"coverage": chosen}})


@pytest.mark.parametrize(
    ("confidence", "verdict"), [(0.79, Verdict.UNSURE), (0.8, Verdict.SURE), (1.0, Verdict.SURE)]
)
def test_the_models_own_threshold_decides_who_is_sure(confidence: float, verdict: Verdict) -> None:
    assert verdict_of(Read(confidence), model_with(0.8)) == verdict


def test_a_stranger_is_no_sure_reading_however_confident_it_is() -> None:
    assert verdict_of(Read(1.0, strangeness=1.01), model_with(0.8)) == Verdict.OTHER_FAMILY
    assert verdict_of(Read(1.0, strangeness=1.0), model_with(0.8)) == Verdict.SURE


@pytest.mark.parametrize("model", [model_with(None), Model(metrics={})])
def test_a_model_without_a_threshold_is_sure_of_nothing(model: Model) -> None:
    assert verdict_of(Read(1.0), model) == Verdict.UNSURE


def test_what_could_not_be_read_has_no_verdict() -> None:
    results = with_verdicts([ReadingResult(error="broken"), ReadingResult("1", 0.9)], model_with(0.8))
    assert [result.verdict for result in results] == ["", "sure"]
