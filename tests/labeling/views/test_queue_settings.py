import pytest
from django.test import Client
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import Project, Role, SettlingPass
from labeling.services.settling_work import run_settling
from tests.factories import make_member, make_project

pytestmark = pytest.mark.django_db

WISH = {"queue-queue_order": "random", "queue-overlap": "2", "queue-gold_percent": "12.5"}


@pytest.fixture
def project(client: Client) -> Project:
    project = make_project()
    client.force_login(project.created_by)
    return project


def save(client: Client, project: Project, **changes: str) -> str:
    address = reverse("labeling:queue_settings", args=[project.pk])
    return client.post(address, WISH | changes, follow=True).content.decode()


def test_the_settings_show_what_they_are_and_keep_what_is_saved(client: Client, project: Project) -> None:
    page = save(client, project)
    project.refresh_from_db()
    assert (project.queue_order, project.overlap, project.gold_share) == ("random", 2, 0.125)
    assert "The queue is changed. What was read before is compared anew" in page
    assert 'name="queue-gold_percent" value="12.5"' in page
    assert '<option value="random" selected>' in page


def test_how_far_the_comparing_is_shows_until_it_is_done(client: Client, project: Project) -> None:
    assert "compared anew: 0" in save(client, project)
    address = reverse("labeling:settling_progress", args=[project.pk])
    assert "every 2s" in client.get(address).content.decode()
    run_settling(SettlingPass.objects.get().pk)
    assert client.get(address).content.decode().strip() == ""


def test_a_pass_that_failed_says_why_and_what_to_do(client: Client, project: Project) -> None:
    save(client, project)
    SettlingPass.objects.update(state=JobState.FAILED, error="Comparing stopped after 7 images: disk full")
    page = client.get(reverse("labeling:project_settings", args=[project.pk])).content.decode()
    assert "disk full" in page
    assert "Save the queue again to go on" in page


def test_what_does_not_work_changes_nothing_and_says_which_field(client: Client, project: Project) -> None:
    page = save(client, project, **{"queue-overlap": "9"})
    assert "The queue is as it was. Readers of each image: Ensure this value is less" in page
    project.refresh_from_db()
    assert project.overlap == 1


def test_only_owners_change_the_queue(client: Client, project: Project) -> None:
    client.force_login(make_member(project, Role.REVIEWER))
    assert client.post(reverse("labeling:queue_settings", args=[project.pk]), WISH).status_code == 403
