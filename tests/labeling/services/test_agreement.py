"""Which readings of a project are compared."""

from typing import Any
from uuid import uuid4

import pytest

from labeling.intervals import Share
from labeling.models import Annotation, Image, Project, Role
from labeling.models.annotations import AnnotationSource
from labeling.services import agreement as service
from labeling.services.agreement import compared_images, image_agreement, person_agreement, project_agreement
from labeling.services.annotations import SkipReason, annotate, submit
from labeling.services.review import settle_case
from labeling.services.settling import settle
from tests.factories import add_images, make_member, make_project, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    project.overlap = 2
    project.save()
    return project


@pytest.fixture
def ada(project: Project) -> Any:
    return make_member(project, Role.ANNOTATOR, "ada")


@pytest.fixture
def bob(project: Project) -> Any:
    return make_member(project, Role.ANNOTATOR, "bob")


def read(image: Image, **said: str) -> None:
    """Let people of these names read an image."""
    for name, text in said.items():
        user = image.project.members.get(user__username=name).user
        submit(image=image, user=user, text=text, key=uuid4())


def test_images_that_two_people_read_are_compared(project: Project, ada: Any, bob: Any) -> None:
    both, one = add_images(project, texts(2), labelled=False)
    read(both, ada="123", bob="124")
    read(one, ada="123")
    [found] = compared_images(project)
    assert found.image == both
    assert dict(found.readings) == {ada.pk: "123", bob.pk: "124"}
    assert found.agreed is None


def test_the_images_that_were_settled_last_come_first(project: Project, ada: Any, bob: Any) -> None:
    first, second = add_images(project, texts(2), labelled=False)
    read(second, ada="123", bob="123")
    read(first, ada="123", bob="123")
    assert [one.image for one in compared_images(project)] == [first, second]


def test_only_the_last_images_are_compared(
    project: Project, ada: Any, bob: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LAST_IMAGES", 2)
    for image in add_images(project, texts(3), labelled=False):
        read(image, ada="123", bob="123")
    assert len(compared_images(project)) == 2


def test_what_a_file_said_is_nobodys_reading(project: Project, ada: Any) -> None:
    [image] = add_images(project, ["123"])
    annotate(image=image, user=ada, text="123")
    assert compared_images(project) == []


def test_people_whom_a_file_names_are_compared_by_their_names(project: Project, ada: Any) -> None:
    [image] = add_images(project, texts(1), labelled=False)
    for name, text in (("zoe", "124"), ("zoe", "123"), ("yan", "124")):
        Annotation.objects.create(image=image, annotator_name=name, text=text, source=AnnotationSource.IMPORT)
    settle(image)
    annotate(image=image, user=ada, text="123")
    [found] = compared_images(project)
    assert dict(found.readings) == {ada.pk: "123", "zoe": "123", "yan": "124"}
    assert image_agreement(image) == Share(2, 3)


def test_a_decision_in_review_is_the_agreed_text_and_no_reading(project: Project, ada: Any, bob: Any) -> None:
    [image] = add_images(project, texts(1), labelled=False)
    read(image, ada="123", bob="124")
    image.refresh_from_db()
    settle_case(image=image, user=make_member(project, Role.REVIEWER), text="124", key=uuid4())
    figures = project_agreement(compared_images(project))
    assert {one.person: one.settled for one in figures.people} == {ada.pk: Share(0, 1), bob.pk: Share(1, 1)}


def test_a_newer_text_of_the_same_person_takes_the_older_ones_place(
    project: Project, ada: Any, bob: Any
) -> None:
    [image] = add_images(project, texts(1), labelled=False)
    read(image, ada="123", bob="124")
    annotate(image=image, user=ada, text="124")
    [found] = compared_images(project)
    assert found.are_alike


def test_an_unreadable_image_can_be_agreed_on(project: Project, ada: Any, bob: Any) -> None:
    [image] = add_images(project, texts(1), labelled=False)
    for user in (ada, bob):
        submit(image=image, user=user, skip_reason=SkipReason.UNREADABLE, key=uuid4())
    [found] = compared_images(project)
    assert (found.are_alike, found.agreed) == (True, "")


def test_an_images_agreement_is_the_share_of_people_with_the_most_frequent_text(
    project: Project, ada: Any, bob: Any
) -> None:
    project.overlap = 3
    project.save()
    make_member(project, Role.ANNOTATOR, "eve")
    image, alone = add_images(project, texts(2), labelled=False)
    read(image, ada="123", bob="124", eve="124")
    read(alone, ada="123")
    assert image_agreement(image) == Share(2, 3)
    assert image_agreement(alone) is None


def test_one_person_is_compared_with_the_others(project: Project, ada: Any, bob: Any) -> None:
    same, other = add_images(project, texts(2), labelled=False)
    read(same, ada="123", bob="123")
    read(other, ada="123", bob="124")
    found = person_agreement(project, ada)
    assert found is not None
    assert (found.images, found.readings) == (2, Share(1, 2))


def test_who_read_alone_is_compared_with_nobody(project: Project, ada: Any) -> None:
    [image] = add_images(project, texts(1), labelled=False)
    read(image, ada="123")
    assert person_agreement(project, ada) is None


@pytest.mark.parametrize("count", [3, 40])
def test_comparing_asks_two_queries_however_many_images(
    project: Project, ada: Any, bob: Any, count: int, django_assert_num_queries: Any
) -> None:
    for image in add_images(project, texts(count), labelled=False):
        read(image, ada="123", bob="123")
    with django_assert_num_queries(2):
        project_agreement(compared_images(project))
