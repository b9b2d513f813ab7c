"""Images that are deleted while people label them."""

from typing import Any
from uuid import uuid4

import pytest

from labeling.errors import ImageGone
from labeling.models import Annotation, ProjectCounts
from labeling.services.annotations import submit
from labeling.services.counts import recount
from labeling.services.deleting import delete_images
from labeling.services.queue import lease_images
from tests.factories import add_images, make_project, make_user, texts
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_nobody_waits_for_ever_and_the_counts_stay_right() -> None:
    project = make_project(overlap=2)
    images = add_images(project, texts(24), labelled=False)
    owner = project.created_by
    gone: list[int] = []

    def work(person: Any) -> None:
        if person == owner:
            for start in range(0, 12, 3):
                chosen = [image.pk for image in images[start : start + 3]]
                delete_images(project=project, user=owner, image_ids=chosen)
            return
        while batch := lease_images(project=project, user=person, count=3):
            for image in batch:
                try:
                    submit(image=image, user=person, key=uuid4(), text="123")
                except ImageGone:
                    gone.append(image.pk)

    at_once([owner, *(make_user(f"person-{number}") for number in range(4))], work)
    assert set(gone) <= {image.pk for image in images[:12]}
    assert project.images.count() == 12
    assert Annotation.objects.count() == 24
    counts = ProjectCounts.objects.values().get(project=project)
    recount(project=project)
    assert counts == ProjectCounts.objects.values().get(project=project)
