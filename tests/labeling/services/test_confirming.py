"""What a confirmed sheet comes to, and taking it back."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from labeling.errors import Refused
from labeling.models import Annotation, Image, ImageStatus, Lease, Project, ProjectCounts, SliceConfirmation
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import annotate
from labeling.services.confirming import Outcome, SaidOfCell, confirm_many, confirm_sheet, undo_sheet
from labeling.services.sheets import SheetOf, last_sheet, next_sheet
from tests.factories import make_project, make_user
from tests.labeling.services.sheet_rows import all_right, bare_images, suggest, suggested_images

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> Any:
    return make_user()


@pytest.fixture
def project(user: Any) -> Project:
    return make_project(user)


def slices(image: Image, text: str, said: str | None = None) -> list[SaidOfCell]:
    """What somebody says of all slices of an image; a space sets one aside."""
    pairs = enumerate(text if said is None else said)
    return [SaidOfCell(image.pk, text, position, character.strip()) for position, character in pairs]


def whole(image: Image, text: str, said: str) -> SaidOfCell:
    return SaidOfCell(image.pk, text, None, said)


def confirm(
    project: Project,
    user: Any,
    cells: list[SaidOfCell],
    of: SheetOf = SheetOf.SLICES,
    key: UUID | None = None,
    **more: Any,
) -> Outcome:
    return confirm_sheet(project=project, user=user, key=key or uuid4(), of=of, cells=cells, **more)


def now(image: Image) -> tuple[str, str]:
    image = Image.objects.get(pk=image.pk)
    return image.status, image.text


def test_an_image_has_its_text_when_all_of_its_slices_are_confirmed(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    cells = slices(image, "123")
    assert confirm(project, user, cells[:2]) == Outcome(confirmed=2)
    assert now(image) == (ImageStatus.UNLABELLED, "")
    assert confirm(project, user, cells[2:]) == Outcome(confirmed=1, annotated=1)
    assert now(image) == (ImageStatus.LABELLED, "123")
    annotation = Annotation.objects.get()
    assert annotation.annotator == user
    assert annotation.source == AnnotationSource.CONFIRMED
    assert annotation.suggested == "123"


def test_counts_follow_and_the_lease_ends(project: Project, user: Any) -> None:
    suggested_images(project, ["123", "456"])
    sheet = next_sheet(project=project, user=user, of=SheetOf.SLICES, size=3)
    confirm(project, user, all_right(sheet))
    counts = ProjectCounts.objects.get(project=project)
    assert (counts.unlabelled, counts.labelled) == (1, 1)
    assert Lease.objects.count() == 1


def test_a_retyped_character_changes_the_images_text(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    confirm(project, user, slices(image, "123", "173"))
    assert now(image) == (ImageStatus.LABELLED, "173")
    assert Annotation.objects.get().suggested == "123"


def test_an_image_with_a_slice_that_cannot_be_told_waits_to_be_typed(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    assert confirm(project, user, slices(image, "123", "1 3")) == Outcome(confirmed=2, set_aside=1)
    assert now(image) == (ImageStatus.UNLABELLED, "")


def test_whole_images_are_confirmed_retyped_and_set_aside(project: Project, user: Any) -> None:
    right, wrong, odd = suggested_images(project, ["123", "456", "789"])
    cells = [whole(right, "123", "123"), whole(wrong, "456", "457"), whole(odd, "789", "")]
    outcome = confirm(project, user, cells, SheetOf.IMAGES)
    assert outcome == Outcome(confirmed=2, annotated=2, set_aside=1)
    assert [now(image)[1] for image in (right, wrong, odd)] == ["123", "457", ""]
    sources = dict(Annotation.objects.values_list("text", "source"))
    assert sources == {"123": AnnotationSource.CONFIRMED, "457": AnnotationSource.TYPED}


def test_a_label_confirmed_slice_by_slice_stays_and_a_retyped_one_changes(
    project: Project, user: Any
) -> None:
    right, wrong = bare_images(project, 2)
    for image in (right, wrong):
        annotate(image=image, user=make_user(f"typist {image.pk}"), text="123")
    cells = slices(right, "123") + slices(wrong, "123", "124")
    assert confirm(project, user, cells, SheetOf.LABELS).annotated == 2
    assert (now(right)[1], now(wrong)[1]) == ("123", "124")
    assert set(Annotation.objects.filter(annotator=user).values_list("suggested", flat=True)) == {""}


def test_a_sheet_sent_twice_counts_once(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    key, cells = uuid4(), slices(image, "123")
    confirm(project, user, cells, key=key)
    again = confirm(project, user, slices(image, "123", "999"), key=key)
    assert again == Outcome(confirmed=3, annotated=1, is_repeated=True)
    assert now(image)[1] == "123"
    assert (Annotation.objects.count(), SliceConfirmation.objects.count()) == (1, 3)


def test_a_sheet_sent_again_after_its_undo_stays_undone(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    key = uuid4()
    confirm(project, user, slices(image, "123"), key=key)
    undo_sheet(project=project, user=user, key=key)
    confirm(project, user, slices(image, "123"), key=key)
    assert now(image) == (ImageStatus.UNLABELLED, "")


def test_another_persons_key_is_refused(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    key = uuid4()
    confirm(project, user, slices(image, "123"), key=key)
    with pytest.raises(Refused, match="used before"):
        confirm(project, make_user("other"), slices(image, "123"), key=key)


def test_the_same_sheet_in_two_tabs_doubles_nothing(project: Project, user: Any) -> None:
    first, second = suggested_images(project, ["123", "456"])
    cells = slices(first, "123") + slices(second, "456")[:2]
    confirm(project, user, cells)
    assert confirm(project, user, cells) == Outcome(confirmed=2, passed_over=3)
    assert Annotation.objects.count() == 1
    assert SliceConfirmation.objects.count() == 5


def test_of_a_slice_said_differently_in_two_tabs_the_later_counts(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    cells = slices(image, "123")
    confirm(project, user, cells[:1])
    confirm(project, user, [SaidOfCell(image.pk, "123", 0, "7"), *cells[1:]])
    assert now(image)[1] == "723"


def test_images_deleted_meanwhile_are_passed_over(project: Project, user: Any) -> None:
    gone, there = suggested_images(project, ["123", "456"])
    cells = slices(gone, "123") + slices(there, "456")
    gone.delete()
    assert confirm(project, user, cells) == Outcome(confirmed=3, annotated=1, passed_over=3)


@pytest.mark.parametrize("of", [SheetOf.SLICES, SheetOf.IMAGES])
def test_what_somebody_else_said_meanwhile_stays(project: Project, user: Any, of: SheetOf) -> None:
    [image] = suggested_images(project, ["123"])
    annotate(image=image, user=make_user("other"), text="129")
    cells = slices(image, "123") if of == SheetOf.SLICES else [whole(image, "123", "123")]
    assert confirm(project, user, cells, of).passed_over == len(cells)
    assert now(image)[1] == "129"


def test_a_label_that_changed_meanwhile_is_passed_over(project: Project, user: Any) -> None:
    [image] = bare_images(project, 1)
    other = make_user("other")
    annotate(image=image, user=other, text="123")
    annotate(image=image, user=other, text="124")
    assert confirm(project, user, slices(image, "123"), SheetOf.LABELS).passed_over == 3
    assert now(image)[1] == "124"


def test_what_a_newer_model_reads_differently_is_passed_over(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    suggest([image], ["124"])
    assert confirm(project, user, slices(image, "123")) == Outcome(passed_over=3)
    assert now(image) == (ImageStatus.UNLABELLED, "")


def test_images_of_other_projects_are_passed_over(project: Project, user: Any) -> None:
    [image] = suggested_images(make_project(name="other"), ["123"])
    assert confirm(project, user, slices(image, "123")) == Outcome(passed_over=3)
    assert now(image) == (ImageStatus.UNLABELLED, "")


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (("123", 0, "x"), "not in the alphabet"),
        (("123", 0, "12"), "2 characters"),
        (("123", 3, "1"), "no character at position 3"),
        (("123", -1, "1"), "no character at position -1"),
        (("123", None, "12x"), "not in the alphabet"),
        (("123", None, "1234"), "expects 3"),
    ],
)
def test_what_does_not_fit_the_project_is_refused_and_nothing_is_saved(
    project: Project, user: Any, cell: tuple[str, int | None, str], sentence: str
) -> None:
    [image] = suggested_images(project, ["123"])
    with pytest.raises(Refused, match=sentence):
        confirm(project, user, [*slices(image, "123"), SaidOfCell(image.pk, *cell)])
    assert not SliceConfirmation.objects.exists()
    assert last_sheet(project, user) is None


def test_where_case_does_not_matter_characters_are_written_as_in_the_alphabet(user: Any) -> None:
    project = make_project(user, "letters", alphabet="ABC")
    [image] = suggested_images(project, ["ABC"])
    confirm(project, user, slices(image, "ABC", "abb"))
    assert now(image)[1] == "ABB"


def test_with_an_overlap_a_sheet_is_one_persons_reading(user: Any) -> None:
    project = make_project(user, "two readers")
    Project.objects.filter(pk=project.pk).update(overlap=2)
    agreed, disputed = suggested_images(project, ["123", "456"])
    confirm(project, user, slices(agreed, "123") + slices(disputed, "456"))
    assert now(agreed) == now(disputed) == (ImageStatus.UNLABELLED, "")
    confirm(project, make_user("other"), slices(agreed, "123") + slices(disputed, "456", "457"))
    assert now(agreed) == (ImageStatus.LABELLED, "123")
    assert now(disputed) == (ImageStatus.DISPUTED, "")


def test_with_an_overlap_nobody_reads_an_image_twice(user: Any) -> None:
    project = make_project(user, "two readers")
    Project.objects.filter(pk=project.pk).update(overlap=2)
    [image] = suggested_images(project, ["123"])
    confirm(project, user, slices(image, "123"))
    assert confirm(project, user, slices(image, "123")).passed_over == 3
    assert Annotation.objects.count() == 1


def test_the_time_on_a_sheet_is_shared_among_its_images(project: Project, user: Any) -> None:
    first, second = suggested_images(project, ["123", "456"])
    cells = slices(first, "123") + slices(second, "456")[:1]
    confirm(project, user, cells, milliseconds=4000)
    assert Annotation.objects.get().milliseconds == 3000
    cells = [whole(second, "456", "456"), whole(first, "123", "123")]
    confirm(project, user, cells, SheetOf.IMAGES, milliseconds=4000)
    assert Annotation.objects.get(image=second).milliseconds == 2000


def test_undoing_takes_back_texts_and_confirmations(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    first, second = uuid4(), uuid4()
    cells = slices(image, "123")
    confirm(project, user, cells[:2], key=first)
    confirm(project, user, cells[2:], key=second)
    undo_sheet(project=project, user=user, key=second)
    assert now(image) == (ImageStatus.UNLABELLED, "")
    assert Annotation.objects.get().withdrawn_at is not None
    assert ProjectCounts.objects.get(project=project).labelled == 0
    assert SliceConfirmation.objects.count() == 2
    assert last_sheet(project, user).key == first
    assert confirm(project, user, cells[2:]).annotated == 1


def test_undoing_gives_a_label_its_former_text_back(project: Project, user: Any) -> None:
    [image] = bare_images(project, 1)
    annotate(image=image, user=make_user("other"), text="123")
    key = uuid4()
    confirm(project, user, slices(image, "123", "124"), SheetOf.LABELS, key=key)
    undo_sheet(project=project, user=user, key=key)
    assert now(image) == (ImageStatus.LABELLED, "123")


def test_undoing_twice_changes_nothing_more(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    key = uuid4()
    confirm(project, user, slices(image, "123"), key=key)
    undo_sheet(project=project, user=user, key=key)
    annotate(image=image, user=user, text="129")
    undo_sheet(project=project, user=user, key=key)
    assert now(image)[1] == "129"


def test_undoing_keeps_what_somebody_else_said_since(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    key = uuid4()
    confirm(project, user, slices(image, "123"), key=key)
    annotate(image=image, user=make_user("other"), text="129")
    undo_sheet(project=project, user=user, key=key)
    assert now(image)[1] == "129"


def test_only_ones_own_last_sheet_can_be_undone(project: Project, user: Any) -> None:
    first, second = suggested_images(project, ["123", "456"])
    keys = uuid4(), uuid4()
    confirm(project, user, slices(first, "123"), key=keys[0])
    confirm(project, user, slices(second, "456"), key=keys[1])
    with pytest.raises(Refused, match="another sheet since"):
        undo_sheet(project=project, user=user, key=keys[0])
    with pytest.raises(Refused, match="no such sheet of yours"):
        undo_sheet(project=project, user=make_user("other"), key=keys[1])
    assert now(first)[1] == "123"


def test_confirming_many_is_idempotent_by_its_key(project: Project, user: Any) -> None:
    images = bare_images(project, 3)
    key = uuid4()
    readings = [(image.pk, "123") for image in images]
    wanted = [image.pk for image in images]
    assert confirm_many(project=project, user=user, readings=readings[:2], key=key) == wanted[:2]
    assert confirm_many(project=project, user=user, readings=readings, key=key) == wanted
    assert Annotation.objects.count() == 3


@pytest.mark.parametrize("overlap", [1, 2])
def test_five_hundred_readings_take_a_handful_of_queries(
    user: Any, overlap: int, django_assert_max_num_queries: Any
) -> None:
    project = make_project(user, "many")
    Project.objects.filter(pk=project.pk).update(overlap=overlap)
    readings = [(image.pk, "123") for image in bare_images(project, 500)]
    with django_assert_max_num_queries(25):
        confirm_many(project=project, user=user, readings=readings, key=uuid4())
    assert Annotation.objects.count() == 500
    labelled = 500 if overlap == 1 else 0
    assert ProjectCounts.objects.get(project=project).labelled == labelled
