"""The Sheet page: what it shows, what it saves, and to whom."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from labeling.models import Annotation, Image, Member, Project, Role
from labeling.services.annotations import annotate
from labeling.services.queue import lease_images
from labeling.services.sheets import SheetOf
from tests.factories import make_project, make_user
from tests.labeling.services.sheet_rows import bare_images, suggested_images

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    return make_project(owner)


def address(project: Project, name: str = "sheet") -> str:
    return reverse(f"labeling:{name}", args=[project.pk])


def cells(html: str, **changes: str) -> list[dict[str, Any]]:
    """What the page's script sends of a sheet that is all right; `said_1` and the like change a character."""
    found = re.findall(r'data-image="(\d+)" data-position="(\d*)" data-text="(\w+)" data-shown="(\w+)"', html)
    return [
        {
            "image": int(image),
            "position": int(position) if position else None,
            "text": text,
            "said": changes.get(f"said_{shown}", shown),
        }
        for image, position, text, shown in found
    ]


def page(client: Client, project: Project, **query: Any) -> str:
    return client.get(address(project), query).content.decode()


def post(client: Client, project: Project, name: str, **wish: Any) -> Any:
    return client.post(address(project, name), json.dumps(wish), content_type="application/json")


def test_a_sheet_shows_slices_under_their_characters_with_their_pictures(
    client: Client, project: Project
) -> None:
    [image] = suggested_images(project, ["122"])
    html = page(client, project)
    assert [cell["position"] for cell in cells(html)] == [0, 1, 2]
    assert re.findall(r"Should all show (\w)", html) == ["1", "2"]
    assert f'src="/projects/{project.pk}/images/{image.pk}/slices/0/?left=0&amp;right=3333"' in html


def test_confirming_saves_the_sheet_says_so_and_brings_the_next(client: Client, project: Project) -> None:
    suggested_images(project, ["123"] * 30)
    html = page(client, project, size=60)
    answer = post(client, project, "sheet_confirm", key=str(uuid4()), of="slices", size=60, cells=cells(html))
    after = answer.json()["html"]
    assert "60 slices confirmed." in after
    assert len(cells(after)) == 30
    last = post(client, project, "sheet_confirm", key=str(uuid4()), of="slices", cells=cells(after)).json()
    assert "30 slices confirmed, 30 images complete." in last["html"]
    assert "Every image is done" in last["html"]
    assert set(Annotation.objects.values_list("text", "source")) == {("123", "confirmed")}


def test_the_next_sheet_goes_on_with_the_same_character(client: Client, project: Project) -> None:
    suggested_images(project, ["012"] * 100)
    html = page(client, project, size=60, character="1")
    wish = {"key": str(uuid4()), "of": "slices", "size": 60, "character": "1", "cells": cells(html)}
    after = post(client, project, "sheet_confirm", **wish).json()["html"]
    assert 'data-character="1"' in after
    assert [cell["said"] for cell in cells(after)] == ["1"] * 40 + ["2"] * 20


def test_another_character_is_drawn_without_a_new_page(client: Client, project: Project) -> None:
    suggested_images(project, ["012"])
    answer = client.get(address(project, "sheet_cells"), {"of": "slices", "character": "2"})
    assert 'data-character="2"' in answer.json()["html"]


def test_a_sheet_is_undone_with_its_key(client: Client, project: Project) -> None:
    suggested_images(project, ["123"])
    wish = {"key": str(uuid4()), "of": "slices", "cells": cells(page(client, project))}
    after = post(client, project, "sheet_confirm", **wish).json()["html"]
    [key] = re.findall(r'data-undo="([\w-]+)"', after)
    assert key == wish["key"]
    undone = post(client, project, "sheet_undo", key=key, of="slices").json()["html"]
    assert "The last sheet is taken back." in undone
    assert cells(undone) == wish["cells"]
    assert Image.objects.get().text == ""


def test_a_reload_still_knows_the_sheet_to_undo(client: Client, project: Project) -> None:
    suggested_images(project, ["123"])
    wish = {"key": str(uuid4()), "of": "slices", "cells": cells(page(client, project))}
    post(client, project, "sheet_confirm", **wish)
    assert f'data-undo="{wish["key"]}"' in page(client, project)


def test_a_sheet_sent_again_says_that_it_was_saved(client: Client, project: Project) -> None:
    suggested_images(project, ["123"])
    wish = {"key": str(uuid4()), "of": "slices", "cells": cells(page(client, project))}
    post(client, project, "sheet_confirm", **wish)
    assert "saved before" in post(client, project, "sheet_confirm", **wish).json()["html"]
    assert Annotation.objects.count() == 1


