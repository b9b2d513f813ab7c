"""The command that makes API tokens."""

import io

import pytest
from django.core.management import CommandError, call_command

from labeling.access import Scope
from tests.factories import make_project, make_user
from webapp.accounts.tokens import find_token

pytestmark = pytest.mark.django_db


def made(*words: str) -> str:
    out = io.StringIO()
    call_command("create_token", *words, stdout=out)
    return out.getvalue().strip()


def test_a_token_stands_for_whom_it_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    make_user("ada")
    token = find_token(made("nightly", "--as", "ada"))
    assert token is not None
    assert (token.user.username, token.name, token.grant.scopes) == ("ada", "nightly", frozenset(Scope))


def test_a_token_is_for_one_project_some_scopes_and_some_days() -> None:
    project = make_project(make_user("ada"))
    token = find_token(
        made("x", "--as", "ada", "--project", "digits", "--scopes", "view, read", "--days", "3")
    )
    assert token is not None
    assert token.grant.scopes == {Scope.VIEW, Scope.READ}
    assert token.project == project
    assert token.expires_at is not None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--scopes", "fly"], "no scope “fly”"),
        (["--days", "0"], "1 to 3650"),
        (["--project", "nothing"], "no project “nothing”"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], sentence: str) -> None:
    make_user("ada")
    with pytest.raises(CommandError, match=sentence):
        made("x", "--as", "ada", *words)


def test_nobody_gets_a_token_of_a_project_that_is_not_theirs() -> None:
    make_project(make_user("owner"))
    make_user("eve")
    with pytest.raises(CommandError, match="one needs the role"):
        made("x", "--as", "eve", "--project", "digits")
