"""The people of a project: inviting them by link, letting them in, changing their roles, removing them."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from labeling.access import reaches, role_in
from labeling.errors import Refused
from labeling.models import Annotation, Invitation, Member, Project, Role
from labeling.services.audit import Action, record
from labeling.services.queue import live_leases, return_leases

INVITATION_DAYS = 7
MOST_INVITATION_DAYS = 90
# Somebody may have said something about every image of a large project: more than so many are not counted.
MOST_COUNTED = 1000


def invite(*, project: Project, user: Any, role: Role, days: int = INVITATION_DAYS) -> tuple[Invitation, str]:
    """Make a link's secret that lets one person in; return its row and the secret, which cannot be had again.

    Args:
        user: who invites.
        days: after so many the link is void.

    Raises:
        Refused: the role is above the inviting person's own, or the days are out of range.
    """
    _check_reach(project, user, role)
    if not 1 <= days <= MOST_INVITATION_DAYS:
        raise Refused(
            f"An invitation cannot be good for {days} days. Choose between 1 and {MOST_INVITATION_DAYS}."
        )
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        invitation = Invitation.objects.create(
            project=project,
            role=role,
            secret_hash=_hash(secret),
            created_by=user,
            expires_at=timezone.now() + timedelta(days=days),
        )
        record(
            project=project,
            user=user,
            action=Action.PERSON_INVITED,
            target=f"invitation {invitation.pk}",
            detail={"role": role.value, "days": days},
        )
    return invitation, secret


def open_invitations(project: Project) -> QuerySet[Invitation]:
    """Return the invitations that still let somebody in, newest first."""
    return project.invitations.filter(_is_open(timezone.now())).select_related("created_by")


def find_invitation(secret: str) -> Invitation:
    """Return the invitation behind a link.

    Raises:
        Refused: there is none, or it lets nobody in any more.
    """
    invitation = Invitation.objects.select_related("project", "created_by").filter(secret_hash=_hash(secret))
    found = invitation.first()
    if found is None:
        raise Refused(
            "This link is no invitation. Check that it was copied as a whole, or ask for a new one."
        )
    if found.accepted_at is not None:
        raise _void(found, "was used already; each lets one person in")
    if found.revoked_at is not None:
        raise _void(found, "was taken back")
    if found.expires_at <= timezone.now():
        raise _void(found, "has expired")
    return found


def accept(*, secret: str, user: Any) -> Member:
    """Let a person into the project that a link is for. Of two who use it at once, one gets in.

    Raises:
        Refused: the link lets nobody in any more, or the person is in the project already.
    """
    with transaction.atomic():
        invitation = find_invitation(secret)
        project = invitation.project
        taken = Invitation.objects.filter(_is_open(timezone.now()), pk=invitation.pk).update(
            accepted_by=user, accepted_at=timezone.now()
        )
        if not taken:
            raise _void(invitation, "was used this very moment")
        member, is_new = Member.objects.get_or_create(
            project=project, user=user, defaults={"role": invitation.role}
        )
        if not is_new:
            raise Refused(
                f"You are in “{project.name}” already, as {_with_article(member.role)}. "
                "The link stays good for somebody else."
            )
        record(
            project=project,
            user=user,
            action=Action.PERSON_JOINED,
            target=f"invitation {invitation.pk}",
            detail={"role": member.role},
        )
    return member


def revoke_invitation(*, invitation: Invitation, user: Any) -> None:
    """Take an invitation back, so that its link lets nobody in.

    Raises:
        Refused: somebody came in with it already.
    """
    with transaction.atomic():
        if not _revoke(Invitation.objects.filter(pk=invitation.pk)):
            raise Refused("This invitation lets nobody in any more: it was used, taken back, or has expired.")
        record(
            project=invitation.project,
            user=user,
            action=Action.INVITATION_REVOKED,
            target=f"invitation {invitation.pk}",
            detail={"role": invitation.role},
        )


def change_role(*, member: Member, user: Any, role: Role) -> None:
    """Give a member another role.

    Raises:
        Refused: it is above one's own role, or the project would be left without an owner.
    """
    project = member.project
    with transaction.atomic():
        _check_reach(project, user, role, Role(member.role))
        before = member.role
        if before == role:
            return
        _keep_an_owner(member)
        Member.objects.filter(pk=member.pk).update(role=role)
        member.role = role
        # A link that somebody made as an owner must not be their way back.
        _revoke(_invitations_above(member))
        record(
            project=project,
            user=user,
            action=Action.ROLE_CHANGED,
            target=member.user.label,
            detail={"from": before, "to": role.value},
        )


@dataclass(frozen=True)
class Departure:
    """What a member's removal means: images that go back to the queue, links that become void, and what stays.

    annotations: those that stay, counted up to `MOST_COUNTED`.
    """

    leases: int
    invitations: int
    annotations: int

    @property
    def counts_no_further(self) -> bool:
        return self.annotations == MOST_COUNTED


def departure_of(member: Member) -> Departure:
    """Look what `remove_member` would do, before it is done."""
    held = live_leases(member.project).filter(user=member.user)
    said = Annotation.objects.filter(annotator=member.user, image__project=member.project, withdrawn_at=None)
    return Departure(
        leases=held.count(),
        invitations=open_invitations(member.project).filter(created_by=member.user).count(),
        annotations=said.order_by("-id")[:MOST_COUNTED].count(),
    )


def remove_member(*, member: Member, user: Any) -> None:
    """Take a member out of the project. What the person said about images stays.

    Raises:
        Refused: the member's role is above one's own, or the project would be left without an owner.
    """
    project = member.project
    with transaction.atomic():
        _check_reach(project, user, Role(member.role))
        _keep_an_owner(member)
        member.delete()
        return_leases(project=project, user=member.user)
        _revoke(project.invitations.filter(created_by=member.user))
        record(
            project=project,
            user=user,
            action=Action.PERSON_REMOVED,
            target=member.user.label,
            detail={"role": member.role},
        )


def _check_reach(project: Project, user: Any, *roles: Role) -> None:
    own = role_in(user, project)
    for role in roles:
        if not reaches(own, role):
            raise Refused(
                f"Only {_with_article(role)} of “{project.name}” can decide who is {_with_article(role)} in it."
            )


def _keep_an_owner(member: Member) -> None:
    """Refuse to lose the last owner. Locks all of them, so that two owners cannot remove each other at once."""
    owners = Member.objects.select_for_update().filter(project_id=member.project_id, role=Role.OWNER)
    if [owner.pk for owner in owners.order_by("pk")] == [member.pk]:
        raise Refused(
            f"{member.user.label} is the only owner of “{member.project.name}”. Make somebody else an owner first."
        )


def _invitations_above(member: Member) -> QuerySet[Invitation]:
    above = [role.value for role in Role if not reaches(Role(member.role), role)]
    return member.project.invitations.filter(created_by=member.user, role__in=above)


def _revoke(invitations: QuerySet[Invitation]) -> int:
    now = timezone.now()
    return invitations.filter(_is_open(now)).update(revoked_at=now)


def _is_open(now: datetime) -> Q:
    return Q(accepted_at=None, revoked_at=None, expires_at__gt=now)


def _void(invitation: Invitation, why: str) -> Refused:
    return Refused(
        f"This invitation to “{invitation.project.name}” {why}. Ask one of the project's owners for a new one."
    )


def _with_article(role: str) -> str:
    label = Role(role).label.lower()
    return f"{'an' if label[0] in 'aeiou' else 'a'} {label}"


def _hash(secret: str) -> str:
    # The secret has 256 random bits: a plain hash is enough, there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
