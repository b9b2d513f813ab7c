"""People and review over HTTP."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from labeling.models import Doubt, Image, Project, Role
from labeling.services.annotations import submit
from labeling.services.people import accept
from tests.factories import add_images, make_member, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(overlap=2)


@pytest.fixture
def owner(client: Client, project: Project) -> Any:
    """An owner who is signed in."""
    user = make_member(project, Role.OWNER, "olga")
    client.force_login(user)
    return user


def call(client: Client, method: str, project: Project, path: str, wish: Any = None) -> Any:
    body = "" if wish is None else json.dumps(wish)
    return client.generic(method, f"/api/v1/projects/{project.pk}/{path}", body, "application/json")


def disputed(project: Project, first: str = "123", second: str = "124") -> Image:
    [image] = add_images(project, ["123"], labelled=False, seed=project.images.count())
    for name, text in (("ada", first), ("bob", second)):
        member = project.members.filter(user__username=name).first()
        user = member.user if member else make_member(project, Role.ANNOTATOR, name)
        submit(image=image, user=user, text=text, key=uuid4())
    return image


def test_an_invitation_is_made_listed_used_and_taken_back(
    client: Client, project: Project, owner: Any
) -> None:
    made = call(client, "POST", project, "invitations", {"role": "reviewer", "days": 3})
    assert made.status_code == 201
    [listed] = call(client, "GET", project, "invitations").json()["items"]
    assert listed["id"] == made.json()["id"]
    assert "link" not in listed
    [secret] = re.findall(r"^http://testserver/join/([\w-]+)/$", made.json()["link"])
    assert accept(secret=secret, user=make_user()).role == Role.REVIEWER
    other = call(client, "POST", project, "invitations", {"role": "viewer"}).json()
    assert call(client, "DELETE", project, f"invitations/{other['id']}").status_code == 204
    assert call(client, "GET", project, "invitations").json()["items"] == []


def test_people_are_listed_promoted_and_removed(client: Client, project: Project, owner: Any) -> None:
    ada = make_member(project, Role.VIEWER, "ada")
    names = {one["name"]: one["role"] for one in call(client, "GET", project, "people").json()["items"]}
    assert names["ada"] == "viewer"
    changed = call(client, "PATCH", project, f"people/{ada.pk}", {"role": "annotator"})
    assert changed.json()["role"] == "annotator"
    assert call(client, "DELETE", project, f"people/{ada.pk}").status_code == 204
    assert "ada" not in {one["name"] for one in call(client, "GET", project, "people").json()["items"]}


def test_a_refusal_is_a_problem_with_its_sentence(client: Client) -> None:
    project = make_project()
    client.force_login(project.created_by)
    answer = call(client, "DELETE", project, f"people/{project.created_by.pk}")
    assert answer.status_code == 422
    assert "only owner" in answer.json()["detail"]


def test_an_unknown_role_is_not_taken(client: Client, project: Project, owner: Any) -> None:
    assert call(client, "POST", project, "invitations", {"role": "king"}).status_code == 422


def test_the_trail_is_read_page_by_page(client: Client, project: Project, owner: Any) -> None:
    for _ in range(3):
        call(client, "POST", project, "invitations", {"role": "viewer"})
    entries = call(client, "GET", project, "audit").json()["items"]
    assert [one["action"] for one in entries] == ["person_invited"] * 3
    assert entries[0]["user"] == "olga"
    first = call(client, "GET", project, "audit?limit=2").json()
    assert first["items"] == entries[:2]
    assert call(client, "GET", project, f"audit?cursor={first['next']}").json() == {
        "items": entries[2:],
        "next": None,
    }


def test_the_figures_of_a_person(client: Client, project: Project, owner: Any) -> None:
    disputed(project)
    ada = project.members.get(user__username="ada").user
    figures = call(client, "GET", project, f"people/{ada.pk}/figures").json()
    assert figures["pace"]["images"] == 1
    assert (figures["agreement"]["count"], figures["agreement"]["n"], figures["agreement"]["share"]) == (
        0,
        1,
        0.0,
    )
    assert figures["gold"] == {"count": 0, "n": 0, "share": None, "interval": [0.0, 1.0]}


def test_a_dispute_is_settled_and_taken_back(client: Client, project: Project, owner: Any) -> None:
    image, key = disputed(project), str(uuid4())
    [case] = call(client, "GET", project, "review").json()["items"]
    assert (case["image"], case["kind"]) == (image.pk, "dispute")
    assert [(one["text"], one["said_by"]) for one in case["choices"]] == [("123", ["ada"]), ("124", ["bob"])]
    settled = call(client, "POST", project, "review", {"image": image.pk, "key": key, "text": "124"})
    assert settled.json() == {"key": key, "image": image.pk, "text": "124", "skip_reason": ""}
    assert call(client, "GET", project, "review").json()["items"] == []
    undone = call(client, "POST", project, "review/undo", {"key": key})
    assert undone.json() == {"image": image.pk, "status": "disputed"}


def test_who_comes_second_hears_it(client: Client, project: Project, owner: Any) -> None:
    image = disputed(project)
    call(client, "POST", project, "review", {"image": image.pk, "key": str(uuid4()), "text": "124"})
    answer = call(client, "POST", project, "review", {"image": image.pk, "key": str(uuid4()), "text": "123"})
    assert answer.status_code == 422
    assert "olga was quicker" in answer.json()["detail"]


def test_a_doubt_is_settled_as_unreadable(client: Client, project: Project, owner: Any) -> None:
    [image] = add_images(project, ["123"])
    Doubt.objects.create(image=image, text="128", confidence=0.9, model_number=1)
    wish = {"image": image.pk, "key": str(uuid4()), "skip_reason": "unreadable"}
    assert call(client, "POST", project, "review", wish).json()["skip_reason"] == "unreadable"
    image.refresh_from_db()
    assert image.status == "skipped"


def test_the_figures_of_agreement(client: Client, project: Project, owner: Any) -> None:
    disputed(project)
    disputed(project, "555", "555")
    figures = call(client, "GET", project, "agreement").json()
    assert (figures["images"]["count"], figures["images"]["n"]) == (1, 2)
    assert {one["user"] for one in figures["people"]} == {
        member.user_id for member in project.members.filter(role=Role.ANNOTATOR)
    }
    [pair] = figures["character_pairs"]
    assert (pair["first"], pair["second"], pair["share"]["count"]) == ("3", "4", 1)
