"""Which slices a contact sheet shows, in which order, and to whom."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from labeling.models import Image, Lease, Preparation, Project, Slice, SliceConfirmation, Suggestion
from labeling.services import sheets
from labeling.services.annotations import annotate
from labeling.services.confirming import confirm_sheet
from labeling.services.queue import lease_images
from labeling.services.sheets import ContactSheet, SheetOf, next_sheet
from labeling.slices import cells_of, part_url
from tests.factories import make_project, make_user
from tests.labeling.services.sheet_rows import (
    all_right,
    bare_images,
    characters,
    shown,
    suggest,
    suggested_images,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> Any:
    return make_user()


@pytest.fixture
def project(user: Any) -> Project:
    return make_project(user)


def look(project: Project, user: Any, of: SheetOf = SheetOf.SLICES, **how: Any) -> ContactSheet:
    return next_sheet(project=project, user=user, of=of, **how)


def confirm(project: Project, user: Any, sheet: ContactSheet) -> None:
    confirm_sheet(project=project, user=user, key=uuid4(), of=sheet.of, cells=all_right(sheet))


def test_slices_stand_under_their_suggested_characters_the_least_sure_first(
    project: Project, user: Any
) -> None:
    first, second = suggested_images(project, ["121", "112"], sure=[0.9, 0.4])
    assert shown(look(project, user)) == [
        (second.pk, 0, "1"),
        (second.pk, 1, "1"),
        (first.pk, 0, "1"),
        (first.pk, 2, "1"),
        (second.pk, 2, "2"),
        (first.pk, 1, "2"),
    ]


def test_a_sheet_begins_with_the_chosen_character_and_goes_on_until_it_is_full(
    project: Project, user: Any
) -> None:
    suggested_images(project, ["012", "012", "012"])
    sheet = look(project, user, character="1", size=7)
    assert [(group.character, len(group.cells)) for group in sheet.groups] == [("1", 3), ("2", 3), ("0", 1)]
    assert sheet.waiting == {"0": 3, "1": 3, "2": 3}
    assert len(sheet.upcoming) == 2


def test_a_character_without_slices_gives_way_to_the_next(project: Project, user: Any) -> None:
    suggested_images(project, ["227"])
    assert look(project, user, character="3").character == "7"
    assert look(project, user, character="8").character == "2"
    assert look(project, user, character="no such").character == "2"


def test_only_the_least_sure_images_are_looked_at(
    project: Project, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "WINDOW", 2)
    _, second, third = suggested_images(project, ["111", "222", "333"], sure=[0.9, 0.5, 0.6])
    sheet = look(project, user)
    assert {pk for pk, _, _ in shown(sheet)} == {second.pk, third.pk}


def test_images_without_a_suggestion_are_not_on_a_sheet(project: Project, user: Any) -> None:
    bare_images(project, 2)
    assert look(project, user).groups == []
    assert look(project, user, SheetOf.IMAGES).groups == []


def test_confirmed_slices_do_not_come_again(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    confirm(project, user, look(project, user, size=2))
    assert shown(look(project, user)) == [(image.pk, 2, "3")]


def test_what_one_person_confirmed_counts_for_nobody_else(project: Project, user: Any) -> None:
    suggested_images(project, ["123"])
    confirm(project, user, look(project, user, size=2))
    Lease.objects.all().delete()
    assert len(shown(look(project, make_user("other")))) == 3


def test_an_image_that_was_somebody_elses_at_its_last_slice_is_looked_at_once_more(
    project: Project, user: Any
) -> None:
    [image] = suggested_images(project, ["123"])
    sheet = look(project, user)
    confirm(project, user, look(project, user, size=2))
    other = annotate(image=image, user=make_user("other"), text="123")
    SliceConfirmation.objects.create(
        sheet=user.sheets.get(), user=user, image=image, shown="123", position=2, character="3"
    )
    other.delete()
    Image.objects.update(status="unlabelled", text="", readings=0)
    assert shown(look(project, user)) == shown(sheet)


def test_a_newer_suggestion_is_looked_at_anew(project: Project, user: Any) -> None:
    [image] = suggested_images(project, ["123"])
    confirm(project, user, look(project, user, size=2))
    suggest([image], ["124"])
    assert len(shown(look(project, user))) == 3


def test_a_sheet_and_the_queue_never_hand_out_the_same_image(project: Project, user: Any) -> None:
    suggested_images(project, ["111", "222", "333"])
    other = make_user("other")
    [typed] = lease_images(project=project, user=other, count=1)
    on_sheet = {pk for pk, _, _ in shown(look(project, user))}
    assert len(on_sheet) == 2
    assert typed.pk not in on_sheet
    assert lease_images(project=project, user=other, count=5, exclude=[typed.pk]) == []


def test_two_people_look_at_different_images(
    project: Project, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "WINDOW", 2)
    suggested_images(project, ["111", "222", "333", "444"])
    mine = {pk for pk, _, _ in shown(look(project, user))}
    theirs = {pk for pk, _, _ in shown(look(project, make_user("other")))}
    assert len(mine) == len(theirs) == 2
    assert not mine & theirs


def test_a_reload_shows_the_same_sheet_and_keeps_its_images(project: Project, user: Any) -> None:
    suggested_images(project, ["123", "456"])
    before = shown(look(project, user))
    Lease.objects.update(expires_at=timezone.now() + timedelta(seconds=5))
    assert shown(look(project, user)) == before
    assert Lease.objects.filter(expires_at__gt=timezone.now() + timedelta(minutes=9)).count() == 2


def test_images_set_aside_are_left_to_the_queue(project: Project, user: Any) -> None:
    aside, other = suggested_images(project, ["123", "456"])
    cells = [
        cell if (cell.image, cell.position) != (aside.pk, 1) else type(cell)(aside.pk, "123", 1, "")
        for cell in all_right(look(project, user))
        if cell.image == aside.pk
    ]
    confirm_sheet(project=project, user=user, key=uuid4(), of=SheetOf.SLICES, cells=cells)
    assert {pk for pk, _, _ in shown(look(project, user))} == {other.pk}
    assert [image.pk for image in lease_images(project=project, user=user, count=1)] == [aside.pk]


def test_with_an_overlap_each_reader_sees_the_suggestions_and_nobodys_reading(user: Any) -> None:
    project = make_project(user, "two readers")
    Project.objects.filter(pk=project.pk).update(overlap=2)
    project.refresh_from_db()
    [image] = suggested_images(project, ["123"])
    annotate(image=image, user=make_user("other"), text="129")
    assert [character for _, _, character in shown(look(project, user))] == ["1", "2", "3"]
    annotate(image=image, user=user, text="123")
    assert shown(look(project, user)) == []


def test_whole_images_come_with_their_suggested_texts_the_least_sure_first(
    project: Project, user: Any
) -> None:
    first, second = suggested_images(project, ["123", "456"], sure=[0.9, 0.4])
    sheet = look(project, user, SheetOf.IMAGES)
    assert shown(sheet) == [(second.pk, None, "456"), (first.pk, None, "123")]
    assert sheet.waiting == {}


def test_labels_stand_under_their_current_characters_those_that_the_model_contradicts_first(
    project: Project, user: Any
) -> None:
    agreed, contradicted = suggested_images(project, ["111", "121"])
    for image in (agreed, contradicted):
        annotate(image=image, user=make_user(f"typist {image.pk}"), text="111")
    sheet = look(project, user, SheetOf.LABELS)
    assert shown(sheet)[0] == (contradicted.pk, 1, "1")
    assert sheet.waiting == {"1": 6}


def test_labels_that_a_person_has_confirmed_do_not_come_again(project: Project, user: Any) -> None:
    [image] = bare_images(project, 1)
    annotate(image=image, user=user, text="123")
    sheet = look(project, user, SheetOf.LABELS)
    assert len(shown(sheet)) == 3
    confirm(project, user, sheet)
    assert look(project, user, SheetOf.LABELS).groups == []


def test_slices_are_cut_where_the_model_looked_widened_to_the_middle_between_characters(
    project: Project, user: Any
) -> None:
    [image] = suggested_images(project, ["12"])
    image.suggestion.characters[0] |= {"left": 0.2, "right": 0.3}
    image.suggestion.characters[1] |= {"left": 0.6, "right": 0.95}
    first, second = cells_of(image.suggestion)
    assert (first.left, first.right) == pytest.approx((0.0, 0.5125))
    assert (second.left, second.right) == pytest.approx((0.5125, 1.0))


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(1, 30)), min_size=1, max_size=8).map(
        lambda spans: sorted((left, min(left + width, 100)) for left, width in spans)
    )
)
def test_every_slice_holds_what_the_model_looked_at_and_stays_inside_the_image(
    spans: list[tuple[int, int]],
) -> None:
    read = characters("1" * len(spans))
    for one, (left, right) in zip(read, spans, strict=True):
        one |= {"left": left / 100, "right": right / 100}
    suggestion = Suggestion(text="1" * len(spans), confidence=0.5, characters=read)
    for cell, one in zip(cells_of(suggestion), read, strict=True):
        assert 0 <= cell.left <= one["left"] < one["right"] <= cell.right <= 1


def test_a_suggestion_without_usable_edges_is_cut_in_equal_parts(project: Project) -> None:
    [image] = suggested_images(project, ["12"])
    image.suggestion.characters[1] |= {"left": 0.9, "right": 0.2}
    assert [(one.left, one.right) for one in cells_of(image.suggestion)] == [(0.0, 0.5), (0.5, 1.0)]
    image.suggestion.characters = []
    assert [one.probability for one in cells_of(image.suggestion)] == [0.9, 0.9]


def test_slices_of_labels_are_cut_as_the_preparation_has_cut_them_else_in_equal_parts(
    project: Project, user: Any
) -> None:
    cut, uncut = bare_images(project, 2)
    for image in (cut, uncut):
        annotate(image=image, user=user, text="111")
    preparation = Preparation.objects.create(
        project=project, version=2, recipe_json=project.preparations.get().recipe_json
    )
    for position in range(3):
        Slice.objects.create(
            preparation=preparation, image=cut, position=position, left=0, top=0, right=9, bottom=9
        )
    [group] = look(project, user, SheetOf.LABELS).groups
    urls = {(cell.image.pk, cell.position): cell.url for cell in group.cells}
    assert urls[cut.pk, 2].endswith("/slices/2/?preparation=2")
    assert urls[uncut.pk, 2] == part_url(uncut, 2, (2 / 3, 1.0))


@pytest.mark.parametrize("of", SheetOf)
def test_a_sheet_costs_the_same_queries_for_3_and_for_300_images(
    project: Project, user: Any, of: SheetOf, django_assert_max_num_queries: Any
) -> None:
    for name, count in (("few", 3), ("many", 300)):
        project = make_project(user, name)
        suggested_images(project, ["123"] * count)
        if of == SheetOf.LABELS:
            Image.objects.filter(project=project).update(status="labelled", text="123")
        with django_assert_max_num_queries(9):
            sheet = look(project, user, of, size=240)
        assert len(shown(sheet)) == min(240, count * (1 if of == SheetOf.IMAGES else 3))
