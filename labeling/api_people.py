"""API routes about people: who is in a project, invitations, how one works, and who did what."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Query, Router, Schema, Status

from labeling.access import Act, get_person, get_project
from labeling.api_paging import Page, Paging, cursor_page
from labeling.api_shares import ShareOut
from labeling.models import AuditEntry, Invitation, Member, Project, Role
from labeling.services import people
from labeling.services.agreement import person_agreement
from labeling.services.figures import gold_accuracy, pace_of

router = Router(tags=["people"])


class MemberOut(Schema):
    user: int
    name: str
    role: Role
    created_at: datetime

    @staticmethod
    def resolve_user(member: Member) -> int:
        return member.user_id

    @staticmethod
    def resolve_name(member: Member) -> str:
        return member.user.username


class RoleIn(Schema):
    role: Role


class InvitationIn(RoleIn):
    days: int = people.INVITATION_DAYS


class InvitationOut(Schema):
    id: int
    role: Role
    created_at: datetime
    expires_at: datetime


class NewInvitationOut(InvitationOut):
    link: str


class PaceOut(Schema):
    images: int
    per_hour: float | None
    median: float | None
    nearly_all: float | None


class PersonOut(Schema):
    pace: PaceOut
    agreement: ShareOut
    agreed_text: ShareOut
    kappa: float | None
    gold: ShareOut


class AuditEntryOut(Schema):
    id: int
    user: str | None
    action: str
    target: str
    detail: dict[str, Any]
    created_at: datetime

    @staticmethod
    def resolve_user(entry: AuditEntry) -> str | None:
        return entry.user.username if entry.user else None


@router.get("/projects/{project_id}/people", response=Page[MemberOut], summary="Who is in a project")
def list_people(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    members = Member.objects.filter(project=get_project(request.user, project_id)).select_related("user")
    return cursor_page(members, paging, key="user_id")


@router.patch(
    "/projects/{project_id}/people/{user_id}", response=MemberOut, summary="Give a member another role"
)
def change_role(request: HttpRequest, project_id: int, user_id: int, wish: RoleIn) -> Member:
    member = _member(get_project(request.user, project_id, Act.MANAGE_PEOPLE), user_id)
    people.change_role(member=member, user=request.user, role=wish.role)
    return member


@router.delete("/projects/{project_id}/people/{user_id}", response={204: None}, summary="Remove a member")
def remove_person(request: HttpRequest, project_id: int, user_id: int) -> Status[None]:
    """What the person said about images stays."""
    member = _member(get_project(request.user, project_id, Act.MANAGE_PEOPLE), user_id)
    people.remove_member(member=member, user=request.user)
    return Status(204, None)


@router.get(
    "/projects/{project_id}/people/{user_id}/figures", response=PersonOut, summary="How one person works"
)
def show_figures(request: HttpRequest, project_id: int, user_id: int) -> dict[str, Any]:
    """Told from the person's last 1,000 annotations. `nearly_all`: nine in ten images take at most so many seconds."""
    project, user = get_person(request.user, project_id, user_id)
    agreement = person_agreement(project, user)
    return {
        "pace": pace_of(project, user),
        "agreement": ShareOut.of(agreement.readings if agreement else None),
        "agreed_text": ShareOut.of(agreement.settled if agreement else None),
        "kappa": agreement.kappa if agreement else None,
        "gold": ShareOut.of(gold_accuracy(project, user)),
    }


@router.get("/projects/{project_id}/invitations", response=Page[InvitationOut], summary="Open invitations")
def list_invitations(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    project = get_project(request.user, project_id, Act.MANAGE_PEOPLE)
    return cursor_page(people.open_invitations(project), paging, newest_first=True)


@router.post(
    "/projects/{project_id}/invitations", response={201: NewInvitationOut}, summary="Invite somebody by link"
)
def add_invitation(
    request: HttpRequest, project_id: int, wish: InvitationIn, response: HttpResponse
) -> Status[dict[str, Any]]:
    """The link lets one person in and is told this once."""
    project = get_project(request.user, project_id, Act.MANAGE_PEOPLE)
    invitation, secret = people.invite(project=project, user=request.user, role=wish.role, days=wish.days)
    link = request.build_absolute_uri(reverse("accounts:invitation", args=[secret]))
    response["Cache-Control"] = "no-store"
    return Status(201, {**InvitationOut.from_orm(invitation).dict(), "link": link})


@router.delete(
    "/projects/{project_id}/invitations/{invitation_id}",
    response={204: None},
    summary="Take an invitation back",
)
def revoke_invitation(request: HttpRequest, project_id: int, invitation_id: int) -> Status[None]:
    project = get_project(request.user, project_id, Act.MANAGE_PEOPLE)
    invitation = get_object_or_404(Invitation, project=project, pk=invitation_id)
    people.revoke_invitation(invitation=invitation, user=request.user)
    return Status(204, None)


@router.get("/projects/{project_id}/audit", response=Page[AuditEntryOut], summary="Who did what")
def list_audit(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    """Newest first."""
    project = get_project(request.user, project_id, Act.SEE_AUDIT)
    entries = AuditEntry.objects.filter(project=project).select_related("user")
    return cursor_page(entries, paging, newest_first=True)


def _member(project: Project, user_id: int) -> Member:
    return get_object_or_404(Member.objects.select_related("user", "project"), project=project, user=user_id)
