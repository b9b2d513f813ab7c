"""Who may do what in a project: the one place that pages, API and commands ask."""

from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from labeling.models import Member, Project, Role

_RANK = {Role.VIEWER: 0, Role.ANNOTATOR: 1, Role.REVIEWER: 2, Role.OWNER: 3}


def role_in(user: Any, project: Project) -> Role | None:
    """Return a user's role in a project, or None for a stranger. Administrators own every project."""
    if user.is_staff:
        return Role.OWNER
    member = Member.objects.filter(project=project, user=user).first()
    return Role(member.role) if member else None


def get_project(
    user: AbstractUser | AnonymousUser,
    project_id: int,
    at_least: Role = Role.VIEWER,
) -> Project:
    """Return a project that the user may act in.

    Raises:
        Http404: no such project, or the user is no member (strangers do not learn that it exists).
        PermissionDenied: the user's role is too low.
    """
    project: Project = get_object_or_404(Project.objects.visible_to(user), pk=project_id)
    role = role_in(user, project)
    if role is None or _RANK[role] < _RANK[at_least]:
        raise PermissionDenied(
            f"This needs the role {at_least.label.lower()} in “{project.name}”. Ask one of its owners."
        )
    return project
