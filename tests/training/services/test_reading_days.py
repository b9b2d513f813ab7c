"""What is counted of readings, day by day."""

from typing import Any

import pytest
from django.utils import timezone

from tests.factories import add_images, make_project, make_user, texts
from tests.training.views.rows import add_model, add_prediction, add_run
from training.models import Model, ReadingDay
from training.services.predictions import correct_prediction
from training.services.reading import ReadingResult
from training.services.reading_days import count_readings

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> Model:
    project = make_project(make_user())
    add_images(project, texts(20))
    model = add_model(add_run(project))
    coverage = {"threshold": 0.8, "n": 100, "accepted": 90, "right": 90}
    model.metrics["validation"] = model.metrics["validation"] | {"coverage": coverage}
    model.save()
    return model


def checks() -> Any:
    return ReadingDay.objects.values_list("checked", "corrected").get()


def test_readings_are_counted_by_day_and_verdict(model: Model) -> None:
    count_readings(model.pk, [ReadingResult("1", 0.9), ReadingResult("2", 0.7)])
    count_readings(model.pk, [ReadingResult("3", 1.0, strangeness=2.0)])
    count_readings(model.pk, [])
    day = ReadingDay.objects.get()
    assert (day.day, day.count, round(day.confidence, 3)) == (timezone.localdate(), 3, 2.6)
    assert (day.unsure, day.other_family) == (1, 1)


def test_readings_of_a_model_that_is_gone_are_not_counted(model: Model) -> None:
    count_readings(model.pk + 1, [ReadingResult("1", 0.9)])
    assert not ReadingDay.objects.exists()


def test_checks_count_for_the_day_of_the_reading(model: Model) -> None:
    user = model.project.created_by
    correct_prediction(prediction=add_prediction(model, "123", read="128"), user=user, text="123")
    correct_prediction(prediction=add_prediction(model, "456"), user=user, text="456")
    assert checks() == (2, 1)


def test_who_checks_the_same_reading_again_changes_their_mind(model: Model) -> None:
    prediction, user = add_prediction(model, "123"), model.project.created_by
    found = []
    for text in ("128", "128", "123"):
        correct_prediction(prediction=prediction, user=user, text=text)
        found.append((*checks(), prediction.was_right))
    assert found == [(1, 1, False), (1, 1, False), (1, 0, True)]
