"""Who may do what in a project: the one table that pages, API and commands ask."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404

from labeling.models import Annotation, Member, Project, Role


class Act(StrEnum):
    """Something that one may or may not do in a project, in words that fit behind “You may not”."""

    VIEW = "look at this project"
    LABEL = "label images"
    IMPORT = "import images"
    PREPARE = "change the preparation"
    READ = "read new images"
    TRAIN = "train models"
    EXPORT = "export images, labels and models"
    REVIEW = "review labels"
    PROMOTE = "choose the model that reads"
    DELETE_RUNS = "delete runs"
    DELETE_IMAGES = "delete images"
    CHANGE_SETTINGS = "change the project's settings"
    MANAGE_PEOPLE = "invite or remove people"
    SEE_AUDIT = "see who did what"
    DELETE_PROJECT = "delete the project"


ALLOWED_FROM: dict[Act, Role] = {
    Act.VIEW: Role.VIEWER,
    Act.LABEL: Role.ANNOTATOR,
    Act.IMPORT: Role.ANNOTATOR,
    Act.PREPARE: Role.ANNOTATOR,
    Act.READ: Role.ANNOTATOR,
    Act.TRAIN: Role.ANNOTATOR,
    Act.EXPORT: Role.REVIEWER,
    Act.REVIEW: Role.REVIEWER,
    Act.PROMOTE: Role.REVIEWER,
    Act.DELETE_RUNS: Role.OWNER,
    Act.DELETE_IMAGES: Role.OWNER,
    Act.CHANGE_SETTINGS: Role.OWNER,
    Act.MANAGE_PEOPLE: Role.OWNER,
    Act.SEE_AUDIT: Role.OWNER,
    Act.DELETE_PROJECT: Role.OWNER,
}
"""The least role that may do it; every higher one may, too.

