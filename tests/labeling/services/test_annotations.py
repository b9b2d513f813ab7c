from typing import Any
from uuid import uuid4

import pytest

from labeling.errors import ImageGone, Refused
from labeling.models import Annotation, Image, ImageStatus, Lease, ProjectCounts
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import Outcome, SkipReason, annotate, submit, withdraw
from labeling.services.gold import set_gold
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


def test_a_revision_takes_its_earlier_text_back_without_keeping_the_image_from_others() -> None:
    [image] = add_images(make_project(overlap=2), ["123"], labelled=False)
    ada, bob = make_user("ada"), make_user("bob")
    earlier = submit(image=image, user=ada, key=uuid4(), text="123").annotation
    submit(image=image, user=ada, key=uuid4(), text="124")
    withdraw(annotation=earlier, user=ada)
    assert not Lease.objects.exists()
    assert lease_images(project=image.project, user=bob) == [image]


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


def test_saving_gives_the_image_back(image: Image) -> None:
    user = make_user()
    lease_images(project=image.project, user=user)
    submit(image=image, user=user, key=uuid4(), text="123")
    assert not Lease.objects.exists()


def test_a_text_that_was_typed_while_the_lease_ran_out_is_saved(image: Image) -> None:
    user = make_user()
    lease_images(project=image.project, user=user)
    Lease.objects.all().delete()
    saved = submit(image=image, user=user, key=uuid4(), text="123")
    assert (saved.outcome, saved.sentence) == (Outcome.SAVED, "")
    image.refresh_from_db()
    assert image.text == "123"


def test_what_comes_after_others_have_read_the_image_is_kept_as_an_extra_reading(image: Image) -> None:
    submit(image=image, user=make_user("ada"), key=uuid4(), text="123")
    late = submit(image=image, user=make_user("bob"), key=uuid4(), text="456")
    assert late.outcome == Outcome.EXTRA
    assert "Others have read" in late.sentence
    assert image.name in late.sentence
    image.refresh_from_db()
    assert (image.text, image.readings) == ("123", 1)
    assert Annotation.objects.get(text="456").is_check


def test_a_retry_hears_once_more_that_others_were_quicker(image: Image) -> None:
    submit(image=image, user=make_user("ada"), key=uuid4(), text="123")
    bob, key = make_user("bob"), uuid4()
    outcomes = [submit(image=image, user=bob, key=key, text="456").outcome for _ in range(2)]
    assert outcomes == [Outcome.EXTRA, Outcome.EXTRA]
    assert Annotation.objects.count() == 2


def test_a_second_tabs_text_replaces_ones_own_and_says_so(image: Image) -> None:
    user = make_user()
    submit(image=image, user=user, key=uuid4(), text="123")
    second = submit(image=image, user=user, key=uuid4(), text="456")
    assert second.outcome == Outcome.REPLACED
    assert "replaces the earlier one" in second.sentence
    image.refresh_from_db()
    assert (image.text, image.readings) == ("456", 1)


def test_two_tabs_of_one_person_are_one_reader() -> None:
    [image] = add_images(make_project(overlap=2), ["123"], labelled=False)
    user = make_user()
    for _ in range(2):
        submit(image=image, user=user, key=uuid4(), text="123")
    image.refresh_from_db()
    assert (image.status, image.readings) == (ImageStatus.UNLABELLED, 1)
    counts = ProjectCounts.objects.get(project=image.project)
    assert (counts.unlabelled, counts.labelled) == (1, 0)


@pytest.mark.parametrize("save", [submit, annotate])
def test_an_image_that_was_deleted_meanwhile_is_gone_with_a_sentence(image: Image, save: Any) -> None:
    Image.objects.filter(pk=image.pk).delete()
    with pytest.raises(ImageGone, match="deleted meanwhile"):
        save(image=image, user=make_user(), key=uuid4(), text="123")
    assert not Annotation.objects.exists()


@pytest.mark.parametrize(
    ("text", "is_confirmed", "source"),
    [
        ("123", True, AnnotationSource.CONFIRMED),
        ("123", False, AnnotationSource.TYPED),
        ("456", True, AnnotationSource.TYPED),
    ],
)
def test_only_the_very_suggestion_counts_as_confirmed(
    image: Image, text: str, is_confirmed: bool, source: AnnotationSource
) -> None:
    wish = {"text": text, "suggested": "123", "is_confirmed": is_confirmed}
    annotation = submit(image=image, user=make_user(), key=uuid4(), **wish).annotation
    assert (annotation.source, annotation.suggested) == (source, "123")


def test_a_check_tells_nobody_that_it_is_one(image: Image) -> None:
    user = make_user()
    annotate(image=image, user=user, text="123")
    set_gold(image=image, user=user, is_gold=True)
    saved = submit(image=image, user=user, key=uuid4(), text="456")
    assert (saved.outcome, saved.sentence, saved.annotation.is_check) == (Outcome.SAVED, "", True)
    image.refresh_from_db()
    assert image.text == "123"


def test_an_undone_check_is_handed_to_the_same_person_again(image: Image) -> None:
    user, bob = make_user(), make_user("bob")
    annotate(image=image, user=user, text="123")
    set_gold(image=image, user=user, is_gold=True)
    withdraw(annotation=submit(image=image, user=bob, key=uuid4(), text="456").annotation, user=bob)
    assert lease_images(project=image.project, user=bob) == [image]


def test_saving_asks_few_queries(image: Image, django_assert_num_queries: Any) -> None:
    user = make_user()
    with django_assert_num_queries(7):
        submit(image=image, user=user, key=uuid4(), text="123")
