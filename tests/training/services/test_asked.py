"""Images that a training without labels asks about: saved as ordinary annotations, counted once, told at the end."""

from uuid import uuid4

import pytest

from labeling.errors import Refused
from labeling.models import Annotation, Image, ImageStatus, Project, Role
from labeling.services.annotations import SkipReason, withdraw
from labeling.services.deleting import delete_images
from tests.factories import add_images, make_member, make_project, texts
from tests.training.label_free_rows import add_asked, add_label_free
from training.models import AskedImage, LabelFree
from training.services.asked import answer, asked_result, next_asked, take_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(100), labelled=False)
    return project


@pytest.fixture
def row(project: Project) -> LabelFree:
    return add_label_free(project)


def owner(row: LabelFree):
    return row.run.project.created_by


def test_nothing_is_told_before_all_are_answered(row: LabelFree) -> None:
    add_asked(row, count=5, wrong=1, answered=4)
    result = asked_result(row)
    assert (result.asked, result.answered, result.left, result.right) == (5, 4, 1, None)
    assert result.disagreements == []


def test_the_estimate_counts_what_the_model_reads_as_the_person_did(row: LabelFree) -> None:
    add_asked(row, count=5, wrong=1, answered=5)
    result = asked_result(row)
    assert result.right is not None
    assert (result.right.count, result.right.n) == (4, 5)
    # Wilson's interval of 4 of 5.
    assert result.right.interval.low == pytest.approx(0.3755, abs=1e-4)
    assert result.right.interval.high == pytest.approx(0.9638, abs=1e-4)
    [one] = result.disagreements
    assert one.typed == "".join(reversed(one.read))


def test_answers_are_labels_of_the_project_and_saw_no_suggestion(row: LabelFree) -> None:
    _, truths = add_asked(row, count=3, answered=3)
    annotations = Annotation.objects.filter(image__project=row.run.project)
    assert sorted(annotations.values_list("text", "suggested")) == sorted((text, "") for text in truths)
    images = Image.objects.filter(pk__in=row.asked.values("image"))
    assert {image.status for image in images} == {ImageStatus.LABELLED}


def test_the_same_key_again_changes_nothing(row: LabelFree) -> None:
    _, truths = add_asked(row, count=3)
    image, key = row.asked.all()[0].image_id, uuid4()
    for _ in range(2):
        answer(label_free=row, image_id=image, user=owner(row), key=key, text=truths[0])
    assert Annotation.objects.filter(image=image).count() == 1
    assert asked_result(row).answered == 1


def test_a_skipped_image_is_answered_but_does_not_count(row: LabelFree) -> None:
    _, truths = add_asked(row, count=3, wrong=0)
    first, *rest = row.asked.all()
    answer(
        label_free=row, image_id=first.image_id, user=owner(row), key=uuid4(), skip_reason=SkipReason.CUT_OFF
    )
    for asked, text in zip(rest, truths[1:], strict=True):
        answer(label_free=row, image_id=asked.image_id, user=owner(row), key=uuid4(), text=text)
    result = asked_result(row)
    assert (result.skipped, result.answered) == (1, 3)
    assert result.right is not None
    assert (result.right.count, result.right.n) == (2, 2)


def test_an_answer_that_is_taken_back_is_asked_again(row: LabelFree) -> None:
    add_asked(row, count=3, answered=1)
    annotation = Annotation.objects.get(image__project=row.run.project)
    assert annotation.key is not None
    image = take_back(label_free=row, key=annotation.key, user=owner(row))
    assert next_asked(row)[0].image_id == image.pk
    assert asked_result(row).answered == 0


def test_an_answer_that_is_withdrawn_elsewhere_is_asked_again(row: LabelFree) -> None:
    add_asked(row, count=3, answered=3)
    annotation = Annotation.objects.filter(image__project=row.run.project).first()
    assert annotation is not None
    withdraw(annotation=annotation, user=owner(row))
    assert asked_result(row).right is None


def test_no_answer_is_taken_back_once_the_result_was_shown(row: LabelFree) -> None:
    add_asked(row, count=2, answered=2)
    annotation = Annotation.objects.filter(image__project=row.run.project).first()
    assert annotation is not None
    assert annotation.key is not None
    with pytest.raises(Refused, match="so answers stay"):
        take_back(label_free=row, key=annotation.key, user=owner(row))


def test_a_text_that_comes_after_the_result_was_shown_does_not_change_it(row: LabelFree) -> None:
    add_asked(row, count=2, wrong=1, answered=2)
    misread = row.asked.all()[0]
    answer(label_free=row, image_id=misread.image_id, user=owner(row), key=uuid4(), text=misread.reading)
    result = asked_result(row)
    assert result.right is not None
    assert result.right.count == 1


def test_of_two_people_the_first_ones_text_counts(row: LabelFree) -> None:
    _, truths = add_asked(row, count=3, answered=1)
    second = make_member(row.run.project, Role.ANNOTATOR)
    asked = row.asked.all()[0]
    answer(label_free=row, image_id=asked.image_id, user=second, key=uuid4(), text="999")
    asked.refresh_from_db()
    assert asked.annotation is not None
    assert asked.annotation.text == truths[0]


@pytest.mark.parametrize("text", ["", "12", "12345", "1a2"])
def test_a_text_that_does_not_fit_is_refused_and_asked_again(row: LabelFree, text: str) -> None:
    add_asked(row, count=2)
    with pytest.raises(Refused):
        answer(label_free=row, image_id=row.asked.all()[0].image_id, user=owner(row), key=uuid4(), text=text)
    assert asked_result(row).answered == 0


def test_an_image_that_is_not_asked_about_is_refused(row: LabelFree, project: Project) -> None:
    add_asked(row, count=2)
    other = Image.objects.filter(project=project).exclude(pk__in=row.asked.values("image")).first()
    assert other is not None
    with pytest.raises(Refused, match="not among those that are asked"):
        answer(label_free=row, image_id=other.pk, user=owner(row), key=uuid4(), text="123")


def test_a_deleted_image_is_not_asked_about_any_more(row: LabelFree, project: Project) -> None:
    add_asked(row, count=3)
    gone = row.asked.all()[0].image_id
    delete_images(project=project, user=owner(row), image_ids=[gone])
    assert AskedImage.objects.filter(label_free=row).count() == 2
    with pytest.raises(Refused, match="may have been deleted"):
        answer(label_free=row, image_id=gone, user=owner(row), key=uuid4(), text="123")
