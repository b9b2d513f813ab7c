"""The pages about people, as browsers use them."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from labeling.models import AuditEntry, Invitation, Lease, Member, Project, Role
from labeling.services.annotations import submit
from labeling.services.audit import Action, record
from labeling.services.people import invite
from labeling.services.queue import lease_images
from tests.factories import add_images, make_member, make_project, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def owner(client: Client, project: Project) -> Any:
    """An owner who is signed in."""
    user = make_member(project, Role.OWNER, "olga")
    client.force_login(user)
    return user


def address(name: str, project: Project, *more: Any) -> str:
    return reverse(f"labeling:{name}", args=[project.pk, *more])


def test_every_member_sees_who_is_in_the_project_and_nothing_to_press(
    client: Client, project: Project
) -> None:
    make_member(project, Role.REVIEWER, "rita")
    client.force_login(make_member(project, Role.VIEWER))
    page = client.get(address("people", project)).content.decode()
    assert "rita" in page
    assert "Remove" not in page
    assert "Make a link" not in page


def test_the_link_of_an_invitation_is_shown_once(client: Client, project: Project, owner: Any) -> None:
    response = client.post(address("invite", project), {"role": "annotator", "days": "7"})
    [link] = re.findall(r"http://testserver/join/[\w-]+/", response.content.decode())
    assert response["Cache-Control"] == "no-store"
    assert link not in client.get(address("people", project)).content.decode()
    assert Client().get(link).status_code == 200


def test_days_out_of_range_are_said_beside_the_form(client: Client, project: Project, owner: Any) -> None:
    response = client.post(address("invite", project), {"role": "annotator", "days": "1000"})
    assert response.status_code == 422
    assert "less than or equal to 90" in response.content.decode()
    assert not Invitation.objects.exists()


def test_an_open_invitation_is_listed_and_can_be_taken_back(
    client: Client, project: Project, owner: Any
) -> None:
    invitation, _ = invite(project=project, user=owner, role=Role.REVIEWER)
    assert "Take back" in client.get(address("people", project)).content.decode()
    client.post(address("revoke_invitation", project, invitation.pk))
    assert "Take back" not in client.get(address("people", project)).content.decode()


def test_an_owner_changes_roles_and_removes_people(client: Client, project: Project, owner: Any) -> None:
    ada = make_member(project, Role.VIEWER, "ada")
    client.post(address("change_role", project, ada.pk), {"role": "reviewer"})
    assert Member.objects.get(user=ada).role == Role.REVIEWER
    client.post(address("remove_person", project, ada.pk))
    assert not Member.objects.filter(user=ada).exists()


def test_before_somebody_is_removed_a_page_says_what_that_means(
    client: Client, project: Project, owner: Any
) -> None:
    ada = make_member(project, Role.OWNER, "ada")
    images = add_images(project, texts(3), labelled=False)
    submit(image=images[0], user=ada, text="123", key=uuid4())
    lease_images(project=project, user=ada)
    invite(project=project, user=ada, role=Role.VIEWER)
    assert (
        address("remove_person", project, ada.pk) in client.get(address("people", project)).content.decode()
    )
    page = client.get(address("remove_person", project, ada.pk)).content.decode()
    assert "Remove ada?" in page
    assert "2 images to label, which go back to the queue at once" in page
    assert "1 annotation stays, with the name" in page
    assert "1 link of theirs" in page
    assert Member.objects.filter(user=ada).exists()


def test_a_refused_change_says_why(client: Client) -> None:
    project = make_project()
    client.force_login(project.created_by)
    wish = {"role": "viewer"}
    response = client.post(address("change_role", project, project.created_by.pk), wish, follow=True)
    assert "Make somebody else an owner first" in response.content.decode()


def test_an_owner_who_leaves_lands_on_the_dashboard(client: Client, project: Project, owner: Any) -> None:
    assert client.post(address("remove_person", project, owner.pk)).url == reverse("dashboard")


def test_an_owner_sees_who_holds_images_and_frees_them(client: Client, project: Project, owner: Any) -> None:
    ada = make_member(project, Role.ANNOTATOR, "ada")
    add_images(project, texts(3), labelled=False)
    lease_images(project=project, user=ada)
    assert "3 images, since" in client.get(address("people", project)).content.decode()
    client.post(address("return_leases", project, ada.pk))
    assert not Lease.objects.exists()
    assert AuditEntry.objects.get().action == "leases_returned"


def test_a_persons_page_tells_pace_and_accuracy(client: Client, project: Project, owner: Any) -> None:
    ada = make_member(project, Role.ANNOTATOR, "ada")
    for image in add_images(project, texts(3), labelled=False):
        submit(image=image, user=ada, text="123", key=uuid4(), milliseconds=1500)
    page = client.get(address("person", project, ada.pk)).content.decode()
    assert "1.5 s" in page
    assert "last 3 annotations" in page


def test_who_has_labelled_nothing_is_sent_to_label(client: Client, project: Project, owner: Any) -> None:
    page = client.get(address("person", project, owner.pk)).content.decode()
    assert address("label", project) in page


def test_everybody_sees_oneself_and_nobody_else(client: Client, project: Project) -> None:
    ada, bob = make_member(project, Role.ANNOTATOR), make_member(project, Role.ANNOTATOR)
    client.force_login(ada)
    assert client.get(address("person", project, ada.pk)).status_code == 200
    assert client.get(address("person", project, bob.pk)).status_code == 403


def test_who_has_left_can_still_be_looked_up(client: Client, project: Project, owner: Any) -> None:
    ada = make_member(project, Role.ANNOTATOR, "ada")
    [image] = add_images(project, ["123"], labelled=False)
    submit(image=image, user=ada, text="123", key=uuid4())
    client.post(address("remove_person", project, ada.pk))
    assert "No member" in client.get(address("person", project, ada.pk)).content.decode()


def test_a_stranger_has_no_page(client: Client, project: Project, owner: Any) -> None:
    other = make_project(name="other")
    assert client.get(address("person", project, other.created_by.pk)).status_code == 404


def test_the_trail_is_told_in_words_newest_first(client: Client, project: Project, owner: Any) -> None:
    detail = {"from": "viewer", "to": "owner", "doubt": {"text": "123"}}
    record(project=project, user=owner, action=Action.ROLE_CHANGED, target="ada", detail=detail)
    record(project=project, user=None, action=Action.MODEL_PROMOTED, target="model 4")
    page = client.get(address("audit", project)).content.decode()
    assert page.index("chose the model that reads") < page.index("changed a role")
    assert "from viewer, to owner" in page
    assert "The workbench" in page


def test_the_trail_is_paged_without_counting(client: Client, project: Project, owner: Any) -> None:
    for number in range(150):
        record(project=project, user=owner, action=Action.EXPORT_MADE, target=f"export <{number}>")
    first = client.get(address("audit", project)).content.decode()
    assert "export &lt;149&gt;" in first
    [after] = re.findall(r'rel="next" href="\?(after=\d+)"', first)
    second = client.get(f"{address('audit', project)}?{after}").content.decode()
    assert "export &lt;0&gt;" in second
    assert "export &lt;50&gt;" not in second
    [before] = re.findall(r'rel="prev" href="\?(before=\d+)"', second)
    assert "export &lt;149&gt;" in client.get(f"{address('audit', project)}?{before}").content.decode()


@pytest.mark.parametrize("page", ["people", "audit"])
def test_lists_ask_the_same_number_of_queries_for_3_and_for_60_rows(
    client: Client, project: Project, owner: Any, page: str, django_assert_num_queries: Any
) -> None:
    def add_rows(count: int) -> None:
        for _ in range(count):
            user = make_member(project, Role.ANNOTATOR)
            invite(project=project, user=owner, role=Role.VIEWER)
            add_images(project, ["123"], labelled=False, seed=project.images.count())
            lease_images(project=project, user=user)

    add_rows(3)
    client.get(address(page, project))
    with django_assert_num_queries(15 if page == "people" else 12, exact=False) as before:
        client.get(address(page, project))
    add_rows(57)
    with django_assert_num_queries(len(before)):
        client.get(address(page, project))


@pytest.mark.parametrize("count", [3, 60])
def test_a_persons_page_asks_at_most_15_queries(
    client: Client, project: Project, count: int, django_assert_max_num_queries: Any
) -> None:
    ada = make_member(project, Role.ANNOTATOR, "ada")
    client.force_login(make_member(project, Role.REVIEWER))
    for image in add_images(project, texts(count), labelled=False):
        submit(image=image, user=ada, text="123", key=uuid4())
    client.get(address("person", project, ada.pk))
    with django_assert_max_num_queries(15):
        client.get(address("person", project, ada.pk))
