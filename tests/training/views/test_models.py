"""The list of models, promoting one, and their files."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.models import Member, Project, Role
from tests.factories import add_images, make_member, make_project, make_user, texts
from tests.training.views.rows import add_model, add_run
from training.models import ModelState

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner, "My digits")
    add_images(project, texts(20))
    return project


def test_the_list_asks_the_same_number_of_queries_for_1_and_for_12_models(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    address = reverse("training:models", args=[project.pk])
    for count in (1, 11):
        for _ in range(count):
            add_model(add_run(project))
        with django_assert_num_queries(10):
            page = client.get(address)
    assert page.content.decode().count("90.2 % to 98.4 %") == 24


def test_promoting_puts_one_model_into_production_and_the_former_back(
    client: Client, project: Project
) -> None:
    former, better = (add_model(add_run(project)) for _ in range(2))
    for model in (former, better):
        client.post(reverse("training:promote_model", args=[project.pk, model.pk]))
    former.refresh_from_db()
    better.refresh_from_db()
    assert (former.state, better.state) == (ModelState.CANDIDATE, ModelState.PRODUCTION)


def test_both_files_can_be_downloaded_under_a_name_that_tells_what_they_are(
    client: Client, project: Project
) -> None:
    model = add_model(add_run(project))
    for kind in ("onnx", "keras"):
        answer = client.get(reverse("training:download_model", args=[project.pk, model.pk, kind]))
        assert b"".join(answer.streaming_content) == f"{kind} bytes".encode()
        assert answer["Content-Disposition"] == f'attachment; filename="my-digits-model-1.{kind}"'
    assert (
        client.get(reverse("training:download_model", args=[project.pk, model.pk, "pickle"])).status_code
        == 404
    )


def test_annotators_see_models_but_do_not_promote_them(client: Client, project: Project) -> None:
    model = add_model(add_run(project))
    annotator = make_user("annotator")
    Member.objects.create(project=project, user=annotator, role=Role.ANNOTATOR)
    client.force_login(annotator)
    assert "Promote" not in client.get(reverse("training:models", args=[project.pk])).content.decode()
    assert client.post(reverse("training:promote_model", args=[project.pk, model.pk])).status_code == 403


def test_annotators_are_not_offered_the_files_that_they_may_not_take_out(
    client: Client, project: Project
) -> None:
    model = add_model(add_run(project))
    pages = [
        reverse("training:models", args=[project.pk]),
        model.get_absolute_url(),
        model.run.get_absolute_url(),
    ]
    file = reverse("training:download_model", args=[project.pk, model.pk, "onnx"])
    assert all(file in client.get(page).content.decode() for page in pages)
    client.force_login(make_member(project, Role.ANNOTATOR))
    assert not any(file in client.get(page).content.decode() for page in pages)
    assert client.get(file).status_code == 403


def test_models_of_another_project_stay_out_of_reach(client: Client, project: Project) -> None:
    stranger = make_user("stranger")
    own = make_project(stranger, "own")
    model = add_model(add_run(project))
    client.force_login(stranger)
    for address in (
        reverse("training:download_model", args=[project.pk, model.pk, "onnx"]),
        reverse("training:download_model", args=[own.pk, model.pk, "onnx"]),
    ):
        assert client.get(address).status_code == 404
