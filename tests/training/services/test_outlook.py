"""What is said before a run starts: how long it would take, and what its data lacks."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.models import Project
from labeling.services.preparations import current_preparation
from tests.factories import add_images, make_project, texts
from tests.training.views.rows import add_run
from training.services.data_warnings import data_warnings
from training.services.datasets import split_outlook
from training.services.estimates import Estimate, estimate
from training.services.reading_task import reading_task

pytestmark = pytest.mark.django_db


def with_labels(labels: list[str], **changes: Any) -> Project:
    project = make_project(**changes)
    add_images(project, labels)
    # With the counts as they are now.
    return Project.objects.get(pk=project.pk)


def titles(project: Project) -> list[str]:
    return [one.title for one in data_warnings(project, split_outlook(project))]


def test_a_handful_of_images_to_measure_with_is_said() -> None:
    project = with_labels(texts(60))
    warnings = data_warnings(project, split_outlook(project))
    assert warnings[0].title in ("Only 6 validation images.", "Only 6 test images.")
    assert "would show no more than 61%" in warnings[0].text


def test_characters_that_are_missing_or_rare_are_named() -> None:
    project = with_labels(["012", "345"] * 20 + ["016"] * 3, alphabet="01234567")
    said = titles(project)
    assert "Never in the labels: 7." in said
    assert "Fewer than 10 times in the labels: 6 (3)." in said


def test_case_does_not_matter_where_it_does_not_matter() -> None:
    project = with_labels(["aB1"] * 20, alphabet="ab1")
    assert not any(title.startswith("Never") for title in titles(project))


def test_unbalanced_labels_are_said_with_their_numbers() -> None:
    project = with_labels(["000"] * 80 + ["111"] * 4, alphabet="01")
    assert "Unbalanced: 0 is in the labels 240 times, 1 12 times." in titles(project)


def test_plenty_of_even_labels_are_not_remarked_on() -> None:
    project = with_labels(texts(60))
    outlook = split_outlook(project)
    plenty = type(outlook)(train=4000, validation=500, test=500)
    assert data_warnings(project, plenty) == []


def test_a_project_that_cannot_be_trained_on_yet_is_told_so_elsewhere() -> None:
    assert titles(with_labels(texts(4))) == []


def estimated(project: Project, **changes: Any) -> Estimate:
    wish: dict[str, Any] = {
        "architecture": "slots",
        "hyperparameters": {"epoch_images": 0},
        "max_epochs": 10,
        "max_minutes": None,
    }
    found = estimate(
        project=project, task=reading_task(project, current_preparation(project)), **(wish | changes)
    )
    assert found is not None
    return found


def test_the_time_follows_from_the_speed_of_the_newest_run_of_the_same_architecture() -> None:
    project = with_labels(texts(100))
    run = add_run(project, images_per_second=40.0)
    add_run(project, images_per_second=None)
    found = estimated(project)
    # 80 images to train on, ten times.
    assert (found.speed.images_per_second, found.speed.run) == (40.0, run)
    assert found.seconds == pytest.approx(10 * 80 / 40)
    assert estimated(project, hyperparameters={"epoch_images": 160}).seconds == pytest.approx(10 * 160 / 40)


def test_the_given_minutes_end_what_would_take_longer() -> None:
    project = with_labels(texts(100))
    add_run(project, images_per_second=40.0)
    found = estimated(project, max_epochs=1000, max_minutes=1)
    assert (found.seconds, found.epochs, found.is_cut) == (60, 30, True)


def test_another_architectures_speed_counts_by_what_it_computes() -> None:
    project = with_labels(texts(100))
    add_run(project, images_per_second=40.0)
    cheap = estimated(project, architecture="tiny_vgg", hyperparameters={})
    costly = estimated(project, architecture="multi_head", hyperparameters={})
    assert cheap.speed.images_per_second > 40 > costly.speed.images_per_second


def test_another_projects_run_is_not_named() -> None:
    other = with_labels(texts(20), name="other")
    add_run(other, images_per_second=50.0, machines=[{"host": "gpu-7"}])
    found = estimated(with_labels(texts(100)))
    assert (found.speed.run, found.speed.source) == (None, "in an earlier run on gpu-7")


def test_where_nothing_was_trained_this_machine_is_measured() -> None:
    found = estimated(with_labels(texts(100)))
    assert found.seconds > 0
    assert "as nothing was trained yet" in found.speed.source


def test_the_form_shows_the_estimate_of_what_is_typed(client: Client) -> None:
    project = with_labels(texts(100))
    client.force_login(project.created_by)
    add_run(project, images_per_second=40.0)
    address = reverse("training:run_estimate", args=[project.pk])
    assert address in client.get(reverse("training:runs", args=[project.pk])).content.decode()
    wish = {"architecture": "slots", "max_epochs": "10", "slots-epoch_images": "0"}
    assert "About 20 s" in client.post(address, wish).content.decode()
    assert "Correct the values above" in client.post(address, wish | {"max_epochs": "0"}).content.decode()
    ranged = with_labels(["12", "123"] * 10, name="ranged", min_length=2)
    client.force_login(ranged.created_by)
    address = reverse("training:run_estimate", args=[ranged.pk])
    assert (
        "needs a fixed length" in client.post(address, wish | {"architecture": "tiny_vgg"}).content.decode()
    )
