"""The dashboard: projects, what moves, what is missing."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from labeling.jobs import SILENT_AFTER, JobState
from labeling.services.preparations import current_preparation
from tests.factories import add_images, make_project, make_user, texts
from training.models import Epoch, Run
from training.services.datasets import freeze_dataset

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


def test_the_dashboard_asks_the_same_number_of_queries_for_1_and_for_6_projects(
    client: Client, django_assert_num_queries
) -> None:
    user = make_user()
    client.force_login(user)
    add_images(make_project(user, "first"), texts(3))
    with django_assert_num_queries(8):
        client.get(reverse("dashboard"))
    for number in range(5):
        add_images(make_project(user, f"more {number}"), texts(60))
    with django_assert_num_queries(8):
        client.get(reverse("dashboard"))


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
