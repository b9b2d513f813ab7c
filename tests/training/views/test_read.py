"""The Read page: cards, unreachable readers, corrections."""

import csv
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from labeling.models import Annotation, Image, Project
from labeling.models.annotations import AnnotationSource
from tests.factories import add_images, make_project, make_user, png, texts
from tests.support.streams import content
from tests.training.views.rows import add_batch, add_model, add_prediction, add_run
from training.models import Look, Model, ModelState, Prediction, Verdict
from training.reading_cards import reading_card, reading_cards

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
        with django_assert_num_queries(9):
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
    card = reading_card(add_prediction(model, "1234", confidence=0.6), 0.9)
    assert [(bar.left, bar.width) for bar in card.bars] == [(0, 25), (25, 25), (50, 25), (75, 25)]
    assert [bar.alternatives for bar in card.bars] == [[("7", pytest.approx(0.4))]] * 4
    assert [bar.choices for bar in card.bars] == ["17", "27", "37", "47"]
    assert not card.is_sure
    assert [bar.position for bar in card.doubts] == [1, 2, 3]


@pytest.mark.parametrize(
    ("threshold", "verdict"), [(0.5, Verdict.SURE), (0.7, Verdict.UNSURE), (None, Verdict.UNSURE)]
)
def test_how_sure_is_sure_is_for_the_model_to_say(
    model: Model, threshold: float | None, verdict: Verdict
) -> None:
    chosen = {"threshold": threshold, "n": 100, "accepted": 60, "right": 60}
    Model.objects.filter(pk=model.pk).update(metrics={"validation": {"coverage": chosen}})
    [card] = reading_cards([add_prediction(model, "123", confidence=0.6)])
    assert card.verdict == verdict
    assert [bar.is_sure for bar in card.bars] == [verdict == Verdict.SURE] * 3


def test_a_verdict_is_that_of_the_moment_of_reading(model: Model) -> None:
    prediction = add_prediction(model, "123", confidence=0.99)
    prediction.verdict = Verdict.OTHER_FAMILY
    assert reading_card(prediction, 0.5).verdict == Verdict.OTHER_FAMILY


def test_the_page_says_how_much_the_model_reads_unattended(
    client: Client, project: Project, model: Model
) -> None:
    chosen = {"threshold": 0.87, "n": 500, "accepted": 470, "right": 470}
    tested = {"threshold": 0.87, "n": 500, "accepted": 465, "right": 465}
    metrics = {"validation": {"coverage": chosen}, "test": {"coverage": tested}}
    Model.objects.filter(pk=model.pk).update(metrics=metrics)
    page = client.get(reverse("training:read", args=[project.pk])).content.decode()
    assert "93.0 % of images can be read unattended at 99 % precision: a confidence of at least 0.87." in page


def test_readings_to_check_and_checked_ones_are_shown_apart(
    client: Client, project: Project, model: Model
) -> None:
    for text in ("123", "456"):
        prediction = add_prediction(model, text, confidence=0.3)
        Prediction.objects.filter(pk=prediction.pk).update(look=Look.WANTED)
    correct(client, Prediction.objects.get(text="123"), "123")
    address = reverse("training:read", args=[project.pk])
    shown = {show: client.get(f"{address}?show={show}").content.decode() for show in ("to_check", "checked")}
    names = {show: [name for name in ("123.png", "456.png") if name in page] for show, page in shown.items()}
    assert names == {"to_check": ["456.png"], "checked": ["123.png"]}


def test_the_file_has_a_line_for_each_reading_that_is_shown(
    client: Client, project: Project, model: Model
) -> None:
    for text in ("123", "456", "789"):
        add_prediction(model, text)
    correct(client, Prediction.objects.get(text="456"), "459")
    Prediction.objects.filter(text="789").update(look=Look.WANTED)
    add_batch(model, ["000"])

    def lines(format: str, **query: str) -> list[str]:
        answer = client.get(reverse("training:readings_file", args=[project.pk, format]), query)
        assert answer["Content-Disposition"] == f'attachment; filename="readings-{project.pk}.{format}"'
        return content(answer).decode().splitlines()

    rows = list(csv.DictReader(lines("csv")))
    assert [(row["text"], row["checked_text"]) for row in rows] == [("789", ""), ("456", "459"), ("123", "")]
    assert [json.loads(line)["text"] for line in lines("jsonl", show="to_check")] == ["789"]
    assert [json.loads(line)["text"] for line in lines("jsonl", show="checked")] == ["456"]
    page = client.get(reverse("training:read", args=[project.pk]), {"show": "checked"}).content.decode()
    assert reverse("training:readings_file", args=[project.pk, "csv"]) + "?show=checked" in page
    assert client.get(reverse("training:readings_file", args=[project.pk, "xls"])).status_code == 404


def test_older_readings_are_on_further_pages(client: Client, project: Project, model: Model) -> None:
    for text in texts(25):
        add_prediction(model, text)
    page = client.get(reverse("training:read", args=[project.pk]))
    assert page.content.decode().count('class="reading ') == 24
    following = client.get(reverse("training:read", args=[project.pk]) + page.context["page"].next)
    assert following.content.decode().count('class="reading ') == 1
