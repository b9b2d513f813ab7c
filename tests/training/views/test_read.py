"""The Read page: cards, unreachable readers, corrections."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from labeling.models import Annotation, Image, Project
from labeling.models.annotations import AnnotationSource
from tests.factories import add_images, make_project, make_user, png, texts
from tests.training.views.rows import add_model, add_prediction, add_run
from training.models import Model, ModelState
from training.reading_cards import reading_card

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(20), seed=1000)
    return project


@pytest.fixture
def model(project: Project) -> Model:
    return add_model(add_run(project), ModelState.PRODUCTION)


def correct(client: Client, prediction: Any, text: str) -> str:
    address = reverse("training:correct_prediction", args=[prediction.project_id, prediction.pk])
    return client.post(address, {"text": text}).content.decode()


def test_without_a_model_the_page_leads_to_training(client: Client, project: Project) -> None:
    page = client.get(reverse("training:read", args=[project.pk])).content.decode()
    assert "No reader yet" in page
    assert 'type="file"' not in page


def test_the_page_asks_the_same_number_of_queries_for_1_and_for_20_readings(
    client: Client, project: Project, model: Model, django_assert_num_queries: Any
) -> None:
    for count in (1, 19):
        for text in texts(count, seed=count):
            correct(client, add_prediction(model, text), text)
        with django_assert_num_queries(7):
            client.get(reverse("training:read", args=[project.pk]))


def test_a_reader_out_of_reach_is_a_sentence_not_a_crash(
    client: Client, project: Project, model: Model
) -> None:
    file = SimpleUploadedFile("a.png", png("123"))
    answer = client.post(reverse("training:read_upload", args=[project.pk]), {"files": [file]})
    assert answer.status_code == 503
    assert "Redis is unreachable" in answer.content.decode()


def test_reading_without_a_model_is_refused(client: Client, project: Project) -> None:
    file = SimpleUploadedFile("a.png", png("123"))
    answer = client.post(reverse("training:read_upload", args=[project.pk]), {"files": [file]})
    assert answer.status_code == 409
    assert "has no model yet" in answer.content.decode()


def test_a_correction_becomes_an_annotation_and_the_card_says_so(
    client: Client, project: Project, model: Model
) -> None:
    prediction = add_prediction(model, "123", read="128")
    card = correct(client, prediction, "123")
    assert "Corrected to 123" in card
    annotation = Annotation.objects.get(source=AnnotationSource.CORRECTION)
    assert (annotation.text, annotation.image.name, annotation.image.text) == ("123", "123.png", "123")
    assert "Corrected to 123" in client.get(reverse("training:read", args=[project.pk])).content.decode()


def test_confirming_what_was_read_counts_too(client: Client, model: Model) -> None:
    assert "Confirmed" in correct(client, add_prediction(model, "123"), "123")
    assert Image.objects.filter(text="123", annotations__source=AnnotationSource.CORRECTION).count() == 1


def test_a_correction_that_does_not_fit_says_why_and_keeps_what_was_typed(
    client: Client, model: Model
) -> None:
    card = correct(client, add_prediction(model, "123"), "12x")
    assert "not in the alphabet" in card
    assert 'value="12x"' in card
    assert not Annotation.objects.filter(source=AnnotationSource.CORRECTION).exists()


def test_the_picture_is_served_as_a_picture(client: Client, model: Model) -> None:
    prediction = add_prediction(model, "123")
    answer = client.get(prediction.url)
    assert (answer["Content-Type"], answer.content) == ("image/png", png("123"))


def test_strangers_see_no_picture(client: Client, model: Model) -> None:
    prediction = add_prediction(model, "123")
    client.force_login(make_user("stranger"))
    assert client.get(prediction.url).status_code == 404


def test_a_card_lays_each_character_over_its_place_and_names_the_doubts(model: Model) -> None:
    card = reading_card(add_prediction(model, "1234", confidence=0.6))
    assert [(bar.left, bar.width) for bar in card.bars] == [(0, 25), (25, 25), (50, 25), (75, 25)]
    assert [bar.alternatives for bar in card.bars] == [[("7", pytest.approx(0.4))]] * 4
    assert not card.is_sure
    assert len(card.doubts) == 2
