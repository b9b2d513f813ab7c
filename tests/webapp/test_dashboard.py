"""The dashboard: projects, what moves, what is missing."""

import json
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from labeling.jobs import SILENT_AFTER, JobState
from labeling.models import Image, Import, ProjectCounts
from labeling.services.annotations import annotate
from labeling.services.preparations import current_preparation
from tests.factories import add_images, make_project, make_user, texts
from training.models import AutomaticLoop, Epoch, Model, ModelState, ReadingDay, Run
from training.services.datasets import freeze_dataset
from webapp.figures import AT_MOST_EVERY, refresh_figures
from webapp.machine_load import machine_load
from webapp.models import ProjectFigures
from webapp.workers import Worker, _worker

pytestmark = pytest.mark.django_db


def start_run(project, **changes) -> Run:
    now = timezone.now()
    wish = {
        "number": 1,
        "architecture": "slots",
        "state": JobState.RUNNING,
        "started_at": now,
        "heartbeat_at": now,
    }
    return Run.objects.create(
        project=project,
        dataset=freeze_dataset(project=project),
        preparation=current_preparation(project),
        **wish | changes,
    )


def test_cards_tell_labelled_share_and_show_pictures(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    project = make_project(user)
    images = add_images(project, texts(3)) + add_images(project, ["555"], labelled=False, seed=90)
    page = client.get(reverse("dashboard")).content.decode()
    assert "3 of 4 images labelled" in page
    for image in images:
        assert f'src="{image.url}"' in page


def test_only_ones_own_projects_and_runs_show_up(client: Client) -> None:
    other = make_project(name="secret")
    add_images(other, texts(20))
    start_run(other)
    client.force_login(make_user())
    assert "secret" not in client.get(reverse("dashboard")).content.decode()


def test_a_running_training_shows_its_progress_and_is_polled_briskly(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    project = make_project(user)
    add_images(project, texts(20))
    fragment = reverse("dashboard_now")
    assert "every 15s" in client.get(fragment).content.decode()
    run = start_run(
        project, epoch=2, epochs_planned=40, progress=0.05, images_per_second=123.4, seconds_left=100
    )
    for number, accuracy in enumerate([0.25, 0.5], start=1):
        Epoch.objects.create(
            run=run,
            number=number,
            loss=1,
            character_accuracy=0.5,
            whole_string_accuracy=0.2,
            validation_loss=1,
            validation_character_accuracy=0.5,
            validation_whole_string_accuracy=accuracy,
            learning_rate=1e-3,
            seconds=1,
        )
    page = client.get(fragment).content.decode()
    assert "every 2s" in page
    assert "Epoch 2 of 40" in page
    assert "123 images/s, about 1 min 40 s left" in page
    assert "50.0 %" in page


def test_a_run_whose_worker_went_silent_says_so(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    project = make_project(user)
    add_images(project, texts(20))
    start_run(project, heartbeat_at=timezone.now() - 2 * SILENT_AFTER)
    assert "last heard of" in client.get(reverse("dashboard_now")).content.decode()


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    response = client.get(reverse("dashboard"))
    assert response.url == f"{reverse('accounts:sign_in')}?next=/"


def add_rows(user: Any, projects: int, runs: int) -> None:
    """Projects with counts, figures, a production model and readings, and runs in all states."""
    first = make_project(user, f"p {uuid4().hex}")
    add_images(first, texts(12))
    dataset, preparation = freeze_dataset(project=first), current_preparation(first)
    now = timezone.now()
    others = [first, *(make_project(user, f"p {uuid4().hex}") for _ in range(projects - 1))]
    for number in range(runs):
        project = others[number % projects]
        state = (JobState.DONE, JobState.FAILED, JobState.RUNNING, JobState.QUEUED)[number % 4]
        run = Run.objects.create(
            project=project, number=number + 1, dataset=dataset, preparation=preparation, architecture="slots",
            state=state, started_at=now, heartbeat_at=now, finished_at=now, queued_at=now,
        )  # fmt: skip
        if number < projects:
            model = Model.objects.create(
                project=project, run=run, state=ModelState.PRODUCTION, parameter_count=1,
                metrics={"test": {"whole_string_accuracy": 0.9, "whole_string_interval": [0.8, 0.95], "n": 100}},
            )  # fmt: skip
            ReadingDay.objects.create(model=model, day=timezone.localdate(), count=10, confidence=9.5)
            ProjectFigures.objects.create(project=project, alike=9, compared=10, measured_at=now)
            ProjectCounts.objects.filter(project=project).update(disputed=3)


@pytest.mark.parametrize("address", ["dashboard", "dashboard_now", "dashboard_projects"])
def test_the_number_of_queries_does_not_grow_with_projects_and_runs(
    client: Client, django_assert_num_queries: Any, address: str
) -> None:
    user = make_user()
    client.force_login(user)
    asked = {"dashboard": 15, "dashboard_now": 7, "dashboard_projects": 10}[address]
    for projects, runs in ((1, 4), (6, 60)):
        add_rows(user, projects, runs)
        with django_assert_num_queries(asked):
            client.get(reverse(address))


def test_a_card_tells_how_well_people_agree_and_how_sure_readings_were(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    add_rows(user, 1, 1)
    [card] = client.get(reverse("dashboard")).context["cards"]
    assert (card.agreement.count, card.agreement.n) == (9, 10)
    assert (card.readings, card.confidence) == (10, pytest.approx(0.95))
    assert [bar.count for bar in card.days][-1] == 10
    page = client.get(reverse("dashboard_projects")).content.decode()
    assert "95.0 % sure" in page
    assert ": 10, 95 % sure." in page


def test_what_needs_somebody_is_said_with_a_way_there(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    project = make_project(user, "broken")
    add_images(project, texts(20))
    now = timezone.now()
    start_run(project, number=1, heartbeat_at=now - 2 * SILENT_AFTER)
    start_run(project, number=2, state=JobState.FAILED, error="The disk is full.", finished_at=now)
    Import.objects.create(
        project=project,
        label_source="none",
        state=JobState.FAILED,
        error="The zip is cut off.",
        finished_at=now,
    )
    AutomaticLoop.objects.create(project=project, is_on=True, problem="There are too few labels.")
    ProjectCounts.objects.filter(project=project).update(disputed=2)
    page = client.get(reverse("dashboard_projects"))
    assert [need.title for need in page.context["needs"]] == [
        "Run 1 is silent", "Run 2 failed", "An import failed", "Automatic training could not start", "2 disputes",
    ]  # fmt: skip
    text = page.content.decode()
    for sentence in ("The disk is full.", "The zip is cut off.", "There are too few labels."):
        assert sentence in text
    assert reverse("labeling:review", args=[project.pk]) in text


def test_a_failed_run_needs_nobody_any_more_once_a_newer_one_was_started(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    project = make_project(user)
    add_images(project, texts(20))
    start_run(project, number=1, state=JobState.FAILED, finished_at=timezone.now())
    start_run(project, number=2, state=JobState.DONE)
    assert client.get(reverse("dashboard_projects")).context["needs"] == []


def test_what_waits_is_counted_per_queue(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    project = make_project(user)
    add_images(project, texts(20))
    for number in (1, 2):
        start_run(project, number=number, state=JobState.QUEUED)
    Import.objects.create(project=project, label_source="none", state=JobState.QUEUED)
    queues = client.get(reverse("dashboard_now")).context["now"].queues
    assert [(queue.title, queue.waiting) for queue in queues] == [("Train", 2), ("Prepare", 1), ("Read", 0)]


def test_a_beat_tells_how_busy_its_machine_is() -> None:
    load = machine_load()
    assert 0 < load.memory < load.memory_total
    assert load.cores >= 1
    assert 0 <= load.cpu <= 1
    beat = asdict(Worker("train@x", "x", 1, ("train",), 0.0, load))
    assert _worker(json.loads(json.dumps(beat))).load == load


def test_a_beat_of_an_earlier_version_has_no_load() -> None:
    row = {"name": "train@x", "host": "x", "pid": 1, "queues": ["train"], "since": 0.0}
    assert _worker(row).load is None


def test_agreement_is_told_from_what_people_read_last(client: Client) -> None:
    ada, bob = make_user("ada"), make_user("bob")
    project = make_project(ada, overlap=2)
    images = add_images(project, texts(4), labelled=False)
    for image, (first, second) in zip(
        images, [("111", "111"), ("222", "222"), ("333", "334"), ("444", "")], strict=True
    ):
        annotate(image=image, user=ada, text=first)
        if second:
            annotate(image=image, user=bob, text=second)
    refresh_figures()
    figures = ProjectFigures.objects.get(project=project)
    assert (figures.alike, figures.compared) == (2, 3)


def test_figures_are_refreshed_only_where_somebody_has_read_since() -> None:
    ada, bob = make_user("ada"), make_user("bob")
    project = make_project(ada, overlap=2)
    first, second = add_images(project, texts(2), labelled=False)
    for user in (ada, bob):
        annotate(image=first, user=user, text="111")
    refresh_figures()
    ProjectFigures.objects.update(measured_at=timezone.now() - 2 * AT_MOST_EVERY, alike=0)
    Image.objects.update(compared_at=timezone.now() - 3 * AT_MOST_EVERY)
    refresh_figures()
    assert ProjectFigures.objects.get().alike == 0
    for user in (ada, bob):
        annotate(image=second, user=user, text="222")
    refresh_figures()
    assert ProjectFigures.objects.get().compared == 2
