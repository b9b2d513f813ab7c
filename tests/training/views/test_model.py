"""The page of a model: how right it is, and where it is wrong."""

from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from labeling.models import Project
from tests.factories import add_images, make_project, make_user, texts
from tests.training.views.rows import add_model, add_run
from training.models import Model
from training.recognition.coverage import Coverage
from training.recognition.metrics import evaluate

pytestmark = pytest.mark.django_db


def measured(count: int, seed: int, validated: Coverage | None = None) -> dict[str, Any]:
    """The metrics of a reader that takes every seventh 7 for a 1, and is a little less sure then."""
    random = np.random.default_rng(seed)
    truths = texts(count, seed=seed)
    readings = [truth.replace("7", "1") if number % 7 == 0 else truth for number, truth in enumerate(truths)]
    sure = [0.6 if truth != reading else 0.97 for truth, reading in zip(truths, readings, strict=True)]
    confidences = [float(each + random.uniform(-0.02, 0.02)) for each in sure]
    return evaluate(truths, readings, confidences=confidences, validated=validated).to_json()


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner, "My digits")
    add_images(project, texts(20))
    return project


@pytest.fixture
def model(project: Project) -> Model:
    model = add_model(add_run(project))
    validation = measured(400, seed=1)
    test = measured(600, seed=2, validated=Coverage.from_json(validation["coverage"]))
    model.metrics = {"validation": validation, "test": test}
    model.save()
    return model


def page_of(client: Client, model: Model) -> str:
    return client.get(reverse("training:model", args=[model.project_id, model.pk])).content.decode()


def test_the_page_tells_accuracies_with_intervals_and_the_commonest_confusion(
    client: Client, model: Model
) -> None:
    page = page_of(client, model)
    low, high = model.metrics["test"]["whole_string_interval"]
    assert f"{100 * low:.1f} % to {100 * high:.1f} %, n = 600" in page
    low, high = model.metrics["test"]["character_interval"]
    assert f"{100 * low:.1f} % to {100 * high:.1f} %" in page
    (confused,) = [row for row in model.metrics["test"]["confusion"] if row[0] == "7" and row[1] == "1"]
    sevens = next(each["n"] for each in model.metrics["test"]["characters"] if each["character"] == "7")
    assert f"{confused[2]} of {sevens}" in page


def test_the_page_tells_how_much_can_be_read_unattended(client: Client, model: Model) -> None:
    page = page_of(client, model)
    covered = model.metrics["test"]["coverage"]["coverage"]["share"]
    assert f"{100 * covered:.1f} % of images can be read unattended at about 99 % precision" in page
    assert "Of 600 test images" in page


def test_every_bin_of_the_reliability_diagram_is_drawn_without_inline_styles(
    client: Client, model: Model
) -> None:
    page = page_of(client, model)
    assert page.count('class="reliability-bar"') == len(model.metrics["test"]["calibration"]["bins"])
    assert "style=" not in page


def test_the_page_asks_the_same_number_of_queries_whatever_was_measured(
    client: Client, model: Model, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(7):
        page_of(client, model)


def test_a_model_that_an_older_version_measured_shows_what_it_has(client: Client, project: Project) -> None:
    page = page_of(client, add_model(add_run(project)))
    assert "90.2 % to 98.4 %, n = 100" in page
    assert "By position" in page
    assert "An earlier version measured this model" in page
    assert "not known" in page
    assert "Most confused" not in page


def test_a_model_that_is_not_measured_yet_says_so(client: Client, project: Project) -> None:
    model = add_model(add_run(project))
    model.metrics = {}
    model.save()
    assert "Not measured yet" in page_of(client, model)


def test_a_model_that_read_everything_right_has_nothing_to_confess(client: Client, model: Model) -> None:
    perfect = evaluate(["12", "34"], ["12", "34"], confidences=[0.99, 0.98]).to_json()
    model.metrics = {"validation": perfect, "test": perfect}
    model.save()
    page = page_of(client, model)
    assert "No character of the test images was read wrong" in page
    assert "at least 381" in page


def test_a_model_without_a_keras_file_offers_none(client: Client, model: Model) -> None:
    assert ">Keras<" in page_of(client, model)
    model.keras_file = ""
    model.save()
    assert ">Keras<" not in page_of(client, model)
    assert ">Keras<" not in client.get(reverse("training:models", args=[model.project_id])).content.decode()


def test_the_list_of_models_links_to_the_page_of_each(client: Client, model: Model) -> None:
    listed = client.get(reverse("training:models", args=[model.project_id])).content.decode()
    assert reverse("training:model", args=[model.project_id, model.pk]) in listed


def test_models_of_another_project_stay_out_of_reach(client: Client, model: Model) -> None:
    stranger = make_user("stranger")
    own = make_project(stranger, "own")
    client.force_login(stranger)
    for project in (own, model.project):
        address = reverse("training:model", args=[project.pk, model.pk])
        assert client.get(address).status_code == 404
