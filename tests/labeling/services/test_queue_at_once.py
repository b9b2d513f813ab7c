"""Many people at the queue at the same moment: nothing is handed out too often, lost, or counted twice."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from labeling.models import Annotation, Image, ImageStatus, Lease, ProjectCounts
from labeling.services.annotations import submit, withdraw
from labeling.services.queue import hold, lease_images
from tests.factories import add_images, make_project, make_user, texts
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 6


def handed_out(project: Any, person: Any) -> Iterator[Image]:
    """Take image after image until the queue has none left for a person."""
    while batch := lease_images(project=project, user=person, count=3):
        yield from batch


@pytest.mark.parametrize("overlap", [1, 2])
def test_no_image_goes_to_more_people_than_the_overlap_and_none_is_left(overlap: int) -> None:
    project = make_project(overlap=overlap)
    images = add_images(project, texts(24), labelled=False)
    people = [make_user(f"person-{number}") for number in range(PEOPLE)]
    handed: list[tuple[int, int]] = []

    def label(person: Any) -> None:
        for image in handed_out(project, person):
            handed.append((image.pk, person.pk))
            submit(image=image, user=person, key=uuid4(), text="123")

    at_once(people, label)
    assert len(set(handed)) == len(handed)
    assert Counter(image for image, _ in handed) == {image.pk: overlap for image in images}
    assert Annotation.objects.count() == 24 * overlap
    assert set(project.images.values_list("status", "readings")) == {(ImageStatus.LABELLED, overlap)}
    counts = ProjectCounts.objects.get(project=project)
    assert (counts.unlabelled, counts.labelled, counts.total) == (0, 24, 24)
    assert not Lease.objects.exists()


def test_whoever_is_overtaken_between_two_looks_gets_other_images() -> None:
    project, person, quicker = make_project(), make_user("person"), make_user("quicker")
    images = add_images(project, texts(8), labelled=False)
    taken = [images[:3]]

    def overtake(execute: Any, sql: str, *others: Any) -> Any:
        found = execute(sql, *others)
        if taken and sql.startswith('SELECT "labeling_image"."id" AS "pk"'):
            for image in taken.pop():
                hold(image=image, user=quicker)
        return found

    with connection.execute_wrapper(overtake):
        handed = lease_images(project=project, user=person, count=4)
    assert taken == []
    assert {image.pk for image in handed} == {image.pk for image in images[3:7]}


def test_a_save_that_is_sent_many_times_at_once_counts_once() -> None:
    project, ada = make_project(), make_user("ada")
    [image] = add_images(project, ["123"], labelled=False)
    key = uuid4()
    at_once([ada] * PEOPLE, lambda user: submit(image=image, user=user, key=key, text="123"))
    assert Annotation.objects.count() == 1
    assert ProjectCounts.objects.get(project=project).labelled == 1


def test_people_who_read_the_same_image_at_once_neither_wait_for_ever_nor_miscount() -> None:
    project = make_project(overlap=5)
    [image] = add_images(project, ["123"], labelled=False)
    people = [make_user(f"person-{number}") for number in range(PEOPLE)]
    at_once(people, lambda user: submit(image=image, user=user, key=uuid4(), text="123"))
    image.refresh_from_db()
    assert (image.status, image.readings) == (ImageStatus.LABELLED, 5)
    assert Annotation.objects.filter(is_check=True).count() == 1


def test_saving_and_undoing_at_once_keeps_the_counts() -> None:
    project = make_project()
    images = add_images(project, texts(PEOPLE), labelled=False)
    people = [make_user(f"person-{number}") for number in range(PEOPLE)]

    def dither(person: Any) -> None:
        for image in images:
            saved = submit(image=image, user=person, key=uuid4(), text="123")
            withdraw(annotation=saved.annotation, user=person)

    at_once(people, dither)
    counts = ProjectCounts.objects.get(project=project)
    assert (counts.unlabelled, counts.total) == (PEOPLE, PEOPLE)
    assert set(project.images.values_list("status", "readings")) == {(ImageStatus.UNLABELLED, 0)}
