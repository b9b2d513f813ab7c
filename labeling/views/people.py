"""Pages about the people of a project: who is in it, how one of them works, and who did what."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, Max, Min, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labeling.access import Act, allows, get_person, get_project, reaches, role_in
from labeling.errors import Refused
from labeling.models import AuditEntry, Invitation, Lease, Member, Project, Role
from labeling.paging import KeysetPage, keyset_page
from labeling.people_form import InvitationForm
from labeling.services import people as service
from labeling.services.agreement import person_agreement
from labeling.services.audit import Action, action_title, record
from labeling.services.figures import gold_accuracy, pace_of
from labeling.services.queue import live_leases
from labeling.services.queue import return_leases as return_leases_of

MEMBERS_PER_PAGE = 100
ENTRIES_PER_PAGE = 100


@require_GET
def people(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show who is in a project; its owners see invitations and who holds images, too."""
    project = get_project(request.user, project_id)
    return _people_page(request, project, InvitationForm())


@require_POST
def invite(request: HttpRequest, project_id: int) -> HttpResponse:
    """Make an invitation and show its link, this once."""
    project = get_project(request.user, project_id, Act.MANAGE_PEOPLE)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _people_page(request, project, form, status=422)
    role = Role(form.cleaned_data["role"])
    try:
        _, secret = service.invite(
            project=project, user=request.user, role=role, days=form.cleaned_data["days"]
        )
    except Refused as refusal:
        form.add_error("role", str(refusal))
        return _people_page(request, project, form, status=422)
    link = request.build_absolute_uri(reverse("accounts:invitation", args=[secret]))
    response = _people_page(request, project, InvitationForm(), link=link, link_role=role)
    # Neither the browser nor anything on the way keeps a page with a secret on it.
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke_invitation(request: HttpRequest, project_id: int, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    project = get_project(request.user, project_id, Act.MANAGE_PEOPLE)
    invitation = get_object_or_404(Invitation, project=project, pk=invitation_id)
    try:
        service.revoke_invitation(invitation=invitation, user=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The invitation is taken back; its link lets nobody in.")
    return redirect("labeling:people", project.pk)


@require_POST
def change_role(request: HttpRequest, project_id: int, user_id: int) -> HttpResponse:
    """Give a member another role."""
    project = get_project(request.user, project_id, Act.MANAGE_PEOPLE)
    member = _member(project, user_id)
    wish = request.POST.get("role")
    if wish not in Role.values:
        messages.error(request, f"Choose a role: {', '.join(Role.values)}.")
        return redirect("labeling:people", project.pk)
    try:
        service.change_role(member=member, user=request.user, role=Role(wish))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{member.user.label} is now {Role(wish).label.lower()}.")
    return redirect("labeling:people", project.pk)


@require_http_methods(["GET", "POST"])
def remove_person(request: HttpRequest, project_id: int, user_id: int) -> HttpResponse:
    """Say what a member's removal means, and once that is confirmed take the member out of the project."""
    project = get_project(request.user, project_id, Act.MANAGE_PEOPLE)
    member = _member(project, user_id)
    if request.method == "GET":
        context = {"project": project, "member": member, "departure": service.departure_of(member)}
        return render(request, "labeling/remove_person.html", context)
    try:
        service.remove_member(member=member, user=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("labeling:people", project.pk)
    messages.success(request, f"{member.user.label} is out of the project; the annotations stay.")
    if not Project.objects.visible_to(request.user).filter(pk=project.pk).exists():
        return redirect("dashboard")
    return redirect("labeling:people", project.pk)


@require_POST
def return_leases(request: HttpRequest, project_id: int, user_id: int) -> HttpResponse:
    """Give the images that a person holds back to the queue."""
    project = get_project(request.user, project_id, Act.MANAGE_PEOPLE)
    # Who has left may still hold some; of anybody else, a project does not even learn the name.
    held = Exists(Lease.objects.filter(user=OuterRef("pk"), image__project=project))
    member = Exists(project.members.filter(user=OuterRef("pk")))
    holder = get_object_or_404(get_user_model().objects.filter(held | member), pk=user_id)
    return_leases_of(project=project, user=holder)
    record(project=project, user=request.user, action=Action.LEASES_RETURNED, target=holder.label)
    messages.success(request, f"The images that {holder.label} held are free again.")
    return redirect("labeling:people", project.pk)


@require_GET
def person(request: HttpRequest, project_id: int, user_id: int) -> HttpResponse:
    """Show how one person works. Everybody sees oneself; reviewers and owners see everybody."""
    project, found = get_person(request.user, project_id, user_id)
    context = {
        "project": project,
        "person": found,
        "role": Role(found.role).label if found.role else "",
        "pace": pace_of(project, found),
        "gold": gold_accuracy(project, found),
        "agreement": person_agreement(project, found),
    }
    return render(request, "labeling/person.html", context)


@require_GET
def audit(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show who did what in a project, newest first."""
    project = get_project(request.user, project_id, Act.SEE_AUDIT)
    rows = AuditEntry.objects.filter(project=project).select_related("user")
    page: KeysetPage[AuditEntry] = keyset_page(rows, request.GET, size=ENTRIES_PER_PAGE, newest_first=True)
    entries = [(entry, action_title(entry), _detail(entry)) for entry in page.rows]
    return render(request, "labeling/audit.html", {"project": project, "page": page, "entries": entries})


# Ids, for services to find rows again.
_NOT_FOR_PEOPLE = {"annotation", "image"}


def _detail(entry: AuditEntry) -> str:
    """Write what an entry's detail says to people in a line. PostgreSQL keeps no order of its names."""
    said = {
        name: value
        for name, value in entry.detail.items()
        if name not in _NOT_FOR_PEOPLE and not isinstance(value, dict | list) and value not in ("", None)
    }
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in sorted(said.items()))


def _people_page(
    request: HttpRequest, project: Project, form: InvitationForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    members = Member.objects.filter(project=project).select_related("user")
    page: KeysetPage[Member] = keyset_page(members, request.GET, size=MEMBERS_PER_PAGE)
    own_role = role_in(request.user, project)
    may_manage = allows(own_role, Act.MANAGE_PEOPLE)
    context = {
        "project": project,
        "page": page,
        "form": form,
        "roles": [role for role in Role if reaches(own_role, role)],
        "may_manage": may_manage,
        "may_review": allows(own_role, Act.REVIEW),
        "invitations": service.open_invitations(project) if may_manage else [],
        "holders": _holders(project) if may_manage else [],
        **more,
    }
    return render(request, "labeling/people.html", context, status=status)


def _holders(project: Project) -> list[dict[str, Any]]:
    """Return who holds images just now: how many, since when and until when."""
    held = live_leases(project).order_by().values("user")
    rows = held.annotate(images=Count("id"), since=Min("leased_at"), until=Max("expires_at"))
    found = list(rows.order_by("since"))
    users = get_user_model().objects.in_bulk([row["user"] for row in found])
    return [{**row, "user": users[row["user"]]} for row in found]


def _member(project: Project, user_id: int) -> Member:
    return get_object_or_404(Member.objects.select_related("user", "project"), project=project, user=user_id)
