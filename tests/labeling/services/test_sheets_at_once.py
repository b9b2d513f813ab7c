"""Several people, or several tabs of one, at contact sheets at the same moment."""

from uuid import uuid4

import pytest

from labeling.models import Annotation, ProjectCounts, Sheet, SliceConfirmation
from labeling.services.confirming import confirm_sheet
from labeling.services.sheets import SheetOf, next_sheet
from tests.factories import make_project, make_user
from tests.labeling.services.sheet_rows import all_right, suggested_images
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 6


@pytest.mark.parametrize("overlap", [1, 2])
def test_no_image_is_on_the_sheets_of_more_people_than_the_overlap(
    overlap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeling.services.sheets.WINDOW", 4)
    project = make_project(overlap=overlap)
    suggested_images(project, ["123"] * 4 * PEOPLE)
    people = [make_user(f"person-{number}") for number in range(PEOPLE)]

    def work(person: object) -> None:
        while (sheet := next_sheet(project=project, user=person, of=SheetOf.SLICES)).groups:
            cells = all_right(sheet)
            outcome = confirm_sheet(project=project, user=person, key=uuid4(), of=sheet.of, cells=cells)
            assert outcome.passed_over == 0

    at_once(people, work)
    assert Annotation.objects.count() == 4 * PEOPLE * overlap
    counts = ProjectCounts.objects.get(project=project)
    assert (counts.unlabelled, counts.labelled) == (0, 4 * PEOPLE)


@pytest.mark.parametrize("keys", [1, PEOPLE])
def test_the_same_sheet_from_many_tabs_at_once_counts_once(keys: int) -> None:
    project, ada = make_project(), make_user("ada")
    suggested_images(project, ["123", "456"])
    cells = all_right(next_sheet(project=project, user=ada, of=SheetOf.SLICES))
    sent = [uuid4() for _ in range(keys)] * (PEOPLE // keys)

    def confirm(_: object) -> None:
        confirm_sheet(project=project, user=ada, key=sent.pop(), of=SheetOf.SLICES, cells=cells)

    at_once([ada] * PEOPLE, confirm)
    assert (Sheet.objects.count(), Annotation.objects.count()) == (keys, 2)
    assert SliceConfirmation.objects.count() == 6
    assert ProjectCounts.objects.get(project=project).labelled == 2
