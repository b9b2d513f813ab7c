"""The command that invites somebody."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from labeling.models import Role
from labeling.services.people import accept, find_invitation
from tests.factories import make_member, make_project, make_user

pytestmark = pytest.mark.django_db


def invite(*arguments: str) -> str:
    out = io.StringIO()
    call_command("invite", "digits", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_prints_a_link_that_lets_one_person_in() -> None:
    project = make_project()
    owner = project.created_by
    link = invite("--as", owner.username, "--role", "reviewer", "--site", "https://labels.example/")
    assert link.startswith("https://labels.example/join/")
    secret = link.rstrip("/").rsplit("/", 1)[-1]
    assert accept(secret=secret, user=make_user()).role == Role.REVIEWER


def test_in_json_the_link_comes_with_its_end() -> None:
    project = make_project()
    answer = json.loads(invite("--as", project.created_by.username, "--days", "2", "--json"))
    found = find_invitation(answer["link"].rstrip("/").rsplit("/", 1)[-1])
    assert (found.pk, found.expires_at.isoformat()) == (answer["id"], answer["expires_at"])


def test_without_a_name_an_administrator_invites() -> None:
    make_project()
    admin = make_user("root", staff=True)
    admin.is_superuser = True
    admin.save()
    secret = invite().rstrip("/").rsplit("/", 1)[-1]
    assert find_invitation(secret).created_by == admin


def test_without_an_administrator_somebody_must_be_named() -> None:
    make_project()
    with pytest.raises(CommandError, match="no administrator yet"):
        invite()


def test_a_name_that_nobody_has_is_said() -> None:
    make_project()
    with pytest.raises(CommandError, match="There is no user “nobody”"):
        invite("--as", "nobody")


def test_the_role_of_whom_one_acts_as_must_be_enough() -> None:
    make_member(make_project(), Role.REVIEWER, "rita")
    with pytest.raises(CommandError, match="one needs the role owner"):
        invite("--as", "rita")
