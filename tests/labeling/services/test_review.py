"""Settling disputes and doubts."""

from typing import Any
from uuid import uuid4

import pytest

from labeling.errors import ImageGone, Refused
from labeling.models import Annotation, AuditEntry, Doubt, Image, ImageStatus, Project, Role
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import SkipReason, annotate, submit
from labeling.services.review import (
    Kind,
    SettledAlready,
    case_of,
    next_cases,
    settle_case,
    undo_settlement,
    waiting,
)
from tests.factories import add_images, make_member, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    project.overlap = 3
    project.save()
    return project


@pytest.fixture
def rita(project: Project) -> Any:
    return make_member(project, Role.REVIEWER, "rita")


def dispute(project: Project, *said: str, text: str = "123") -> Image:
    """An image that people read differently."""
    [image] = add_images(project, [text], labelled=False, seed=project.images.count())
    for number, one in enumerate(said):
        reader = project.members.filter(user__username=f"reader{number}").first()
        user = reader.user if reader else make_member(project, Role.ANNOTATOR, f"reader{number}")
        submit(image=image, user=user, text=one, key=uuid4())
    image.refresh_from_db()
    assert image.status == ImageStatus.DISPUTED
    return image


def doubt(project: Project, label: str, text: str, confidence: float = 0.97) -> Image:
    """An image whose label the latest model doubts."""
    [image] = add_images(project, [label], seed=project.images.count())
    Doubt.objects.create(image=image, text=text, confidence=confidence, model_number=4)
    return image


def settle(image: Image, user: Any, text: str) -> Annotation:
    return settle_case(image=image, user=user, text=text, key=uuid4())


def test_a_dispute_shows_every_reading_with_its_people_the_most_frequent_first(project: Project) -> None:
    dispute(project, "124", "123", "123")
    [case] = next_cases(project=project)
    assert case.kind == Kind.DISPUTE
    assert [(one.text, one.said_by) for one in case.choices] == [
        ("123", ("reader1", "reader2")),
        ("124", ("reader0",)),
    ]


def test_finding_an_image_unreadable_is_a_choice(project: Project, rita: Any) -> None:
    [image] = add_images(project, ["123"], labelled=False)
    for name in "ab":
        submit(image=image, user=make_member(project, Role.ANNOTATOR, name), text="123", key=uuid4())
    eve = make_member(project, Role.ANNOTATOR, "eve")
    submit(image=image, user=eve, skip_reason=SkipReason.CUT_OFF, key=uuid4())
    [case] = next_cases(project=project)
    assert [(one.text, one.skip_reason) for one in case.choices] == [("123", ""), ("", "cut_off")]


def test_people_whom_a_file_names_are_shown_by_their_names(project: Project) -> None:
    image = dispute(project, "124", "123", "123")
    Annotation.objects.create(
        image=image, text="125", annotator_name="grace@example.org", source=AnnotationSource.IMPORT
    )
    [case] = next_cases(project=project)
    assert (case.choices[-1].text, case.choices[-1].said_by) == ("125", ("grace@example.org",))


def test_a_doubt_shows_the_label_and_then_what_the_model_reads(project: Project) -> None:
    doubt(project, "123", "128")
    [case] = next_cases(project=project)
    assert case.kind == Kind.DOUBT
    assert [one.text for one in case.choices] == ["123", "128"]
    assert case.choices[1].said_by == ("the model, 97 % sure",)


def test_disputes_come_before_doubts_and_the_surest_doubt_first(project: Project) -> None:
    unsure, sure = doubt(project, "111", "112", 0.8), doubt(project, "222", "223", 0.99)
    disputed = dispute(project, "123", "124", "124")
    assert [case.image for case in next_cases(project=project)] == [disputed, sure, unsure]
    assert waiting(Project.objects.get()).total == 3


def test_images_that_the_page_holds_already_are_left_out(project: Project) -> None:
    held, other = dispute(project, "1" * 3, "112", "112"), doubt(project, "123", "128")
    assert [case.image for case in next_cases(project=project, exclude=[held.pk])] == [other]


def test_a_doubt_about_a_label_that_was_corrected_since_is_none(project: Project, rita: Any) -> None:
    image = doubt(project, "123", "128")
    annotate(image=image, user=rita, text="128", source=AnnotationSource.CORRECTION)
    assert next_cases(project=project) == []


def test_a_label_that_a_reviewer_confirmed_elsewhere_is_doubted_no_more(project: Project, rita: Any) -> None:
    image = doubt(project, "123", "128")
    annotate(image=image, user=rita, text="123", source=AnnotationSource.REVIEW)
    assert next_cases(project=project) == []
    # The page of another reviewer may hold it still.
    with pytest.raises(SettledAlready):
        settle(image, make_member(project, Role.REVIEWER), "128")


