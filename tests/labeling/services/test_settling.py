"""How annotations come to an agreed text: the rules one by one, then any acts in any order."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from labeling.errors import ImageGone
from labeling.models import Annotation, Image, ImageStatus, Lease, ProjectCounts
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import SkipReason, annotate, submit, withdraw
from labeling.services.counts import recount
from labeling.services.queue import lease_images
from labeling.services.settling import Verdict, decide, settle, settle_all
from tests.factories import add_images, make_project, make_user

ADA, BOB, EVE = 1, 2, 3


def said(annotator: int | None, text: str, source: str = "typed") -> Annotation:
    reason = "" if text else "unreadable"
    return Annotation(annotator_id=annotator, text=text, skip_reason=reason, source=AnnotationSource(source))


def verdict(overlap: int, *oldest_first: Annotation) -> tuple[str, str]:
    result = decide(oldest_first[::-1], overlap)
    return result.status.value, result.text


def test_an_image_that_nobody_has_read_has_no_text() -> None:
    assert decide([], 1) == decide([], 3) == Verdict()


def test_with_one_reader_the_newest_text_decides() -> None:
    assert verdict(1, said(ADA, "12"), said(BOB, "34")) == ("labelled", "34")
    assert verdict(1, said(ADA, "12"), said(BOB, "")) == ("skipped", "")


def test_with_an_overlap_an_image_waits_for_enough_readers() -> None:
    assert verdict(2, said(ADA, "12")) == ("unlabelled", "")
    assert verdict(2, said(ADA, "12"), said(BOB, "12")) == ("labelled", "12")
    assert verdict(3, said(ADA, "12"), said(BOB, "34")) == ("unlabelled", "")


def test_readers_who_differ_are_in_dispute() -> None:
    assert verdict(2, said(ADA, "12"), said(BOB, "34")) == ("disputed", "")
    assert verdict(2, said(ADA, "12"), said(BOB, "")) == ("disputed", "")


def test_an_image_that_nobody_can_read_is_skipped() -> None:
    assert verdict(2, said(ADA, ""), said(BOB, "")) == ("skipped", "")


def test_of_one_persons_texts_the_newest_counts() -> None:
    assert verdict(2, said(ADA, "12"), said(ADA, "12")) == ("unlabelled", "")
    assert verdict(2, said(ADA, "12"), said(BOB, "34"), said(ADA, "34")) == ("labelled", "34")


def test_a_reviewer_or_a_correction_decides_alone() -> None:
    for source in ("review", "correction"):
        decided = said(EVE, "56", source)
        assert verdict(3, decided) == ("labelled", "56")
        assert verdict(2, said(ADA, "12"), said(BOB, "34"), decided, said(ADA, "78")) == ("labelled", "56")
        assert verdict(1, decided, said(ADA, "78")) == ("labelled", "56")


def test_an_imports_label_waits_for_no_further_reader() -> None:
    assert verdict(3, said(None, "12", "import")) == ("labelled", "12")
    assert verdict(3, said(None, "12", "import"), said(ADA, "12")) == ("labelled", "12")
    assert verdict(3, said(None, "12", "import"), said(ADA, "34")) == ("disputed", "")


def test_whoever_imported_a_label_may_correct_it() -> None:
    assert verdict(2, said(ADA, "12", "import"), said(ADA, "34")) == ("labelled", "34")


def test_readings_count_people() -> None:
    assert decide([said(ADA, "1"), said(BOB, "2"), said(ADA, "3"), said(None, "4")], 5).readings == 3


@pytest.mark.django_db
def test_settling_an_image_that_was_deleted_says_so() -> None:
    [image] = add_images(make_project(), ["123"], labelled=False)
    Image.objects.filter(pk=image.pk).delete()
    with pytest.raises(ImageGone):
        settle(image)


@pytest.mark.django_db
def test_many_images_are_settled_in_a_fixed_number_of_queries(django_assert_num_queries) -> None:
    project, user = make_project(), make_user()
    images = add_images(project, ["123"] * 60, labelled=False)
    Annotation.objects.bulk_create(Annotation(image=image, annotator=user, text="123") for image in images)
    with django_assert_num_queries(6):
        settle_all([image.pk for image in images[:3]])
    with django_assert_num_queries(6):
        settle_all([image.pk for image in images[3:]])
    assert set(project.images.values_list("status", "text", "readings")) == {("labelled", "123", 1)}
    assert ProjectCounts.objects.get(project=project).labelled == 60


@pytest.mark.django_db
def test_when_readings_were_last_compared_is_known() -> None:
    [image] = add_images(make_project(overlap=2), ["123"], labelled=False)
    assert annotate(image=image, user=make_user("ada"), text="123").image.compared_at is None
    second = annotate(image=image, user=make_user("bob"), text="123")
    assert second.image.compared_at is not None
    assert withdraw(annotation=second, user=second.annotator).compared_at is None


TEXTS = st.sampled_from(["111", "222"])
PLACES = st.integers(0, 2)


class Labelling(RuleBasedStateMachine):
    """Three people, three images, and whatever they do in whatever order."""

    people: list[Any]

    @initialize(overlap=st.integers(1, 3))
    def start(self, overlap: int) -> None:
        self.project = make_project(self.people[0], uuid4().hex, overlap=overlap)
        self.images = add_images(self.project, ["123", "456", "789"], labelled=False)
        self.saved: list[Annotation] = []

    @rule(image=PLACES, person=PLACES, text=TEXTS)
    def read(self, image: int, person: int, text: str) -> None:
        saved = submit(image=self.fresh(image), user=self.people[person], key=uuid4(), text=text)
        self.saved.append(saved.annotation)

    @rule(image=PLACES, person=PLACES)
    def skip(self, image: int, person: int) -> None:
        skipped = {"skip_reason": SkipReason.UNREADABLE, "key": uuid4()}
        self.saved.append(submit(image=self.fresh(image), user=self.people[person], **skipped).annotation)

    @precondition(lambda self: self.saved)
    @rule(data=st.data())
    def read_again(self, data: st.DataObject) -> None:
        earlier = data.draw(st.sampled_from(self.saved))
        again = submit(image=earlier.image, user=earlier.annotator, key=earlier.key, text="333")
        assert again.annotation.pk == earlier.pk

    @rule(image=PLACES, person=PLACES, text=TEXTS)
    def review(self, image: int, person: int, text: str) -> None:
        decided = {"text": text, "source": AnnotationSource.REVIEW, "key": uuid4()}
        self.saved.append(annotate(image=self.fresh(image), user=self.people[person], **decided))

    @rule(image=PLACES, text=TEXTS)
    def import_label(self, image: int, text: str) -> None:
        Annotation.objects.create(image=self.images[image], text=text, source=AnnotationSource.IMPORT)
        settle(self.images[image])

    @precondition(lambda self: self.saved)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        annotation = data.draw(st.sampled_from(self.saved))
        withdraw(annotation=annotation, user=annotation.annotator)

    @rule(overlap=st.integers(1, 3))
    def change_overlap(self, overlap: int) -> None:
        self.project.overlap = overlap
        self.project.save()
        settle_all([image.pk for image in self.images])

    @rule(person=PLACES, count=st.integers(1, 3))
    def lease(self, person: int, count: int) -> None:
        user = self.people[person]
        held = set(Lease.objects.filter(user=user).values_list("image", flat=True))
        for image in lease_images(project=self.project, user=user, count=count):
            assert image.status == ImageStatus.UNLABELLED
            assert not image.annotations.filter(annotator=user, withdrawn_at=None, is_check=False).exists()
            others = Lease.objects.filter(image=image).exclude(user=user).count()
            assert image.pk in held or image.readings + others < self.project.overlap

    @invariant()
    def images_are_as_the_rules_say(self) -> None:
        for image in self.project.images.all():
            standing = list(image.annotations.filter(withdrawn_at=None, is_check=False))
            assert (image.status, image.text, image.readings) == self.expected(standing)

    @invariant()
    def counts_are_right(self) -> None:
        kept = ProjectCounts.objects.get(project=self.project)
        numbers = [getattr(kept, status) for status in ImageStatus.values]
        assert numbers == [self.project.images.filter(status=status).count() for status in ImageStatus.values]

    def expected(self, standing: list[Annotation]) -> tuple[str, str, int]:
        """The rules once more, in other words."""
        last = {one.annotator_id: one for one in reversed(standing)}
        reviews = [one for one in standing if one.source == "review"]
        imports = [one for one in standing if one.source == "import"]
        if reviews:
            texts = {reviews[0].text}
        elif self.project.overlap == 1:
            texts = {one.text for one in standing[:1]}
        elif imports or len(last) >= self.project.overlap:
            texts = {one.text for one in last.values()}
        else:
            texts = set()
        if len(texts) != 1:
            return "disputed" if texts else "unlabelled", "", len(last)
        [text] = texts
        return "labelled" if text else "skipped", text, len(last)

    def fresh(self, place: int) -> Image:
        return Image.objects.select_related("project").get(pk=self.images[place].pk)


@pytest.mark.django_db
def test_whatever_people_do_images_and_counts_follow_the_rules() -> None:
    Labelling.people = [make_user(name) for name in ("ada", "bob", "eve")]
    run_state_machine_as_test(
        Labelling, settings=settings(max_examples=10, stateful_step_count=20, deadline=None)
    )


@pytest.mark.django_db
def test_a_recount_finds_what_was_changed_by_hand() -> None:
    project = make_project()
    add_images(project, ["123"] * 4)
    Image.objects.filter(project=project).first().delete()
    counts = recount(project=project)
    assert (counts.labelled, counts.total) == (3, 3)
