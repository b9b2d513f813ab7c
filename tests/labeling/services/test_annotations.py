from uuid import uuid4

import pytest

from labeling.errors import Refused
from labeling.models import Annotation, Image, ImageStatus
from labeling.services.annotations import SkipReason, annotate, submit, withdraw
from labeling.services.queue import lease_images
from tests.factories import add_images, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    return add_images(make_project(alphabet="0123456789abc"), ["123"], labelled=False)[0]


def test_an_annotation_becomes_the_agreed_text(image: Image) -> None:
    annotate(image=image, user=make_user(), text="12A")
    image.refresh_from_db()
    assert (image.text, image.status) == ("12a", ImageStatus.LABELLED)


def test_saving_twice_with_one_key_counts_once(image: Image) -> None:
    user, key = make_user(), uuid4()
    first = annotate(image=image, user=user, text="123", key=key)
    second = annotate(image=image, user=user, text="456", key=key)
    assert first == second
    assert Annotation.objects.count() == 1
    image.refresh_from_db()
    assert image.text == "123"


def test_a_new_text_is_a_new_row_and_the_old_one_stays(image: Image) -> None:
    user = make_user()
    annotate(image=image, user=user, text="123")
    annotate(image=image, user=user, text="124")
    image.refresh_from_db()
    assert image.text == "124"
    assert list(image.annotations.values_list("text", flat=True)) == ["124", "123"]


def test_undoing_goes_back_to_what_was_said_before(image: Image) -> None:
    user = make_user()
    annotate(image=image, user=user, text="123")
    second = annotate(image=image, user=user, text="124")
    withdraw(annotation=second, user=user)
    image.refresh_from_db()
    assert (image.text, image.annotations.count()) == ("123", 2)


def test_undoing_the_only_annotation_returns_the_image_to_the_queue(image: Image) -> None:
    user = make_user()
    withdraw(annotation=annotate(image=image, user=user, text="123"), user=user)
    image.refresh_from_db()
    assert (image.text, image.status) == ("", ImageStatus.UNLABELLED)


def test_an_undone_image_stays_with_whoever_undid_it(image: Image) -> None:
    user = make_user()
    withdraw(annotation=annotate(image=image, user=user, text="123"), user=user)
    assert lease_images(project=image.project, user=make_user("bob")) == []
    assert lease_images(project=image.project, user=user) == [image]


def test_nobody_undoes_somebody_elses_annotation(image: Image) -> None:
    annotation = annotate(image=image, user=make_user(), text="123")
    with pytest.raises(Refused, match="somebody else's"):
        withdraw(annotation=annotation, user=make_user("eve"))


def test_a_skipped_image_leaves_the_queue_with_its_reason(image: Image) -> None:
    submit(image=image, user=make_user(), key=uuid4(), skip_reason=SkipReason.CUT_OFF)
    image.refresh_from_db()
    assert (image.status, image.skip_reason) == (ImageStatus.SKIPPED, "cut_off")


@pytest.mark.parametrize("text", ["", "12", "1234", "12!", "12z"])
def test_a_text_that_does_not_fit_the_project_is_refused(image: Image, text: str) -> None:
    with pytest.raises(Refused):
        annotate(image=image, user=make_user(), text=text)
    assert Annotation.objects.count() == 0