def test_a_settled_dispute_has_its_text_whatever_else_was_said(project: Project, rita: Any) -> None:
    image = dispute(project, "123", "124", "124")
    settle(image, rita, "125")
    image.refresh_from_db()
    assert (image.status, image.text) == (ImageStatus.LABELLED, "125")
    submit(image=image, user=make_member(project, Role.ANNOTATOR), text="124", key=uuid4())
    image.refresh_from_db()
    assert image.text == "125"


def test_an_image_is_settled_as_unreadable(project: Project, rita: Any) -> None:
    image = dispute(project, "123", "124", "124")
    settle_case(image=image, user=rita, skip_reason=SkipReason.UNREADABLE, key=uuid4())
    image.refresh_from_db()
    assert (image.status, image.skip_reason) == (ImageStatus.SKIPPED, "unreadable")


@pytest.mark.parametrize(("decision", "text"), [("123", "123"), ("128", "128"), ("129", "129")])
def test_a_settled_doubt_is_gone_and_the_image_reads_what_was_decided(
    project: Project, rita: Any, decision: str, text: str
) -> None:
    image = doubt(project, "123", "128")
    annotation = settle(image, rita, decision)
    image.refresh_from_db()
    assert (image.text, Doubt.objects.exists()) == (text, False)
    assert (annotation.source, annotation.suggested) == (AnnotationSource.REVIEW, "128")


def test_of_two_reviewers_the_second_hears_who_was_quicker(project: Project, rita: Any) -> None:
    image = dispute(project, "123", "124", "124")
    settle(image, rita, "124")
    with pytest.raises(
        SettledAlready, match=r"rita was quicker: .* is settled as 124\. Here is the next one"
    ):
        settle(image, make_member(project, Role.REVIEWER), "123")
    assert Annotation.objects.filter(source=AnnotationSource.REVIEW).count() == 1


def test_an_image_that_came_into_agreement_by_itself_is_not_settled(project: Project, rita: Any) -> None:
    image = dispute(project, "123", "124", "124")
    annotate(image=image, user=project.members.get(user__username="reader0").user, text="124")
    with pytest.raises(SettledAlready, match="in agreement by now"):
        settle(image, rita, "123")


def test_the_same_key_twice_settles_once(project: Project, rita: Any) -> None:
    image, key = dispute(project, "123", "124", "124"), uuid4()
    first = settle_case(image=image, user=rita, text="124", key=key)
    assert settle_case(image=image, user=rita, text="124", key=key) == first
    assert AuditEntry.objects.count() == 1


def test_a_text_outside_the_alphabet_settles_nothing(project: Project, rita: Any) -> None:
    image = dispute(project, "123", "124", "124")
    with pytest.raises(Refused, match="not in the alphabet"):
        settle(image, rita, "12x")
    assert case_of(image) is not None


def test_an_image_that_was_deleted_meanwhile_cannot_be_settled(project: Project, rita: Any) -> None:
    image = dispute(project, "123", "124", "124")
    Image.objects.filter(pk=image.pk).delete()
    with pytest.raises(ImageGone):
        settle(image, rita, "123")


def test_a_dispute_is_open_again_after_an_undo(project: Project, rita: Any) -> None:
    image = dispute(project, "123", "124", "124")
    undo_settlement(annotation=settle(image, rita, "124"), user=rita)
    assert [case.image for case in next_cases(project=project)] == [image]
    assert waiting(Project.objects.get()).disputes == 1


def test_a_doubt_is_there_again_after_an_undo(project: Project, rita: Any) -> None:
    image = doubt(project, "123", "128")
    undo_settlement(annotation=settle(image, rita, "128"), user=rita)
    image.refresh_from_db()
    again = Doubt.objects.get()
    assert image.text == "123"
    assert (again.text, again.confidence, again.model_number) == ("128", 0.97, 4)


def test_undoing_twice_is_harmless(project: Project, rita: Any) -> None:
    annotation = settle(doubt(project, "123", "128"), rita, "128")
    undo_settlement(annotation=annotation, user=rita)
    undo_settlement(annotation=annotation, user=rita)
    assert AuditEntry.objects.filter(action="settlement_undone").count() == 1


def test_one_undoes_ones_own_decisions_only(project: Project, rita: Any) -> None:
    annotation = settle(dispute(project, "123", "124", "124"), rita, "124")
    with pytest.raises(Refused, match="Somebody else settled"):
        undo_settlement(annotation=annotation, user=make_member(project, Role.REVIEWER))


def test_the_trail_tells_what_was_settled_and_how(project: Project, rita: Any) -> None:
    settle(dispute(project, "123", "124", "124"), rita, "124")
    settle(doubt(project, "111", "112"), rita, "111")
    trail = [(entry.user.username, entry.action, entry.detail["text"]) for entry in AuditEntry.objects.all()]
    assert trail == [("rita", "doubt_settled", "111"), ("rita", "dispute_settled", "124")]


@pytest.mark.parametrize("count", [3, 9])
def test_a_batch_asks_the_same_number_of_queries_for_any_number_of_images(
    project: Project, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        dispute(project, "123", "124", "124")
    with django_assert_num_queries(3):
        assert len(next_cases(project=project)) == count
