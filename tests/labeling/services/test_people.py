"""Inviting, accepting, changing roles and removing, as pages, API and commands do it."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from labeling.errors import Refused
from labeling.models import AuditEntry, Invitation, Lease, Member, Project, Role
from labeling.services.people import (
    accept,
    change_role,
    find_invitation,
    invite,
    open_invitations,
    remove_member,
    revoke_invitation,
)
from labeling.services.queue import lease_images
from tests.factories import add_images, make_member, make_project, make_user, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Any:
    return make_user("olga")


@pytest.fixture
def project(owner: Any) -> Project:
    return make_project(owner)


@pytest.fixture
def ada() -> Any:
    return make_user("ada")


def member(project: Project, user: Any) -> Member:
    return Member.objects.select_related("user", "project").get(project=project, user=user)


def test_whoever_has_the_link_joins_with_its_role(project: Project, owner: Any, ada: Any) -> None:
    _, secret = invite(project=project, user=owner, role=Role.REVIEWER)
    accept(secret=secret, user=ada)
    assert member(project, ada).role == Role.REVIEWER


def test_only_a_hash_of_the_secret_is_kept(project: Project, owner: Any) -> None:
    invitation, secret = invite(project=project, user=owner, role=Role.VIEWER)
    assert invitation.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(AuditEntry.objects.values())


def test_an_invitation_is_good_for_seven_days(project: Project, owner: Any, ada: Any) -> None:
    invitation, secret = invite(project=project, user=owner, role=Role.VIEWER)
    assert abs(invitation.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    Invitation.objects.update(expires_at=timezone.now())
    with pytest.raises(Refused, match="has expired"):
        accept(secret=secret, user=ada)


def test_an_invitation_lets_one_person_in(project: Project, owner: Any, ada: Any) -> None:
    _, secret = invite(project=project, user=owner, role=Role.VIEWER)
    accept(secret=secret, user=ada)
    with pytest.raises(Refused, match="was used already"):
        accept(secret=secret, user=make_user("bob"))
    assert project.members.count() == 2


def test_a_revoked_invitation_lets_nobody_in(project: Project, owner: Any, ada: Any) -> None:
    invitation, secret = invite(project=project, user=owner, role=Role.VIEWER)
    revoke_invitation(invitation=invitation, user=owner)
    with pytest.raises(Refused, match="was taken back"):
        accept(secret=secret, user=ada)
    assert not open_invitations(project).exists()


def test_a_used_invitation_cannot_be_revoked(project: Project, owner: Any, ada: Any) -> None:
    invitation, secret = invite(project=project, user=owner, role=Role.VIEWER)
    accept(secret=secret, user=ada)
    with pytest.raises(Refused, match="lets nobody in any more"):
        revoke_invitation(invitation=invitation, user=owner)


def test_a_made_up_secret_is_no_invitation(db: None) -> None:
    with pytest.raises(Refused, match="copied as a whole"):
        find_invitation("guessed")


def test_a_member_who_opens_a_link_leaves_it_to_somebody_else(project: Project, owner: Any, ada: Any) -> None:
    _, secret = invite(project=project, user=owner, role=Role.VIEWER)
    with pytest.raises(Refused, match="already, as an owner"):
        accept(secret=secret, user=owner)
    assert accept(secret=secret, user=ada).role == Role.VIEWER


@pytest.mark.parametrize("days", [0, 91])
def test_an_invitation_is_good_for_one_to_ninety_days(project: Project, owner: Any, days: int) -> None:
    with pytest.raises(Refused, match="between 1 and 90"):
        invite(project=project, user=owner, role=Role.VIEWER, days=days)


def test_nobody_invites_to_a_role_above_ones_own(project: Project) -> None:
    reviewer = make_member(project, Role.REVIEWER)
    with pytest.raises(Refused, match="Only an owner"):
        invite(project=project, user=reviewer, role=Role.OWNER)
    assert not Invitation.objects.exists()


def test_nobody_gives_a_role_above_ones_own(project: Project) -> None:
    reviewer, viewer = make_member(project, Role.REVIEWER), make_member(project, Role.VIEWER)
    with pytest.raises(Refused, match="Only an owner"):
        change_role(member=member(project, viewer), user=reviewer, role=Role.OWNER)


def test_nobody_takes_a_role_above_ones_own_away(project: Project, owner: Any) -> None:
    reviewer = make_member(project, Role.REVIEWER)
    make_member(project, Role.OWNER)
    with pytest.raises(Refused, match="Only an owner"):
        remove_member(member=member(project, owner), user=reviewer)


def test_the_last_owner_can_be_neither_removed_nor_demoted(project: Project, owner: Any) -> None:
    only = member(project, owner)
    with pytest.raises(Refused, match="only owner"):
        change_role(member=only, user=owner, role=Role.VIEWER)
    with pytest.raises(Refused, match="only owner"):
        remove_member(member=only, user=owner)
    assert member(project, owner).role == Role.OWNER


def test_one_of_two_owners_can_go(project: Project, owner: Any) -> None:
    make_member(project, Role.OWNER)
    remove_member(member=member(project, owner), user=owner)
    assert not project.members.filter(user=owner).exists()


def test_an_administrator_needs_no_membership_to_manage_people(project: Project, ada: Any) -> None:
    admin = make_user("root", staff=True)
    _, secret = invite(project=project, user=admin, role=Role.OWNER)
    accept(secret=secret, user=ada)
    change_role(member=member(project, ada), user=admin, role=Role.VIEWER)
    assert member(project, ada).role == Role.VIEWER


def test_who_is_removed_holds_no_images_any_more(project: Project, owner: Any) -> None:
    annotator = make_member(project, Role.ANNOTATOR)
    add_images(project, texts(3), labelled=False)
    lease_images(project=project, user=annotator)
    remove_member(member=member(project, annotator), user=owner)
    assert not Lease.objects.exists()


def test_who_is_removed_cannot_come_back_by_a_link_of_ones_own(project: Project, owner: Any) -> None:
    other = make_member(project, Role.OWNER)
    _, secret = invite(project=project, user=other, role=Role.OWNER)
    remove_member(member=member(project, other), user=owner)
    with pytest.raises(Refused, match="was taken back"):
        accept(secret=secret, user=other)


def test_who_is_demoted_keeps_no_links_to_higher_roles(project: Project, owner: Any) -> None:
    other = make_member(project, Role.OWNER)
    _, above = invite(project=project, user=other, role=Role.OWNER)
    _, below = invite(project=project, user=other, role=Role.VIEWER)
    change_role(member=member(project, other), user=owner, role=Role.ANNOTATOR)
    with pytest.raises(Refused, match="was taken back"):
        find_invitation(above)
    assert find_invitation(below).role == Role.VIEWER


def test_every_act_leaves_a_trail(project: Project, owner: Any, ada: Any) -> None:
    invitation, _ = invite(project=project, user=owner, role=Role.VIEWER)
    revoke_invitation(invitation=invitation, user=owner)
    _, secret = invite(project=project, user=owner, role=Role.VIEWER)
    accept(secret=secret, user=ada)
    change_role(member=member(project, ada), user=owner, role=Role.REVIEWER)
    remove_member(member=member(project, ada), user=owner)
    trail = list(project.audit_entries.order_by("id").values_list("user__username", "action"))
    assert trail == [
        ("olga", "person_invited"),
        ("olga", "invitation_revoked"),
        ("olga", "person_invited"),
        ("ada", "person_joined"),
        ("olga", "role_changed"),
        ("olga", "person_removed"),
    ]


def test_a_refused_act_leaves_no_trail(project: Project, owner: Any) -> None:
    with pytest.raises(Refused):
        remove_member(member=member(project, owner), user=owner)
    assert not project.audit_entries.exists()
