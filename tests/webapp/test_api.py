from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from labeling.models import Import, Member, Project, Role
from tests.factories import add_images, make_project, make_user, png, texts
from webapp.accounts.models import ApiToken
from webapp.accounts.tokens import create_token, revoke_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(make_user("owner"))


def headers(user: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {create_token(user=user, name='test')[1]}"}


def test_a_stranger_is_told_how_to_sign_in_instead_of_being_redirected(client: Client) -> None:
    for wrong in ({}, {"authorization": "Bearer cwb_wrong"}, {"authorization": "Basic YTpi"}):
        answer = client.get("/api/v1/projects", headers=wrong)
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert "account page" in answer.json()["detail"]


def test_a_token_acts_as_its_person_until_it_is_revoked(client: Client, project: Project) -> None:
    token, secret = create_token(user=project.created_by, name="script")
    with_token = {"authorization": f"Bearer {secret}"}
    answer = client.get("/api/v1/projects", headers=with_token).json()
    assert [row["name"] for row in answer["items"]] == ["digits"]
    assert ApiToken.objects.get().last_used_at is not None
    assert secret not in str(ApiToken.objects.values())
    revoke_token(token=token)
    assert client.get("/api/v1/projects", headers=with_token).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "imports/1"),
        ("get", "imports/1/files"),
        ("post", "imports"),
        ("post", "runs"),
        ("get", "runs/1"),
        ("post", "runs/1/stop"),
        ("post", "read"),
    ],
)
def test_a_project_does_not_exist_for_people_outside_of_it(
    client: Client, project: Project, method: str, path: str
) -> None:
    body: dict[str, Any] = {}
    if method == "post":
        body = {"data": {"files": SimpleUploadedFile("a.png", png("123"))}}
        if path == "runs":
            body = {"data": {}, "content_type": "application/json"}
    answer = getattr(client, method)(
        f"/api/v1/projects/{project.pk}/{path}", headers=headers(make_user("stranger")), **body
    )
    assert answer.status_code == 404


def test_a_viewer_may_look_but_not_import(client: Client, project: Project) -> None:
    viewer = make_user("viewer")
    Member.objects.create(project=project, user=viewer, role=Role.VIEWER)
    answer = client.post(
        f"/api/v1/projects/{project.pk}/imports",
        {"files": SimpleUploadedFile("a.png", png("123"))},
        headers=headers(viewer),
    )
    assert answer.status_code == 403
    assert "annotator" in answer.json()["detail"]
    assert not Import.objects.exists()


def test_a_refused_wish_is_a_problem_with_the_sentence(client: Client, project: Project) -> None:
    answer = client.post(
        "/api/v1/projects",
        {"name": "digits", "alphabet": "01", "length": "nine"},
        content_type="application/json",
        headers=headers(project.created_by),
    )
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert "“nine” is not a length" in answer.json()["detail"]


def test_a_malformed_request_names_the_field(client: Client, project: Project) -> None:
    answer = client.post(
        "/api/v1/projects",
        {"name": "x"},
        content_type="application/json",
        headers=headers(project.created_by),
    )
    assert answer.status_code == 422
    assert {error["loc"][-1] for error in answer.json()["errors"]} == {"alphabet", "length"}


def test_a_run_is_queued_and_stopped(client: Client, project: Project) -> None:
    add_images(project, texts(20))
    start, auth = f"/api/v1/projects/{project.pk}/runs", headers(project.created_by)
    queued = client.post(start, {"max_epochs": 2}, content_type="application/json", headers=auth)
    assert (queued.status_code, queued.json()["state"]) == (202, "queued")
    assert client.post(f"{start}/1/stop", headers=auth).json()["state"] == "stopped"
    assert client.get(f"{start}/1", headers=auth).json()["state"] == "stopped"


def test_reading_without_a_model_says_to_train_one(client: Client, project: Project) -> None:
    answer = client.post(
        f"/api/v1/projects/{project.pk}/read",
        {"files": SimpleUploadedFile("a.png", png("123"))},
        headers=headers(project.created_by),
    )
    assert answer.status_code == 422
    assert "no model yet" in answer.json()["detail"]


def test_the_documentation_loads_nothing_from_elsewhere(client: Client) -> None:
    assert client.get("/api/v1/docs").status_code == 302
    client.force_login(make_user("reader"))
    page = client.get("/api/v1/docs").content.decode()
    assert "/static/ninja/" in page
    assert "//cdn" not in page
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "Captcha Workbench"