What takes a project's work out of the site as files is one act, EXPORT, and takes a reviewer: images, labels, and the
models that were made of them. Annotators read with the models in here.
"""


class Scope(StrEnum):
    """A kind of acts that a token may be for."""

    VIEW = "view"
    READ = "read"
    LABEL = "label"
    IMPORT = "import"
    TRAIN = "train"
    EXPORT = "export"
    MANAGE = "manage"


SCOPE_OF: dict[Act, Scope] = {
    Act.VIEW: Scope.VIEW,
    Act.READ: Scope.READ,
    Act.LABEL: Scope.LABEL,
    Act.REVIEW: Scope.LABEL,
    Act.IMPORT: Scope.IMPORT,
    Act.PREPARE: Scope.TRAIN,
    Act.TRAIN: Scope.TRAIN,
    Act.PROMOTE: Scope.TRAIN,
    Act.EXPORT: Scope.EXPORT,
    Act.DELETE_RUNS: Scope.MANAGE,
    Act.DELETE_IMAGES: Scope.MANAGE,
    Act.CHANGE_SETTINGS: Scope.MANAGE,
    Act.MANAGE_PEOPLE: Scope.MANAGE,
    Act.SEE_AUDIT: Scope.MANAGE,
    Act.DELETE_PROJECT: Scope.MANAGE,
}
"""What a token must be for, so that its bearer may do something that the person behind it may do."""


@dataclass(frozen=True)
class Grant:
    """How much of what a person may do is granted to whoever acts with one of their tokens.

    The user of a request carries it as `grant`; None for a person who is here in person.
    """

    scopes: frozenset[Scope]
    project_id: int | None = None

    def allows(self, act: Act) -> bool:
        return SCOPE_OF[act] in self.scopes


def grant_of(user: Any) -> Grant | None:
    """Return what the token that a user acts with is for; None where it is the person."""
    return getattr(user, "grant", None)


_RANK = {Role.VIEWER: 0, Role.ANNOTATOR: 1, Role.REVIEWER: 2, Role.OWNER: 3}


def role_in(user: Any, project: Project) -> Role | None:
    """Return a user's role in a project, or None for a stranger. Administrators own every project.

    Of a project that `get_project` has returned to the same user, it is known already: a page asks several times.
    """
    if user.is_staff:
        return Role.OWNER
    if project.visitor is not None and project.visitor[0] == user.pk:
        return project.visitor[1]
    member = Member.objects.filter(project=project, user=user).first()
    return Role(member.role) if member else None


def reaches(role: Role | None, other: Role) -> bool:
    """Whether a role is at least as high as another."""
    return role is not None and _RANK[role] >= _RANK[other]


def allows(role: Role | None, act: Act) -> bool:
    """Whether a role is enough for an act."""
    return reaches(role, ALLOWED_FROM[act])


def may(user: Any, project: Project, act: Act) -> bool:
    """Whether a user may do something in a project."""
    grant = grant_of(user)
    granted = grant is None or (grant.allows(act) and grant.project_id in (None, project.pk))
    return granted and allows(role_in(user, project), act)


def check(user: Any, project: Project, act: Act) -> None:
    """Say no where a user's role is not enough, or where the user's token is not for this.

    Raises:
        PermissionDenied: the role is too low, or there is none; or the token lacks the scope.
    """
    check_grant(user, act)
    if not may(user, project, act):
        raise PermissionDenied(
            f"To {act} one needs the role {ALLOWED_FROM[act].label.lower()} in “{project.name}”. "
            "Ask one of its owners."
        )


def check_grant(user: Any, act: Act) -> None:
    """Say no where a user's token is not for this, whatever the project.

    Raises:
        PermissionDenied: the token lacks the scope.
    """
    grant = grant_of(user)
    if grant is not None and not grant.allows(act):
        raise PermissionDenied(
            f"To {act} a token needs the scope “{SCOPE_OF[act]}”, which this one has not. Make one that has."
        )


def check_may_create(user: Any) -> None:
    """Say no where a user's token may not make new projects.

    Raises:
        PermissionDenied: it belongs to one project, or lacks the scope.
    """
    grant = grant_of(user)
    if grant is not None and (grant.project_id is not None or Scope.MANAGE not in grant.scopes):
        raise PermissionDenied(
            "To create projects a token needs the scope “manage” and must not belong to one project. "
            "Make such a one on your account page."
        )


def get_project(
    user: AbstractUser | AnonymousUser, project_id: int, act: Act = Act.VIEW, *, with_counts: bool = True
) -> Project:
    """Return a project that the user may act in, with its counts as they are now.

    Args:
        with_counts: False where they will change before they are shown; they are then read when somebody asks.

    Raises:
        Http404: no such project, or the user is no member (strangers do not learn that it exists).
        PermissionDenied: the user's role is too low.
    """
    projects = Project.objects.visible_to(user)
    if with_counts:
        projects = projects.with_counts()
    if user.is_staff:
        project, role = get_object_or_404(projects, pk=project_id), Role.OWNER
    else:
        # Of the membership that makes it visible: every request asks this, so it asks once.
        project = get_object_or_404(projects.annotate(role=F("members__role")), pk=project_id)
        role = Role(cast(Any, project).role)
    project.visitor = (user.pk, role)
    check(user, project, act)
    return project


def get_person(user: AbstractUser | AnonymousUser, project_id: int, person_id: int) -> tuple[Project, Any]:
    """Return a project, and somebody in it whose figures the user may see: oneself, or anybody for reviewers.

    The person comes with `role`, None for somebody who has left; annotations still tell who that was.

    Raises:
        Http404: no such project or person, or the user is no member.
        PermissionDenied: it is somebody else, and the user's role is too low.
    """
    project = get_project(user, project_id, Act.VIEW if person_id == user.pk else Act.REVIEW)
    membership = Member.objects.filter(project=project, user=OuterRef("pk"))
    annotated = Exists(Annotation.objects.filter(annotator=OuterRef("pk"), image__project=project))
    people = get_user_model().objects.annotate(role=Subquery(membership.values("role")[:1]))
    known = people.filter(annotated | Q(role__isnull=False) | Q(pk=user.pk))
    return project, get_object_or_404(known, pk=person_id)
