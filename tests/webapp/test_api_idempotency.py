"""Requests that are sent again under the same Idempotency-Key."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from labeling.models import Import, Invitation, Project, Role
from labeling.services import projects
from tests.factories import add_images, make_member, make_project, make_user, png, texts
from training.models import Run
from webapp.accounts.models import StoredAnswer
from webapp.accounts.tokens import create_token
from webapp.api_idempotency import forget_old_answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project(make_user("owner"))
    add_images(project, texts(20))
    return project


def post(client: Client, user: Any, path: str, wish: Any, key: str = "key-1", **token: Any) -> Any:
    secret = create_token(user=user, name="test", **token)[1]
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": key}
    return client.post(f"/api/v1/{path}", wish, content_type="application/json", headers=headers)


def test_the_same_key_starts_one_run_and_answers_the_same(client: Client, project: Project) -> None:
    path = f"projects/{project.pk}/runs"
    first = post(client, project.created_by, path, {"seed": 1})
    again = post(client, project.created_by, path, {"seed": 1})
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert Run.objects.count() == 1


def test_without_a_key_each_request_is_done(client: Client, project: Project) -> None:
    secret = create_token(user=project.created_by, name="test")[1]
    for _ in range(2):
        client.post(
            f"/api/v1/projects/{project.pk}/runs",
            {"seed": 1},
            content_type="application/json",
            headers={"authorization": f"Bearer {secret}"},
        )
    assert Run.objects.count() == 2


def test_the_same_key_with_another_body_or_address_is_refused(client: Client, project: Project) -> None:
    path = f"projects/{project.pk}/runs"
    post(client, project.created_by, path, {"seed": 1})
    for other_path, wish in ((path, {"seed": 2}), (f"{path}/1/clone", {"seed": 1})):
        refused = post(client, project.created_by, other_path, wish)
        assert refused.status_code == 422
        assert "was used for another request" in refused.json()["detail"]
    assert Run.objects.count() == 1


def test_a_narrower_token_learns_nothing_by_the_key_of_a_wider_one(client: Client, project: Project) -> None:
    path = f"projects/{project.pk}/runs"
    post(client, project.created_by, path, {"seed": 1})
    assert post(client, project.created_by, path, {"seed": 1}, scopes=["view"]).status_code == 422


def test_keys_of_different_people_have_nothing_to_do_with_each_other(
    client: Client, project: Project
) -> None:
    ada = make_member(project, Role.ANNOTATOR, "ada")
    path = f"projects/{project.pk}/runs"
    numbers = {post(client, user, path, {"seed": 1}).json()["number"] for user in (project.created_by, ada)}
    assert numbers == {1, 2}


def test_a_refused_request_may_be_corrected_under_its_key(client: Client) -> None:
    ada = make_user("ada")
    wrong = {"name": "codes", "alphabet": "01", "length": "nine"}
    assert post(client, ada, "projects", wrong).status_code == 422
    assert post(client, ada, "projects", wrong | {"length": "9"}).status_code == 201


def test_a_request_under_way_is_not_done_a_second_time(client: Client, project: Project) -> None:
    path = f"projects/{project.pk}/runs"
    post(client, project.created_by, path, {"seed": 1})
    StoredAnswer.objects.update(status=None)
    refused = post(client, project.created_by, path, {"seed": 1})
    assert (refused.status_code, refused["Retry-After"]) == (409, "1")
    assert Run.objects.count() == 1


def test_a_request_that_lost_its_process_may_be_sent_again(client: Client, project: Project) -> None:
    path = f"projects/{project.pk}/runs"
    post(client, project.created_by, path, {"seed": 1})
    StoredAnswer.objects.update(status=None, created_at=timezone.now() - timedelta(minutes=11))
    assert post(client, project.created_by, path, {"seed": 1}).status_code == 202


def test_a_request_that_crashed_may_be_sent_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, wish = make_user("ada"), {"name": "codes", "alphabet": "01", "length": "9"}
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(projects, "parse_length", None)
        answer = post(client, ada, "projects", wish)
        assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert post(client, ada, "projects", wish).status_code == 201


def test_an_upload_is_known_by_its_content_whatever_its_boundary(client: Client, project: Project) -> None:
    secret = create_token(user=project.created_by, name="test")[1]
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": "upload"}
    found = []
    for text, boundary in (("123", "first"), ("123", "second"), ("124", "third")):
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'.encode()
            + png(text)
            + f"\r\n--{boundary}--\r\n".encode()
        )
        answer = client.post(
            f"/api/v1/projects/{project.pk}/imports",
            body,
            content_type=f"multipart/form-data; boundary={boundary}",
            headers=headers,
        )
        found.append((answer.status_code, answer.json().get("id")))
    number = Import.objects.get().pk
    assert found == [(202, number), (202, number), (422, None)]


def test_a_file_is_whole_after_it_was_looked_at(client: Client, project: Project) -> None:
    secret = create_token(user=project.created_by, name="test")[1]
    client.post(
        f"/api/v1/projects/{project.pk}/imports",
        {"files": SimpleUploadedFile("a.png", png("123"))},
        headers={"authorization": f"Bearer {secret}", "idempotency-key": "whole"},
    )
    with Import.objects.get().uploads.get().file.open("rb") as file:
        assert file.read() == png("123")


def test_an_answer_with_a_secret_is_not_kept(client: Client, project: Project) -> None:
    path = f"projects/{project.pk}/invitations"
    made = post(client, project.created_by, path, {"role": "viewer"})
    assert "/join/" in made.json()["link"]
    assert StoredAnswer.objects.get().body is None
    again = post(client, project.created_by, path, {"role": "viewer"})
    assert again.status_code == 409
    assert "told once" in again.json()["detail"]
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("key", ["", "with space", "ü", "x" * 201])
def test_a_key_that_is_none_is_refused(client: Client, project: Project, key: str) -> None:
    answer = post(client, project.created_by, f"projects/{project.pk}/runs", {}, key)
    assert answer.status_code == 400
    assert not Run.objects.exists()


def test_a_stranger_leaves_no_key(client: Client) -> None:
    answer = client.post("/api/v1/projects", {}, headers={"idempotency-key": "mine"})
    assert answer.status_code == 401
    assert not StoredAnswer.objects.exists()


def test_answers_are_kept_for_a_day(client: Client, project: Project) -> None:
    path = f"projects/{project.pk}/runs"
    post(client, project.created_by, path, {"seed": 1}, "old")
    post(client, project.created_by, path, {"seed": 1}, "new")
    StoredAnswer.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))
    forget_old_answers()
    assert [row.key for row in StoredAnswer.objects.all()] == ["new"]


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_the_same_moment_one_is_done() -> None:
    project = make_project(make_user("owner"))
    add_images(project, texts(20))
    secret = create_token(user=project.created_by, name="test")[1]

    def ask(_: int) -> int:
        try:
            answer = Client().post(
                f"/api/v1/projects/{project.pk}/runs",
                {"seed": 1},
                content_type="application/json",
                headers={"authorization": f"Bearer {secret}", "idempotency-key": "together"},
            )
            return answer.status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(ask, range(4)))
    assert set(found) <= {202, 409}
    assert 202 in found
    assert Run.objects.count() == 1
    connection.close()
