from datetime import timedelta

import pytest
from django.utils import timezone

from labeling.models import Lease
from labeling.services.annotations import annotate
from labeling.services.queue import lease_images
from tests.factories import add_images, make_project, make_user, texts

pytestmark = pytest.mark.django_db


def test_two_people_are_never_handed_the_same_image() -> None:
    project = make_project()
    add_images(project, texts(30), labelled=False)
    ada, bob = make_user("ada"), make_user("bob")
    first = lease_images(project=project, user=ada, count=20)
    second = lease_images(project=project, user=bob, count=20)
    assert (len(first), len(second)) == (20, 10)
    assert not {image.pk for image in first} & {image.pk for image in second}


def test_a_reload_gives_the_same_images_again() -> None:
    project, user = make_project(), make_user()
    add_images(project, texts(30), labelled=False)
    assert lease_images(project=project, user=user) == lease_images(project=project, user=user)


def test_the_next_batch_leaves_out_what_the_page_still_holds() -> None:
    project, user = make_project(), make_user()
    add_images(project, texts(30), labelled=False)
    held = [image.pk for image in lease_images(project=project, user=user)]
    assert len(lease_images(project=project, user=user, exclude=held)) == 10


def test_a_lease_that_ran_out_returns_to_the_queue_by_itself() -> None:
    project = make_project()
    add_images(project, texts(5), labelled=False)
    lease_images(project=project, user=make_user("ada"))
    assert lease_images(project=project, user=make_user("bob")) == []
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert len(lease_images(project=project, user=make_user("eve"))) == 5


def test_labelled_images_are_not_handed_out() -> None:
    project, user = make_project(), make_user()
    images = add_images(project, texts(3), labelled=False)
    annotate(image=images[0], user=user, text="123")
    assert len(lease_images(project=project, user=user)) == 2