def test_what_was_passed_over_is_said(client: Client, project: Project) -> None:
    gone, labelled = suggested_images(project, ["123", "456"])
    wish = {"key": str(uuid4()), "of": "slices", "cells": cells(page(client, project))}
    annotate(image=labelled, user=make_user("other"), text="459")
    gone.delete()
    after = post(client, project, "sheet_confirm", **wish).json()["html"]
    assert "6 cells passed over" in after
    assert Image.objects.get().text == "459"


def test_whole_images_are_confirmed_and_retyped(client: Client, project: Project) -> None:
    suggested_images(project, ["123", "456"])
    html = page(client, project, of="images")
    wish = {"key": str(uuid4()), "of": "images", "cells": cells(html, said_456="457")}
    assert "2 images confirmed." in post(client, project, "sheet_confirm", **wish).json()["html"]
    assert set(Image.objects.values_list("text", flat=True)) == {"123", "457"}


def test_labels_are_checked_slice_by_slice(client: Client, project: Project) -> None:
    [image] = bare_images(project, 1)
    annotate(image=image, user=make_user("other"), text="123")
    wish = {
        "key": str(uuid4()),
        "of": "labels",
        "cells": cells(page(client, project, of="labels"), said_3="4"),
    }
    assert "looked at every label" in post(client, project, "sheet_confirm", **wish).json()["html"]
    assert Image.objects.get().text == "124"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"key": "x"}, "key"),
        ({"cells": []}, "between 1 and 480"),
        ({"cells": [{"image": 1}] * 481}, "between 1 and 480"),
        ({"cells": "all"}, "between 1 and 480"),
        ({"cells": [{"image": 1}]}, "Each cell needs"),
        ({"cells": [{"image": "1", "text": "123", "position": 0, "said": "1"}]}, "Each cell needs"),
        ({"cells": [{"image": 1, "text": "123", "position": 0, "said": "x"}]}, "not in the alphabet"),
        ({"cells": [{"image": 1, "text": "123", "position": 7, "said": "1"}]}, "no character at position 7"),
    ],
)
def test_nonsense_is_refused_with_a_reason(
    client: Client, project: Project, change: dict[str, Any], sentence: str
) -> None:
    wish = {"key": str(uuid4()), "of": "slices", "cells": []} | change
    answer = post(client, project, "sheet_confirm", **wish)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


def test_nobody_undoes_somebody_elses_sheet(client: Client, project: Project) -> None:
    suggested_images(project, ["123"])
    wish = {"key": str(uuid4()), "of": "slices", "cells": cells(page(client, project))}
    post(client, project, "sheet_confirm", **wish)
    other = make_user("other")
    Member.objects.create(project=project, user=other, role=Role.ANNOTATOR)
    client.force_login(other)
    answer = post(client, project, "sheet_undo", key=wish["key"])
    assert (answer.status_code, Image.objects.get().text) == (400, "123")


def test_viewers_cannot_confirm_and_strangers_see_nothing(client: Client, project: Project) -> None:
    viewer = make_user("viewer")
    client.force_login(viewer)
    names = ("sheet", "sheet_cells")
    assert {client.get(address(project, name)).status_code for name in names} == {404}
    Member.objects.create(project=project, user=viewer, role=Role.VIEWER)
    assert {client.get(address(project, name)).status_code for name in names} == {403}
    for name in ("sheet_confirm", "sheet_undo"):
        assert post(client, project, name, key=str(uuid4()), cells=[]).status_code == 403


def test_an_empty_sheet_says_why_and_what_to_do(client: Client, project: Project) -> None:
    assert "Nothing to label yet" in page(client, project)
    [image] = bare_images(project, 1)
    assert "No suggestions to confirm" in page(client, project)
    assert "There are no labels to check" in page(client, project, of="labels")
    suggested_images(project, ["123"])
    lease_images(project=project, user=make_user("other"))
    assert "Nothing is left for your sheets" in page(client, project, of="images")
    for image in Image.objects.all():
        annotate(image=image, user=make_user(f"typist {image.pk}"), text="123")
    assert "Every image is done" in page(client, project)


@pytest.mark.parametrize("of", SheetOf)
def test_the_page_asks_the_same_few_queries_for_3_and_for_300_images(
    client: Client, of: SheetOf, django_assert_max_num_queries: Any
) -> None:
    owner = make_user()
    client.force_login(owner)
    counts = set()
    for name, count in (("few", 3), ("many", 300)):
        project = make_project(owner, name)
        suggested_images(project, ["123"] * count)
        # Opening and closing a transaction counts as two in tests, and SQLite takes leases in several goes.
        if of == SheetOf.LABELS:
            Image.objects.filter(project=project).update(status="labelled", text="123")
        with django_assert_max_num_queries(15) as queries:
            page(client, project, of=of)
        counts.add(len([query for query in queries if "INSERT" not in query["sql"]]))
    assert len(counts) == 1
