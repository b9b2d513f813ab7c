"""A model's card: on its page, as Markdown, as JSON, and in the zip."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.models import AuditEntry, Project
from tests.factories import add_images, make_project, make_user, texts
from tests.training.small_models import add_reader, project_with_labels
from tests.training.views.rows import add_model, add_run
from tests.training.views.test_model import measured
from training.model_card import model_card
from training.models import Model
from training.recognition.coverage import Coverage
from training.services.model_readings import measure_model
from training.services.models import promote

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner, "My digits")
    add_images(project, texts(20))
    return project


@pytest.fixture
def model(project: Project) -> Model:
    run = add_run(
        project, seed=7, hyperparameters={"batch_size": 8}, code_version="v9", worker="gpu-1:17",
        packages={"keras": "3.12.0"},
    )  # fmt: skip
    model = add_model(run)
    validation = measured(400, seed=1)
    test = measured(600, seed=2, validated=Coverage.from_json(validation["coverage"]))
    model.metrics = {"validation": validation, "test": test}
    model.save()
    return model


def page_of(client: Client, model: Model) -> str:
    return client.get(model.get_absolute_url()).content.decode()


def test_the_page_tells_data_and_how_it_was_made(client: Client, model: Model) -> None:
    page = page_of(client, model)
    dataset = model.run.dataset
    for fact in (dataset.hash, "gpu-1:17", "v9", "keras 3.12.0", "Batch size 8", f"version {dataset.number}"):
        assert fact in page


def test_use_and_limits_follow_from_what_was_measured(model: Model) -> None:
    card = model_card(model)
    assert card.uses[0].startswith("Reading images like those of “My digits”: 3 characters of “0123456789”.")
    told = " ".join(card.limits)
    assert "“7” as “1”" in told
    assert "on 600 test images only" not in told
    assert "No test image had these characters" not in told


def test_few_test_images_and_characters_that_none_has_are_limits(model: Model) -> None:
    from training.recognition.metrics import evaluate

    few = evaluate(["123", "456"], ["123", "456"], confidences=[0.9, 0.8]).to_json()
    model.metrics = {"validation": few, "test": few}
    told = " ".join(model_card(model).limits)
    assert (
        "It was measured on 2 test images only: of new images like these, it may read as few as 34.2 %"
        in told
    )
    assert "nothing is known of them: 0789" in told


def test_a_model_that_was_not_measured_says_so(client: Client, model: Model) -> None:
    model.metrics = {}
    model.save()
    assert "It was not measured on test images at all." in page_of(client, model)
    assert "It was not measured." in model_card(model).to_markdown()


def test_the_markdown_has_the_numbers_of_the_page(model: Model) -> None:
    text = model_card(model).to_markdown()
    low, high = model.metrics["test"]["whole_string_interval"]
    assert f"| {100 * low:.1f} % to {100 * high:.1f} % | 600 |" in text
    assert model.run.dataset.hash in text
    assert "- Seed: 7" in text
    assert "&" not in text
    assert "{%" not in text


def test_the_json_can_be_read_back(model: Model) -> None:
    card = json.loads(json.dumps(model_card(model).to_json()))
    assert card["data"]["hash"] == model.run.dataset.hash
    assert card["made"]["hyperparameters"]["batch_size"] == 8
    assert card["metrics"] == model.metrics


def test_the_zip_holds_model_card_and_reader_and_its_download_is_written_down(client: Client) -> None:
    owned = project_with_labels()
    model = add_reader(owned, trees=3)
    model.metrics = measure_model(model=model)
    model.save()
    client.force_login(owned.created_by)
    answer = client.get(reverse("training:download_model", args=[owned.pk, model.pk, "zip"]))
    assert answer["Content-Disposition"] == 'attachment; filename="digits-model-1.zip"'
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    names = set(archive.namelist())
    assert {"model.onnx", "MODEL_CARD.md", "model_card.json", "read.py", "requirements.txt"} <= names
    assert archive.read("MODEL_CARD.md").decode().startswith("# Model 1 of digits\n")
    assert json.loads(archive.read("model_card.json"))["model"] == "Model 1"
    entry = AuditEntry.objects.get(action="model_downloaded")
    assert (entry.user, entry.target, entry.detail) == (owned.created_by, "Model 1", {"file": "zip"})


def test_a_file_that_is_missing_from_the_storage_is_not_found(client: Client, model: Model) -> None:
    model.onnx_file.storage.delete(model.onnx_file.name)
    for kind in ("onnx", "zip"):
        address = reverse("training:download_model", args=[model.project_id, model.pk, kind])
        assert client.get(address).status_code == 404
    assert not AuditEntry.objects.filter(action="model_downloaded").exists()


def test_the_page_shows_when_and_why_the_model_was_promoted(client: Client, model: Model) -> None:
    promote(model=model, user=model.project.created_by, why="Reads the new fonts.")
    page = page_of(client, model)
    assert "Reads the new fonts." in page
    assert "By hand" in page


def test_why_it_was_not_promoted_by_itself_is_shown_to_who_may_promote_it(
    client: Client, model: Model
) -> None:
    model.rule_note = "Of 40 validation images, Model 2 reads 30 right and Model 1 35."
    model.save()
    assert "It was not promoted by itself: Of 40 validation images" in page_of(client, model)


def test_rolling_back_archiving_and_the_rule_are_one_press_each(client: Client, project: Project) -> None:
    first, second, third = (add_model(add_run(project)) for _ in range(3))
    promote(model=first)
    promote(model=second)
    listed = reverse("training:models", args=[project.pk])
    assert "Roll back to model 1" in client.get(listed).content.decode()
    client.post(reverse("training:roll_back_model", args=[project.pk]))
    client.post(reverse("training:archive_model", args=[project.pk, third.pk]))
    client.post(reverse("training:promotion_rule", args=[project.pk]), {"rule": "proven"})
    page = client.get(listed)
    assert [model.state for model, _ in page.context["models"]] == ["candidate", "production"]
    assert page.context["rule"] == "proven"
    archived = client.get(listed + "?state=archived")
    assert [model for model, _ in archived.context["models"]] == [third]
    client.post(reverse("training:unarchive_model", args=[project.pk, third.pk]))
    assert len(client.get(listed).context["models"]) == 3


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("roll_back_model", "no former production model"), ("promotion_rule", "is no rule")],
)
def test_what_cannot_be_done_is_said(client: Client, project: Project, name: str, sentence: str) -> None:
    answer: Any = client.post(reverse(f"training:{name}", args=[project.pk]), follow=True)
    assert sentence in answer.content.decode()


@pytest.mark.parametrize(
    ("architecture", "hyperparameters", "starter", "words"),
    [
        ("slots", {}, "0123456789abcdef", "the starter model 0123456789abcdef"),
        ("ctc", {"starter": 0}, "", "nothing: all weights were drawn at random"),
        ("slots", {}, "", "the starter model of its time, which was not recorded"),
    ],
)
def test_the_card_says_what_a_network_began_with(
    client: Client,
    project: Project,
    architecture: str,
    hyperparameters: dict[str, Any],
    starter: str,
    words: str,
) -> None:
    run = add_run(project, architecture=architecture, hyperparameters=hyperparameters, starter=starter)
    model = add_model(run)
    card = model_card(model)
    assert f"- Begun with: {words}\n- Hyper-parameters:" in card.to_markdown()
    assert card.to_json()["made"]["starter"] == (starter or None)
    assert words in page_of(client, model)


def test_the_card_of_what_cannot_begin_with_the_starter_is_silent_about_it(project: Project) -> None:
    card = model_card(add_model(add_run(project, architecture="random_forest")))
    assert "Begun with" not in card.to_markdown()
