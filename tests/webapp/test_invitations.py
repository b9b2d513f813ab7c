"""The page behind an invitation's link."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from labeling.models import Member, Project, Role
from labeling.services.people import accept, invite, revoke_invitation
from tests.factories import make_project, make_user
from webapp.accounts import invitations

pytestmark = pytest.mark.django_db

ACCOUNT = {"username": "grace", "password1": "correct horse", "password2": "correct horse"}


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def secret(project: Project) -> str:
    return invite(project=project, user=project.created_by, role=Role.ANNOTATOR)[1]


def address(secret: str) -> str:
    return reverse("accounts:invitation", args=[secret])


def test_a_stranger_makes_an_account_and_is_in(client: Client, project: Project, secret: str) -> None:
    page = client.get(address(secret)).content.decode()
    assert "Join “digits”" in page
    assert "as annotator" in page
    response = client.post(address(secret), ACCOUNT)
    assert response.url == project.get_absolute_url()
    assert Member.objects.get(user__username="grace").role == Role.ANNOTATOR
    assert client.get(response.url).status_code == 200


def test_somebody_who_is_signed_in_joins_with_one_press(
    client: Client, project: Project, secret: str
) -> None:
    ada = make_user()
    client.force_login(ada)
    assert "Join as ada" in client.get(address(secret)).content.decode()
    client.post(address(secret))
    assert Member.objects.filter(project=project, user=ada).exists()


def test_somebody_with_an_account_signs_in_and_comes_back(client: Client, secret: str) -> None:
    make_user()
    assert (
        f"{reverse('accounts:sign_in')}?next={address(secret)}"
        in client.get(address(secret)).content.decode()
    )
    wish = {"username": "ada", "password": "correct horse", "next": address(secret)}
    assert client.post(reverse("accounts:sign_in"), wish).url == address(secret)


def test_looking_at_a_link_does_not_use_it_up(client: Client, secret: str) -> None:
    client.get(address(secret))
    assert client.get(address(secret)).status_code == 200


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"username": "ADA"}, "already exists"),
        ({"password2": "another"}, "two password fields"),
        ({"password1": "short", "password2": "short"}, "too short"),
    ],
)
def test_an_account_that_cannot_be_made_uses_nothing_up(
    client: Client, project: Project, secret: str, change: dict[str, str], sentence: str
) -> None:
    make_user("ada")
    response = client.post(address(secret), ACCOUNT | change)
    assert sentence in response.content.decode()
    assert project.members.count() == 1
    assert client.post(address(secret), ACCOUNT).status_code == 302


def test_no_account_is_made_for_an_invitation_that_was_used_meanwhile(
    client: Client, project: Project, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def used_meanwhile(*, secret: str, user: Any) -> Member:
        # Somebody else is quicker between the page's look at the link and its use.
        accept(secret=secret, user=make_user("quick"))
        return accept(secret=secret, user=user)

    monkeypatch.setattr(invitations, "accept", used_meanwhile)
    response = client.post(address(secret), ACCOUNT)
    assert response.status_code == 410
    assert not get_user_model().objects.filter(username="grace").exists()


def test_a_used_or_revoked_or_made_up_link_says_so(client: Client, project: Project, secret: str) -> None:
    accept(secret=secret, user=make_user())
    invitation, revoked = invite(project=project, user=project.created_by, role=Role.VIEWER)
    revoke_invitation(invitation=invitation, user=project.created_by)
    for one, sentence in [(secret, "used already"), (revoked, "taken back"), ("x", "copied as a whole")]:
        response = client.get(address(one))
        assert response.status_code == 410
        assert sentence in response.content.decode()


def test_nothing_on_the_way_keeps_the_page(client: Client, secret: str) -> None:
    assert "no-store" in client.get(address(secret))["Cache-Control"]


def test_a_new_account_is_no_administrator(client: Client, secret: str) -> None:
    client.post(address(secret), ACCOUNT | {"is_staff": "on", "is_superuser": "on", "role": "owner"})
    grace = get_user_model().objects.get(username="grace")
    assert not grace.is_staff
    assert not grace.is_superuser
    assert Member.objects.get(user=grace).role == Role.ANNOTATOR
