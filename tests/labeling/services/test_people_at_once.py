"""Owners, guests and reviewers who act at the same moment: one of them gets through, the others hear why."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from labeling.errors import Refused
from labeling.models import Annotation, AuditEntry, Image, Member, Project, Role
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import submit
from labeling.services.people import accept, change_role, invite, remove_member
from labeling.services.review import SettledAlready, settle_case
from tests.factories import add_images, make_member, make_project, make_user
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 6


def refusals(people: list[Any], act: Callable[[Any], Any]) -> list[Refused]:
    """Let everybody act at once; return what those heard who came too late."""
    heard: list[Refused] = []

    def try_it(person: Any) -> None:
        try:
            act(person)
        except Refused as refusal:
            heard.append(refusal)

    at_once(people, try_it)
    return heard


def test_of_many_who_use_one_link_at_once_one_gets_in() -> None:
    project = make_project()
    guests = [make_user(f"guest-{number}") for number in range(PEOPLE)]
    _, secret = invite(project=project, user=project.created_by, role=Role.ANNOTATOR)
    heard = refusals(guests, lambda guest: accept(secret=secret, user=guest))
    assert len(heard) == PEOPLE - 1
    assert project.members.filter(role=Role.ANNOTATOR).count() == 1


def test_owners_who_remove_one_another_at_once_leave_one() -> None:
    project = make_project()
    owners = [make_member(project, Role.OWNER) for _ in range(PEOPLE - 1)] + [project.created_by]

    def remove_the_next(owner: Any) -> None:
        other = owners[(owners.index(owner) + 1) % len(owners)]
        member = Member.objects.select_related("user", "project").get(project=project, user=other)
        remove_member(member=member, user=owner)

    refusals(owners, remove_the_next)
    assert project.members.filter(role=Role.OWNER).exists()


def test_owners_who_step_down_at_once_leave_one() -> None:
    project = make_project()
    owners = [make_member(project, Role.OWNER) for _ in range(PEOPLE - 1)] + [project.created_by]

    def step_down(owner: Any) -> None:
        member = Member.objects.select_related("user", "project").get(project=project, user=owner)
        change_role(member=member, user=owner, role=Role.VIEWER)

    assert len(refusals(owners, step_down)) >= 1
    assert project.members.filter(role=Role.OWNER).count() == 1


def disputed(project: Project) -> Image:
    [image] = add_images(project, ["123"], labelled=False)
    for text in ("123", "124"):
        submit(image=image, user=make_member(project, Role.ANNOTATOR), text=text, key=uuid4())
    return image


def test_of_reviewers_who_settle_one_dispute_at_once_one_decides() -> None:
    project = make_project(overlap=2)
    image = disputed(project)
    reviewers = [make_member(project, Role.REVIEWER) for _ in range(PEOPLE)]
    heard = refusals(
        reviewers, lambda reviewer: settle_case(image=image, user=reviewer, text="123", key=uuid4())
    )
    assert len(heard) == PEOPLE - 1
    assert all(isinstance(one, SettledAlready) for one in heard)
    assert Annotation.objects.filter(source=AnnotationSource.REVIEW).count() == 1
    assert AuditEntry.objects.filter(action="dispute_settled").count() == 1


def test_a_decision_that_is_sent_many_times_at_once_counts_once() -> None:
    project = make_project(overlap=2)
    image, key = disputed(project), uuid4()
    reviewer = make_member(project, Role.REVIEWER)
    heard = refusals(
        [reviewer] * PEOPLE, lambda user: settle_case(image=image, user=user, text="123", key=key)
    )
    assert heard == []
    assert Annotation.objects.filter(source=AnnotationSource.REVIEW).count() == 1
