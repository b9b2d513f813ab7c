"""How far the suggestions are, and the automatic loop, on pages and over HTTP."""

from typing import Any

import pytest
from django.db import connection
from django.template import RequestContext, Template
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import AuditEntry, Member, Project, Role
from tests.factories import add_images, make_project, make_user
from tests.training.small_models import add_production_reader, project_with_labels, some_texts
from training.models import AutomaticLoop, Model, StarterSwitch, SuggestionPass
from training.services.automatic_loop import start_due_runs, switch_loop
from training.services.suggesting import start_starter_pass
from training.services.suggesting_work import run_pass

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return project_with_labels()


@pytest.fixture
def model(project: Project) -> Model:
    return add_production_reader(project)


@pytest.fixture
def owner(client: Client, project: Project) -> Client:
    client.force_login(project.created_by)
    return client


def member(client: Client, project: Project, role: Role) -> Client:
    user = make_user(role.value)
    Member.objects.create(project=project, user=user, role=role)
    client.force_login(user)
    return client


def drawn(tag: str, project: Project) -> str:
    request = RequestFactory().get("/")
    request.user = project.created_by
    return Template("{% load suggesting %}{% " + tag + " project %}").render(
        RequestContext(request, {"project": project})
    )


def progress(client: Client, project: Project) -> str:
    return client.get(reverse("training:suggestions", args=[project.pk])).content.decode()


def test_the_page_says_how_many_images_have_suggestions_and_asks_again(
    owner: Client, project: Project, model: Model
) -> None:
    SuggestionPass.objects.update(state=JobState.RUNNING, done=1200, total=3000, seconds_left=65)
    page = progress(owner, project)
    assert "1,200 of 3,000 images have suggestions" in page
    assert "about 1 min 5 s left" in page
    assert "every 2s" in page
    assert drawn("suggestions", project).strip() == page.strip()


def test_when_all_is_read_the_page_says_by_which_model(owner: Client, project: Project, model: Model) -> None:
    SuggestionPass.objects.update(state=JobState.DONE, done=3, total=3)
    page = progress(owner, project)
    assert "Suggestions are by" in page
    assert model.get_absolute_url() in page


def test_suggestions_of_the_starter_are_called_so_and_lead_to_their_switch(
    owner: Client, project: Project
) -> None:
    add_images(project, some_texts(3, 9), labelled=False, seed=90)
    row = start_starter_pass(project=project)
    assert "The starter is about to read" in progress(owner, project)
    run_pass(row.pk)
    page = progress(owner, project)
    assert "by the starter" in page
    assert "#starter" in page


def test_only_who_may_switch_the_starter_is_led_to_its_switch(client: Client, project: Project) -> None:
    add_images(project, some_texts(3, 9), labelled=False, seed=90)
    run_pass(start_starter_pass(project=project).pk)
    assert "#starter" not in progress(member(client, project, Role.ANNOTATOR), project)


def test_characters_that_the_starter_never_suggests_are_named(client: Client) -> None:
    project = project_with_labels(name="umlauts", alphabet="0147äö")
    add_images(project, some_texts(3, 9), labelled=False, seed=90)
    run_pass(start_starter_pass(project=project).pk)
    client.force_login(project.created_by)
    assert "äö</span>, which it does not know" in progress(client, project)


def test_before_anything_is_read_nothing_is_said(owner: Client, project: Project) -> None:
    assert progress(owner, project).strip() == ""


@pytest.mark.parametrize(
    ("changes", "words"), [({"alphabet": "äöü"}, "has none of them"), ({}, "switched off in this project")]
)
def test_where_nobody_reads_the_page_says_why(client: Client, changes: dict[str, str], words: str) -> None:
    project = make_project(**changes)
    add_images(project, ["147"], labelled=False)
    client.force_login(project.created_by)
    if not changes:
        client.post(reverse("training:starter_switch", args=[project.pk]))
    page = progress(client, Project.objects.get(pk=project.pk))
    assert "No suggestions yet." in page
    assert words in page


def test_the_starter_is_switched_on_the_settings_page(owner: Client, project: Project) -> None:
    address = reverse("training:starter_switch", args=[project.pk])
    assert "checked" in drawn("starter_switch", project)
    answer = owner.post(address, {})
    assert answer["Location"].endswith("/settings/#starter")
    assert "checked" not in drawn("starter_switch", Project.objects.get(pk=project.pk))
    owner.post(address, {"on": "on"})
    assert StarterSwitch.objects.get().is_on


def test_only_owners_switch_the_starter(client: Client, project: Project) -> None:
    address = reverse("training:starter_switch", args=[project.pk])
    assert member(client, project, Role.REVIEWER).post(address).status_code == 403


def test_progress_takes_one_query_however_many_images_wait(project: Project, model: Model) -> None:
    for count in (3, 60):
        add_images(project, some_texts(count, count), labelled=False, seed=count * 100)
        with CaptureQueriesContext(connection) as queries:
            drawn("suggestions", project)
        assert len(queries) == 1


