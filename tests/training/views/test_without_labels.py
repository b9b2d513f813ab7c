"""The page Read without labels, what the page of such a run shows, its style's page, and blind transcription."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import Image, Project, Role
from labeling.services.deleting import delete_images
from labeling.services.suggestions import ImageReading, write_suggestions
from tests.factories import add_images, make_member, make_project, make_user, texts
from tests.training.label_free_rows import add_asked, add_label_free, picture_name
from tests.training.views.rows import add_run
from training.models import LabelFree, Model, Run
from training.recognition.synthesis.style import Style
from training.services.models import promote
from training.style_form import StyleForm

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner, "My digits")
    add_images(project, texts(80), labelled=False)
    return project


@pytest.fixture
def row(project: Project) -> LabelFree:
    return add_label_free(project)


def address(project: Project, name: str, *more: Any) -> str:
    return reverse(f"training:{name}", args=[project.pk, *more])


def get(client: Client, url: str, **headers: Any) -> str:
    response = client.get(url, **headers)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def part(client: Client, row: LabelFree) -> str:
    url = address(row.run.project, "label_free", row.run.number)
    return get(client, url, headers={"HX-Request": "true"})


# --- The page ---


def test_a_project_without_images_says_what_to_do(client: Client, project: Project) -> None:
    empty = make_project(project.created_by, "empty")
    page = get(client, address(empty, "without_labels"))
    assert "No images yet" in page
    assert reverse("labeling:new_import", args=[empty.pk]) in page


def test_too_few_images_are_told_before_anything_is_started(client: Client, project: Project) -> None:
    few = make_project(project.created_by, "few")
    add_images(few, texts(10), labelled=False)
    page = get(client, address(few, "without_labels"))
    assert "10 images so far." in page
    assert "At least 50 are needed to learn from" in page
    assert "about 53 more images" in page
    assert "disabled" in page


def test_it_says_what_will_be_drawn_and_that_no_worker_is_there(client: Client, project: Project) -> None:
    page = get(client, address(project, "without_labels"))
    assert "Texts are <strong>3</strong> characters of" in page
    assert "About 64 images will be learnt from" in page
    assert "No worker for training is running" in page


def test_one_starts_a_run_and_comes_to_its_page(client: Client, project: Project) -> None:
    form = {"max_minutes": "5", "synthetic_count": "300", "seed": "3", "self_train": "on"}
    response = client.post(address(project, "start_label_free"), form)
    run = Run.objects.get()
    assert (response.status_code, response.url) == (302, run.get_absolute_url())
    assert (run.teaching, run.seed, run.max_minutes) == ("no_labels", 3, 5)
    assert run.label_free.options == {
        "refine": False, "self_train": True, "synthetic_count": 300, "max_minutes": 5.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change", [{"max_minutes": "0"}, {"max_minutes": "nan"}, {"synthetic_count": "5"}, {"seed": "-1"}]
)
def test_a_wish_that_cannot_work_comes_back_with_what_is_wrong(
    client: Client, project: Project, change: dict[str, str]
) -> None:
    form = {"max_minutes": "5", "synthetic_count": "300", "seed": "3"} | change
    response = client.post(address(project, "start_label_free"), form)
    assert response.status_code == 422
    assert "field-error" in response.content.decode()
    assert not Run.objects.exists()


def test_the_estimate_is_bounded_by_the_minutes(client: Client, project: Project) -> None:
    form = {"max_minutes": "1", "synthetic_count": "500000", "seed": "0"}
    answer = client.post(address(project, "label_free_estimate"), form).content.decode()
    assert "1 min" in answer
    assert "the minutes end it" in answer


def test_earlier_runs_are_listed_and_cloned_with_what_they_were_told(client: Client, row: LabelFree) -> None:
    page = get(client, address(row.run.project, "without_labels"))
    assert "Fitted" in page
    LabelFree.objects.filter(pk=row.pk).update(options=row.options | {"synthetic_count": 777})
    clone = get(client, address(row.run.project, "without_labels") + f"?like={row.run.number}")
    assert 'value="777"' in clone
    assert client.get(address(row.run.project, "without_labels") + "?like=99").status_code == 404


def test_the_page_asks_the_database_a_fixed_number_of_questions(
    client: Client, project: Project, row: LabelFree, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        add_label_free(project)
    with django_assert_max_num_queries(12):
        client.get(address(project, "without_labels"))


# --- The run's page ---


def test_the_run_page_shows_stages_closeness_findings_and_rounds(client: Client, row: LabelFree) -> None:
    page = part(client, row)
    for words in (
        "Fitting", "21 s", "71.0 %", "66.0 % to 76.0 %, n = 400", "Stroke width",
        "Drawn strokes are 0.4 pixels wider.", "The ground is white.", "DejaVu Sans", "Step 100, refiner 0.400",
    ):  # fmt: skip
        assert words in page, words


def test_the_run_page_shows_the_rounds_of_self_training(client: Client, row: LabelFree) -> None:
    page = get(client, row.run.get_absolute_url())
    assert "420 of 600" in page
    assert "98.5 %" in page


def test_a_run_that_was_interrupted_shows_no_stage_as_running(client: Client, row: LabelFree) -> None:
    assert "stopped" in part(client, row)


def test_sample_pictures_are_sent_and_never_change(client: Client, row: LabelFree) -> None:
    url = address(row.run.project, "label_free_picture", row.run.number, picture_name(row), 1)
    response = client.get(url)
    assert response.content.startswith(b"\x89PNG")
    assert "immutable" in response["Cache-Control"]
    missing = address(row.run.project, "label_free_picture", row.run.number, picture_name(row), 9)
    assert client.get(missing).status_code == 404
    unknown = address(row.run.project, "label_free_picture", row.run.number, "no-such", 0)
    assert client.get(unknown).status_code == 404


def test_the_part_opened_by_itself_leads_to_the_runs_page(client: Client, row: LabelFree) -> None:
    response = client.get(address(row.run.project, "label_free", row.run.number))
    assert response.url == row.run.get_absolute_url()


def test_a_run_with_labels_has_no_such_part(client: Client, project: Project) -> None:
    add_images(project, texts(40, seed=4), seed=5000)
    run = add_run(project)
    url = address(project, "label_free", run.number)
    assert client.get(url, headers={"HX-Request": "true"}).status_code == 404
    assert "without-labels" not in get(client, run.get_absolute_url()).split("<main")[1]


def test_deleted_images_are_missing_from_the_page_and_nothing_else(client: Client, row: LabelFree) -> None:
    project = row.run.project
    delete_images(project=project, user=project.created_by, image_ids=row.real_images)
    assert "They were deleted since." in part(client, row)


def test_it_asks_for_transcriptions_until_all_are_there(client: Client, row: LabelFree) -> None:
    add_asked(row, count=5, answered=2)
    page = part(client, row)
    assert "2 of 5 images are transcribed" in page
    assert address(row.run.project, "transcribe", row.run.number) in page


def test_the_estimate_comes_with_its_interval_and_the_differences(client: Client, row: LabelFree) -> None:
    _, truths = add_asked(row, count=5, wrong=1, answered=5)
    page = part(client, row)
    assert "80.0 %" in page
    assert "37.6 % to 96.4 % (95 %, Wilson), n = 5" in page
    assert f'<dd class="label-text">{truths[0]}</dd>' in page
    assert f'<dd class="label-text">{truths[0][::-1]} ' in page


def test_without_an_image_to_ask_about_it_says_so(client: Client, row: LabelFree) -> None:
    add_asked(row, count=0)
    assert "No image is left that this run did not learn from" in part(client, row)


def test_the_part_asks_the_database_a_fixed_number_of_questions(
    client: Client, row: LabelFree, django_assert_max_num_queries: Any
) -> None:
    add_asked(row, count=10, wrong=5, answered=10)
    url = address(row.run.project, "label_free", row.run.number)
    with django_assert_max_num_queries(9):
        client.get(url, headers={"HX-Request": "true"})


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.STOPPED, JobState.FAILED])
def test_its_page_opens_in_every_state(client: Client, project: Project, state: JobState) -> None:
    row = add_label_free(project, state=state)
    assert "without labels" in get(client, row.run.get_absolute_url())
    part(client, row)


# --- A model without any labelled image ---


def test_pages_of_a_model_that_no_label_measured_open(client: Client, row: LabelFree) -> None:
    project = row.run.project
    model, _ = add_asked(row, count=5, answered=0)
    promote(model=model)
    for name, more in (
        ("runs", ()), ("models", ()), ("run", (row.run.number,)), ("run_summary", (row.run.number,)),
        ("run_readings", (row.run.number,)), ("model", (model.pk,)), ("read", ()), ("suggestions", ()),
    ):  # fmt: skip
        assert client.get(address(project, name, *more)).status_code == 200, name
    assert client.get(reverse("labeling:project", args=[project.pk])).status_code == 200
    assert client.get(reverse("dashboard")).status_code == 200
    other = add_label_free(project)
    compared = address(project, "compare_runs") + f"?run={row.run.number}&run={other.run.number}"
    assert client.get(compared).status_code == 200
    assert client.get(address(project, "delete_run", other.run.number)).status_code == 200
    assert client.post(address(project, "delete_run", other.run.number), {"name": "x"}).status_code < 500


def test_a_models_card_says_how_it_was_made_and_what_measured_it(client: Client, row: LabelFree) -> None:
    model, _ = add_asked(row, count=5, wrong=1, answered=0)
    page = get(client, model.get_absolute_url())
    assert "Nobody has transcribed" in page
    url = reverse("training:download_model", args=[model.project_id, model.pk, "card"])
    assert client.get(url).status_code < 500


def test_a_models_card_tells_the_estimate(client: Client, row: LabelFree) -> None:
    model, _ = add_asked(row, count=5, wrong=1, answered=5)
    page = get(client, model.get_absolute_url())
    assert "80.0 %" in page
    assert "It was trained without labels" in page


# --- The style ---


def posted(style: Style, **changes: str) -> dict[str, Any]:
    form = StyleForm(style.to_json())
    values = {each.name: "on" if each.value() is True else each.value() for each in form}
    return {
        name: value for name, value in (values | changes).items() if value is not None and value is not False
    }


def test_every_value_can_be_adjusted_and_trained_with_again(client: Client, row: LabelFree) -> None:
    assert row.style is not None
    url = address(row.run.project, "adjust_style", row.run.number)
    page = get(client, url)
    assert 'name="rotation_low"' in page
    response = client.post(url, posted(Style.from_json(row.style), rotation_low="0", rotation_high="7"))
    again = Run.objects.get(copied_from=row.run)
    assert response.url == again.get_absolute_url()
    assert again.label_free.style["rotation"] == [0, 7]
    assert again.label_free.is_adjusted


def test_a_style_that_makes_no_sense_comes_back_with_a_sentence(client: Client, row: LabelFree) -> None:
    assert row.style is not None
    url = address(row.run.project, "adjust_style", row.run.number)
    response = client.post(url, posted(Style.from_json(row.style), rotation_low="9", rotation_high="7"))
    assert response.status_code == 422
    assert "a lowest and a highest value" in response.content.decode()
    assert Run.objects.count() == 1


def test_the_preview_draws_texts_and_saves_nothing(client: Client, row: LabelFree) -> None:
    assert row.style is not None
    before = row.style
    url = address(row.run.project, "style_preview", row.run.number)
    answer = client.post(url, posted(Style.from_json(row.style), slant="0")).content.decode()
    assert answer.count("data:image/png;base64,") == 8
    row.refresh_from_db()
    assert row.style == before


def test_the_preview_says_why_nothing_can_be_drawn(client: Client, row: LabelFree) -> None:
    assert row.style is not None
    url = address(row.run.project, "style_preview", row.run.number)
    one_place = posted(Style.from_json(row.style), centres="0.5 0.5 0 0")
    assert "Nothing can be drawn in this style" in client.post(url, one_place).content.decode()
    assert "Height" in client.post(url, posted(Style.from_json(row.style), height="x")).content.decode()


def test_a_run_without_a_style_yet_has_no_page_of_it(client: Client, row: LabelFree) -> None:
    LabelFree.objects.filter(pk=row.pk).update(style=None)
    response = client.get(address(row.run.project, "adjust_style", row.run.number))
    assert response.url == row.run.get_absolute_url()


# --- Transcribing ---


def say(client: Client, row: LabelFree, name: str, **wish: Any) -> Any:
    url = address(row.run.project, name, row.run.number)
    return client.post(url, json.dumps(wish), content_type="application/json")


def test_images_are_asked_without_a_suggestion(client: Client, row: LabelFree) -> None:
    model, _ = add_asked(row, count=3)
    image = row.asked.all()[0].image
    write_suggestions(project=row.run.project, model_number=1, rows=[ImageReading(image.pk, "777", 0.9, [])])
    batch = client.get(address(row.run.project, "asked_batch", row.run.number)).json()
    assert [each["suggestion"] for each in batch["images"]] == ["", "", ""]
    assert (batch["done"], batch["left"]) == (0, 3)
    page = get(client, address(row.run.project, "transcribe", row.run.number))
    assert "777" not in page
    assert model.run_id == row.pk


def test_a_batch_leaves_out_what_the_page_holds(client: Client, row: LabelFree) -> None:
    add_asked(row, count=3)
    first, *rest = row.asked.values_list("image", flat=True)
    batch = client.get(address(row.run.project, "asked_batch", row.run.number) + f"?exclude={first}").json()
    assert [each["id"] for each in batch["images"]] == rest


def test_a_text_and_a_skip_are_saved_and_undone(client: Client, row: LabelFree) -> None:
    add_asked(row, count=3)
    first, second, _ = row.asked.values_list("image", flat=True)
    key = str(uuid4())
    assert say(client, row, "asked_annotate", image=first, text="123", key=key).json()["outcome"] == "saved"
    assert say(client, row, "asked_skip", image=second, reason="cut_off", key=str(uuid4())).status_code == 200
    assert client.get(address(row.run.project, "asked_batch", row.run.number)).json()["left"] == 1
    assert say(client, row, "asked_undo", key=key).json()["image"]["id"] == first
    assert client.get(address(row.run.project, "asked_batch", row.run.number)).json()["left"] == 2


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("asked_annotate", {"text": "123"}),
        ("asked_annotate", {"image": "x", "text": "123", "key": str(uuid4())}),
        ("asked_annotate", {"image": 10**9, "text": "123", "key": str(uuid4())}),
        ("asked_annotate", {"image": 1, "text": "123", "key": "no key"}),
        ("asked_skip", {"image": 1, "reason": "boredom", "key": str(uuid4())}),
        ("asked_undo", {"key": str(uuid4())}),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    client: Client, row: LabelFree, name: str, wish: dict[str, Any]
) -> None:
    add_asked(row, count=3)
    response = say(client, row, name, **wish)
    assert response.status_code == 400
    assert response.json()["error"]


def test_viewers_do_not_transcribe(client: Client, row: LabelFree) -> None:
    add_asked(row, count=3)
    client.force_login(make_member(row.run.project, Role.VIEWER))
    assert client.get(address(row.run.project, "transcribe", row.run.number)).status_code == 403
    assert "Annotators, reviewers and owners" in part(client, row)


def test_a_run_that_is_not_done_has_nothing_to_transcribe(client: Client, row: LabelFree) -> None:
    response = client.get(address(row.run.project, "transcribe", row.run.number))
    assert response.url == row.run.get_absolute_url()
    assert Image.objects.exists()
    assert not Model.objects.exists()
