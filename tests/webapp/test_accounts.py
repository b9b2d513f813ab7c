"""Signing in and out, the password, API tokens."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from webapp.accounts.models import ApiToken
from webapp.accounts.tokens import create_token, user_of

pytestmark = pytest.mark.django_db


def test_a_person_signs_in_and_out(client: Client) -> None:
    make_user()
    response = client.post(reverse("accounts:sign_in"), {"username": "ada", "password": "correct horse"})
    assert response.url == reverse("dashboard")
    client.post(reverse("accounts:sign_out"))
    assert client.get(reverse("accounts:account")).status_code == 302


def test_a_wrong_password_says_what_to_check(client: Client) -> None:
    make_user()
    response = client.post(reverse("accounts:sign_in"), {"username": "ada", "password": "wrong"})
    assert "Check both" in response.content.decode()


def test_a_changed_password_works_and_keeps_one_signed_in(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    wish = {
        "old_password": "correct horse",
        "new_password1": "battery staple",
        "new_password2": "battery staple",
    }
    client.post(reverse("accounts:account"), wish)
    user.refresh_from_db()
    assert user.check_password("battery staple")
    assert client.get(reverse("accounts:account")).status_code == 200


def test_a_new_token_is_shown_once_and_works(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    response = client.post(reverse("accounts:new_token"), {"name": "nightly", "scopes": ["read"]})
    [secret] = re.findall(r"cwb_[\w-]+", response.content.decode())
    assert user_of(secret) == user
    assert response["Cache-Control"] == "no-store"
    page = client.get(reverse("accounts:account")).content.decode()
    assert "nightly" in page
    assert secret not in page


def test_one_revokes_ones_own_tokens_only(client: Client) -> None:
    user = make_user()
    mine, secret = create_token(user=user, name="mine")
    other, _ = create_token(user=make_user("bob"), name="other")
    client.force_login(user)
    client.post(reverse("accounts:revoke_token", args=[mine.pk]))
    assert user_of(secret) is None
    assert client.post(reverse("accounts:revoke_token", args=[other.pk])).status_code == 404
    assert ApiToken.objects.get() == other