def test_a_failed_pass_says_why_and_can_be_tried_again(owner: Client, project: Project, model: Model) -> None:
    SuggestionPass.objects.update(state=JobState.FAILED, error="Model 1 cannot be loaded.", done=7)
    page = progress(owner, project)
    assert "stopped after 7 images" in page
    assert "Model 1 cannot be loaded." in page
    assert "Try again" in page
    owner.post(reverse("training:suggest", args=[project.pk]))
    assert SuggestionPass.objects.get().state == JobState.QUEUED
    assert AuditEntry.objects.filter(action="suggestions_started").count() == 1


def test_viewers_see_a_failure_but_are_offered_nothing(
    client: Client, project: Project, model: Model
) -> None:
    SuggestionPass.objects.update(state=JobState.FAILED, error="Model 1 cannot be loaded.")
    viewer = member(client, project, Role.VIEWER)
    page = progress(viewer, project)
    assert "cannot be loaded" in page
    assert "Try again" not in page
    assert viewer.post(reverse("training:suggest", args=[project.pk])).status_code == 403


def test_suggestions_that_nobody_can_read_are_refused_in_words(client: Client) -> None:
    project = make_project(alphabet="äöü")
    client.force_login(project.created_by)
    owner = client
    answer = owner.post(reverse("training:suggest", args=[project.pk]), follow=True)
    assert "has no production model" in answer.content.decode()


def test_the_loop_is_switched_on_the_settings_page(owner: Client, project: Project) -> None:
    wish = {"loop-is_on": "on", "loop-every": "50", "loop-max_minutes": "5"}
    answer = owner.post(reverse("training:automatic_loop", args=[project.pk]), wish)
    assert answer["Location"].endswith("/settings/#loop")
    loop = AutomaticLoop.objects.get()
    assert (loop.is_on, loop.every, loop.max_minutes) == (True, 50, 5)
    assert "0 of 50 new annotations" in drawn("automatic_loop", project)


def test_a_number_out_of_range_changes_nothing_and_says_so(owner: Client, project: Project) -> None:
    wish = {"loop-is_on": "on", "loop-every": "1", "loop-max_minutes": "5"}
    answer = owner.post(reverse("training:automatic_loop", args=[project.pk]), wish, follow=True)
    assert "greater than or equal to 10" in answer.content.decode()
    assert not AutomaticLoop.objects.exists()


def test_only_owners_switch_the_loop(client: Client, project: Project) -> None:
    reviewer = member(client, project, Role.REVIEWER)
    address = reverse("training:automatic_loop", args=[project.pk])
    assert reviewer.post(address, {"loop-every": "50", "loop-max_minutes": "5"}).status_code == 403


def test_the_section_tells_the_last_run_and_what_kept_one_from_starting(project: Project) -> None:
    switch_loop(project=project, user=None, is_on=True, every=10)
    add_images(project, some_texts(10, 3), seed=300)
    start_due_runs()
    AutomaticLoop.objects.update(problem="Too few images.")
    section = drawn("automatic_loop", project)
    assert "Run 1" in section
    assert "Too few images." in section


def api(client: Client, path: str, project: Project, wish: Any = None) -> Any:
    address = f"/api/v1/projects/{project.pk}/{path}"
    if wish is None:
        return client.get(address)
    return client.post(address, wish, content_type="application/json")


def test_a_script_sees_how_far_the_suggestions_are(owner: Client, project: Project, model: Model) -> None:
    SuggestionPass.objects.update(state=JobState.RUNNING, done=2, total=9)
    assert api(owner, "suggestions", project).json() == {
        "by": "model",
        "why_none": "",
        "model": model.pk,
        "state": "running",
        "error": "",
        "done": 2,
        "total": 9,
        "seconds_left": None,
    }


def test_a_script_has_the_starter_read_and_switches_it(owner: Client, project: Project) -> None:
    asked = api(owner, "suggestions", project, {})
    assert (asked.status_code, asked.json()["by"], asked.json()["model"]) == (202, "starter", None)
    assert api(owner, "suggestions/starter", project, {"on": False}).json() == {"on": False}
    answer = api(owner, "suggestions", project).json()
    assert (answer["by"], answer["state"]) == ("none", "none")
    assert "switched off" in answer["why_none"]
    assert api(owner, "suggestions", project, {}).status_code == 422


def test_a_script_switches_the_loop(owner: Client, project: Project) -> None:
    assert api(owner, "loop", project).json()["on"] is False
    answer = api(owner, "loop", project, {"on": True, "every": 20}).json()
    assert (answer["on"], answer["every"], answer["max_minutes"], answer["new_annotations"]) == (
        True,
        20,
        10,
        0,
    )
    refused = api(owner, "loop", project, {"on": True, "every": 2})
    assert refused.status_code == 422
    assert "from 10 to 1,000,000" in refused.json()["detail"]


@pytest.mark.parametrize("path", ["suggestions", "loop"])
def test_viewers_may_look_but_change_nothing_over_http(client: Client, project: Project, path: str) -> None:
    viewer = member(client, project, Role.VIEWER)
    assert api(viewer, path, project).status_code == 200
    assert api(viewer, path, project, {"on": True}).status_code == 403
