"""Tokens that are for less than their person: scopes, one project, an end."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from labeling.access import SCOPE_OF, Act, Scope
from labeling.errors import Refused
from labeling.models import AuditEntry, Project, Role
from tests.factories import make_member, make_project, make_user, png
from webapp.accounts.models import ApiToken
from webapp.accounts.tokens import create_token, revoke_token, scopes_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(make_user("owner"))


def sent(user: Any, **wish: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {create_token(user=user, name='test', **wish)[1]}"}


def test_every_act_has_a_scope() -> None:
    assert set(SCOPE_OF) == set(Act)
    assert set(SCOPE_OF.values()) == set(Scope)


def test_a_token_without_choices_may_all_that_its_person_may(client: Client, project: Project) -> None:
    headers = sent(project.created_by)
    assert client.get(f"/api/v1/projects/{project.pk}/audit", headers=headers).status_code == 200
    me = client.get("/api/v1/me", headers=headers).json()
    assert (me["user"], me["token"]["project"], len(me["token"]["scopes"])) == ("owner", None, len(Scope))


def test_a_token_does_what_its_scopes_are_for_and_nothing_else(client: Client, project: Project) -> None:
    headers = sent(project.created_by, scopes=["view"])
    address = f"/api/v1/projects/{project.pk}"
    assert client.get(f"{address}/runs", headers=headers).status_code == 200
    files = {"files": SimpleUploadedFile("a.png", png("123"))}
    refused = client.post(f"{address}/imports", files, headers=headers)
    assert refused.status_code == 403
    assert "needs the scope “import”" in refused.json()["detail"]
    assert client.get(f"{address}/audit", headers=headers).status_code == 403
    wish = {"name": "second", "alphabet": "01", "length": "2"}
    made = client.post("/api/v1/projects", wish, content_type="application/json", headers=headers)
    assert made.status_code == 403
    assert Project.objects.count() == 1


def test_a_token_for_reading_does_not_even_list_projects(client: Client, project: Project) -> None:
    headers = sent(project.created_by, scopes=["read"])
    assert client.get("/api/v1/projects", headers=headers).status_code == 403
    assert client.get(f"/api/v1/projects/{project.pk}", headers=headers).status_code == 403
    files = {"files": SimpleUploadedFile("a.png", png("123"))}
    # Allowed, but there is no model yet.
    answer = client.post(f"/api/v1/projects/{project.pk}/read", files, headers=headers)
    assert "no model yet" in answer.json()["detail"]


def test_a_scope_gives_nobody_more_than_their_role(client: Client, project: Project) -> None:
    viewer = make_member(project, Role.VIEWER, "vera")
    answer = client.delete(f"/api/v1/projects/{project.pk}/people/1", headers=sent(viewer, scopes=["manage"]))
    assert answer.status_code == 403
    assert "role owner" in answer.json()["detail"]


def test_a_token_of_one_project_finds_no_other(client: Client, project: Project) -> None:
    other = make_project(project.created_by, "other")
    headers = sent(project.created_by, project=project)
    assert [one["id"] for one in client.get("/api/v1/projects", headers=headers).json()["items"]] == [
        project.pk
    ]
    assert client.get(f"/api/v1/projects/{project.pk}", headers=headers).status_code == 200
    assert client.get(f"/api/v1/projects/{other.pk}", headers=headers).status_code == 404
    wish = {"name": "third", "alphabet": "01", "length": "2"}
    made = client.post("/api/v1/projects", wish, content_type="application/json", headers=headers)
    assert made.status_code == 403
    assert "must not belong to one project" in made.json()["detail"]


def test_an_administrators_token_of_one_project_finds_no_other(client: Client, project: Project) -> None:
    root = make_user("root", staff=True)
    other = make_project(root, "other")
    headers = sent(root, project=project)
    assert client.get(f"/api/v1/projects/{project.pk}", headers=headers).status_code == 200
    assert client.get(f"/api/v1/projects/{other.pk}", headers=headers).status_code == 404


def test_a_token_of_one_project_ends_with_the_membership(client: Client, project: Project) -> None:
    ada = make_member(project, Role.ANNOTATOR, "ada")
    headers = sent(ada, project=project)
    assert client.get(f"/api/v1/projects/{project.pk}", headers=headers).status_code == 200
    ada.memberships.all().delete()
    assert client.get(f"/api/v1/projects/{project.pk}", headers=headers).status_code == 404


def test_a_token_ends_on_its_day(client: Client, project: Project) -> None:
    token, secret = create_token(user=project.created_by, name="short", days=1)
    headers = {"authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/me", headers=headers).status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_the_session_of_the_same_person_keeps_all_rights(client: Client, project: Project) -> None:
    create_token(user=project.created_by, name="narrow", scopes=["read"])
    client.force_login(project.created_by)
    assert client.get(f"/api/v1/projects/{project.pk}/audit").status_code == 200
    assert client.get("/api/v1/me").json()["token"] is None


def test_a_token_opens_no_page(client: Client, project: Project) -> None:
    answer = client.get(f"/projects/{project.pk}/", headers=sent(project.created_by))
    assert answer.status_code == 302


def test_who_made_and_revoked_a_projects_token_is_written_down(project: Project) -> None:
    token, secret = create_token(user=project.created_by, name="nightly", scopes=["read"], project=project)
    boss = make_member(project, Role.OWNER, "boss")
    revoke_token(token=token, user=boss)
    rows = AuditEntry.objects.order_by("id").values_list("action", "user__username", "target")
    assert list(rows)[-2:] == [("token_made", "owner", "nightly"), ("token_revoked", "boss", "nightly")]
    assert secret not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"scopes": ["fly"]}, "no scope “fly”"),
        ({"scopes": []}, "opens nothing"),
        ({"days": 0}, "1 to 3650 days"),
        ({"days": 10**9}, "1 to 3650 days"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(
    project: Project, wish: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        create_token(user=project.created_by, name="x", **wish)
    assert not ApiToken.objects.exists()


def test_people_are_offered_the_scopes_that_their_role_can_use(project: Project) -> None:
    viewer, annotator = (make_member(project, role) for role in (Role.VIEWER, Role.ANNOTATOR))
    assert scopes_for(viewer, project) == [Scope.VIEW]
    assert scopes_for(annotator, project) == [Scope.VIEW, Scope.READ, Scope.LABEL, Scope.IMPORT, Scope.TRAIN]
    assert scopes_for(project.created_by, project) == list(Scope)


def test_asking_who_one_is_costs_a_fixed_number_of_queries(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    headers = sent(project.created_by)
    client.get("/api/v1/me", headers=headers)
    with django_assert_num_queries(1):
        client.get("/api/v1/me", headers=headers)
