"""What readings say day by day, and when it is time to train again."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import add_images, make_project, make_user, texts
from tests.training.views.rows import add_model, add_run
from training.models import Model, ModelState, ReadingDay, Run
from training.tracking import DAYS_SHOWN, Tally, advise, tracking

TESTED = 200


def measured(wrong: int = 10, unsure: int = 30, strangers: int = 2, n: int = TESTED) -> dict[str, Any]:
    """Metrics of a model that was tested on n images."""
    test = {
        "n": n,
        "right": n - wrong,
        "coverage": {"threshold": 0.9, "n": n, "accepted": n - unsure, "right": n - unsure},
        "family": {"learnt_from": 800, "flagged": {"count": strangers, "n": n}},
    }
    return {"test": test}


def model(**figures: int) -> Model:
    return Model(run=Run(number=1), metrics=measured(**figures))


USUAL = Tally(count=100, confidence=95, unsure=15, other_family=1, checked=20, corrected=4)


def test_usual_days_speak_for_nothing() -> None:
    advice = advise(model(), [USUAL] * 10)
    assert not advice.retrain
    assert advice.headline == "Nothing speaks for training again."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"other_family": 20}, "20.0 % of 1,000 readings in the last 14 days were not of this family"),
        ({"unsure": 50}, "50.0 % of 1,000 readings in the last 14 days were unsure"),
        ({"corrected": 20}, "20.0 % of 1,000 readings in the last 14 days were corrected"),
    ],
)
def test_each_share_that_has_risen_is_a_reason(change: dict[str, int], reason: str) -> None:
    changed = Tally(**(vars(USUAL) | change))
    advice = advise(model(), [changed] * 10)
    assert advice.retrain
    assert [each.startswith(reason) for each in advice.reasons] == [True]


def test_one_odd_day_is_no_trend() -> None:
    odd = Tally(count=500, confidence=100, unsure=0, other_family=500)
    assert advise(model(), [odd] * 3).retrain
    assert not advise(model(), [USUAL, USUAL, odd]).retrain


@pytest.mark.parametrize(
    "few", [[], [Tally(count=9, other_family=9)] * 5, [Tally(count=900, other_family=900)] * 2]
)
def test_few_readings_or_days_say_nothing(few: list[Tally]) -> None:
    advice = advise(model(), few)
    assert not advice.retrain
    assert "Too early" in advice.headline


def test_a_model_that_was_measured_on_few_images_is_not_accused() -> None:
    risen = Tally(count=100, confidence=90, unsure=40, other_family=4, checked=20, corrected=15)
    assert not advise(model(wrong=1, unsure=3, strangers=0, n=10), [risen] * 10).retrain


def test_a_model_of_an_earlier_version_is_judged_by_what_is_known_of_it() -> None:
    old = model()
    old.metrics = {"test": {"n": 200, "right": 190}}
    assert not advise(old, [Tally(count=100, unsure=100, other_family=0)] * 5).retrain
    assert advise(old, [Tally(count=100, unsure=100, checked=30, corrected=30)] * 5).retrain


def test_without_drift_hardly_any_project_is_told_to_train_again_in_two_months() -> None:
    """Each of 300 projects is looked at every day for 60 days; its test images and its readings have the same rates."""
    random = np.random.default_rng(0)
    alarmed = 0
    for _ in range(300):
        unsure, strangers, wrong = random.uniform(0.02, 0.4), 0.005, random.uniform(0.01, 0.1)
        tested = model(
            n=150,
            unsure=random.binomial(150, unsure),
            strangers=random.binomial(150, strangers),
            wrong=random.binomial(150, wrong),
        )
        read = []
        for _ in range(60):
            count = int(random.integers(0, 200))
            found = random.binomial(count, [unsure, strangers, wrong / 2])
            read.append(Tally(count, count * 0.9, int(found[0]), int(found[1]), count, int(found[2])))
        alarmed += any(advise(tested, read[max(0, day - 13) : day + 1]).retrain for day in range(60))
    assert alarmed <= 6


@pytest.fixture
def production() -> Model:
    project = make_project(make_user())
    add_images(project, texts(20))
    made = add_model(add_run(project), ModelState.PRODUCTION)
    made.metrics = made.metrics | {"test": made.metrics["test"] | measured()["test"]}
    made.save()
    return made


def add_days(made: Model, count: int, **figures: float) -> None:
    today = timezone.localdate()
    rows = {"count": 100, "confidence": 90, "unsure": 10, "checked": 5, "corrected": 1} | figures
    ReadingDay.objects.bulk_create(
        ReadingDay(model=made, day=today - timedelta(days=number), **rows) for number in range(count)
    )


@pytest.mark.django_db
def test_days_of_all_models_are_shown_and_those_of_the_present_one_judged(production: Model) -> None:
    former = add_model(add_run(production.project))
    add_days(former, 40, other_family=90)
    add_days(production, 5)
    found = tracking(production.project, production)
    assert found is not None
    assert len(found.days) == DAYS_SHOWN
    assert found.days[-1].tally == Tally(200, 180, 20, 90, 10, 2)
    assert found.total.count == 100 * DAYS_SHOWN + 500
    assert not found.advice.retrain


@pytest.mark.django_db
def test_where_nothing_was_read_there_is_nothing_to_track(production: Model) -> None:
    assert tracking(production.project, production) is None
    assert tracking(production.project, None) is None


@pytest.mark.django_db
def test_the_overview_shows_the_days_and_says_when_to_train_again(
    client: Client, production: Model, django_assert_num_queries: Any
) -> None:
    client.force_login(production.project.created_by)
    add_days(production, 1)
    page = client.get(production.project.get_absolute_url()).content.decode()
    assert "Too early to tell whether to train again." in page
    ReadingDay.objects.all().delete()
    add_days(production, 14, unsure=60)
    client.get(production.project.get_absolute_url())
    page = client.get(production.project.get_absolute_url()).content.decode()
    assert "Train again." in page
    assert "60.0 % of 1,400 readings in the last 14 days were unsure" in page
    assert page.count('class="track-day"') == DAYS_SHOWN


@pytest.mark.django_db
def test_the_api_tells_the_days_and_the_advice(client: Client, production: Model) -> None:
    client.force_login(production.project.created_by)
    address = f"/api/v1/projects/{production.project_id}/tracking"
    assert client.get(address).json() == {"days": [], "retrain": False, "headline": "", "reasons": []}
    add_days(production, 14, other_family=50)
    told = client.get(address).json()
    assert (told["retrain"], told["headline"], len(told["reasons"])) == (True, "Train again.", 1)
    assert told["days"][-1] == {
        "day": timezone.localdate().isoformat(),
        "count": 100,
        "mean_confidence": 0.9,
        "unsure": 10,
        "other_family": 50,
        "checked": 5,
        "corrected": 1,
    }
