"""A project's page API: commands, tokens, the Python client."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from labeling.access import Act
from labeling.models import Project, Role
from tests.factories import make_member, make_project, make_user
from webapp.accounts.models import ApiToken
from webapp.accounts.tokens import create_token, find_token
from webapp.curl_commands import PLACEHOLDER, curl_commands

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    project = make_project(make_user("owner"))
    client.force_login(project.created_by)
    return project


def page(client: Client, project: Project) -> str:
    return client.get(reverse("project_api", args=[project.pk])).content.decode()


def make(client: Client, project: Project, **wish: Any) -> Any:
    complete = {"name": "scripts", "scopes": ["view", "read"], "days": ""} | wish
    return client.post(reverse("new_project_token", args=[project.pk]), complete)


def test_the_commands_have_the_projects_number_and_host_and_a_place_for_the_token(
    client: Client, project: Project
) -> None:
    shown = page(client, project)
    assert f"http://testserver/api/v1/projects/{project.pk}/read" in shown
    assert PLACEHOLDER in shown


def test_a_new_token_is_in_the_commands_once_and_works_in_this_project_only(
    client: Client, project: Project
) -> None:
    other = make_project(project.created_by, "other")
    answer = make(client, project, days="30")
    [secret] = set(re.findall(r"cwb_[\w-]{20,}", answer.content.decode()))
    assert f"Authorization: Bearer {secret}" in answer.content.decode().replace("&quot;", '"')
    assert PLACEHOLDER not in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    sent = {"authorization": f"Bearer {secret}"}
    stranger = Client()
    assert stranger.get(f"/api/v1/projects/{project.pk}", headers=sent).status_code == 200
    assert stranger.get(f"/api/v1/projects/{other.pk}", headers=sent).status_code == 404
    assert stranger.get(f"/api/v1/projects/{project.pk}/audit", headers=sent).status_code == 403
    later = page(client, project)
    assert secret not in later
    assert PLACEHOLDER in later
    token = ApiToken.objects.get()
    assert token.expires_at is not None
    assert (token.project, token.scopes) == (project, ["view", "read"])


def test_a_token_that_may_do_nothing_is_refused_beside_its_choices(client: Client, project: Project) -> None:
    answer = make(client, project, scopes=[])
    assert answer.status_code == 422
    assert "Choose at least one" in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_nobody_makes_a_token_for_more_than_their_role(client: Client, project: Project) -> None:
    client.force_login(make_member(project, Role.VIEWER, "vera"))
    assert make(client, project, scopes=["view", "train"]).status_code == 422
    assert make(client, project, scopes=["view"]).status_code == 200


def test_viewers_see_the_commands_that_they_may_use(client: Client, project: Project) -> None:
    client.force_login(make_member(project, Role.VIEWER, "vera"))
    shown = page(client, project)
    assert "List the models" in shown
    assert "Start a run" not in shown


def test_everybody_revokes_their_own_token_and_owners_everybodys(client: Client, project: Project) -> None:
    ada = make_member(project, Role.ANNOTATOR, "ada")
    mine, _ = create_token(user=project.created_by, name="mine", project=project)
    hers, secret = create_token(user=ada, name="hers", project=project)
    client.force_login(ada)
    assert "mine" not in re.findall(r"<strong class=\"break\">(.*?)</strong>", page(client, project))
    assert client.post(reverse("revoke_project_token", args=[project.pk, mine.pk])).status_code == 403
    client.force_login(project.created_by)
    assert "of ada" in page(client, project)
    client.post(reverse("revoke_project_token", args=[project.pk, hers.pk]))
    assert find_token(secret) is None
    assert ApiToken.objects.get() == mine


def test_a_token_of_another_project_cannot_be_revoked_here(client: Client, project: Project) -> None:
    other = make_project(project.created_by, "other")
    token, _ = create_token(user=project.created_by, name="other", project=other)
    assert client.post(reverse("revoke_project_token", args=[project.pk, token.pk])).status_code == 404
    everywhere, _ = create_token(user=project.created_by, name="everywhere")
    assert client.post(reverse("revoke_project_token", args=[project.pk, everywhere.pk])).status_code == 404


def test_the_client_is_downloaded_as_one_file(client: Client, project: Project) -> None:
    answer = client.get(reverse("client_module"))
    assert 'filename="captcha_workbench.py"' in answer["Content-Disposition"]
    assert b"class Workbench" in b"".join(answer.streaming_content)


def test_the_page_asks_a_fixed_number_of_queries(
    client: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        create_token(user=make_member(project, Role.VIEWER, f"viewer-{number}"), name="one", project=project)
    with django_assert_max_num_queries(12):
        page(client, project)


def test_every_command_asks_an_address_that_exists(project: Project) -> None:
    for command in curl_commands(project, "http://localhost:8000", "cwb_x"):
        words = shlex.split(command.text.replace("\\\n", ""))
        address = next(word for word in words if word.startswith("http://"))
        path = address.removeprefix("http://localhost:8000").partition("?")[0]
        try:
            assert resolve(path).namespace == "api-1"
        except Resolver404:
            pytest.fail(f"{command.title} asks {path}")


@pytest.mark.parametrize("alphabet", ['"a', "\\b", "$c", "`d", "'e", "ü"])
def test_a_correction_is_json_whatever_the_alphabet(project: Project, alphabet: str, tmp_path: Path) -> None:
    """Let a real shell read the command."""
    project.alphabet, project.min_length = alphabet, 3
    [command] = [
        one for one in curl_commands(project, "http://x", "cwb_x") if one.title.startswith("Correct")
    ]
    (tmp_path / "image.png").write_bytes(b"\x89PNG")
    script = 'curl() { for word in "$@"; do printf "%s\\n" "$word"; done; }\n' + command.text
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    [wish] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert wish == {"text": alphabet[:1] * 3, "image": "iVBORw=="}


def test_every_command_names_an_act_that_its_token_is_for(project: Project) -> None:
    acts = {command.act for command in curl_commands(project, "http://x", "cwb_x")}
    assert acts == {Act.READ, Act.IMPORT, Act.VIEW, Act.TRAIN}
